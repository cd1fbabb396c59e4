// Read by both compilers (asc and tsc): un-annotated integer constants only, no imports.
// Raised whenever a kernel's signature or a layout in this folder changes; the host refuses a core
// whose exported ABI_VERSION is not this one.
export const ABI_VERSION = 4;
