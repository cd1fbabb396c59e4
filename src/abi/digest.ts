// The state of a streaming XXH64 (assembly/digest.ts). Offsets in bytes; u64 each.

/** The four lanes, 32 bytes. */
export const DIGEST_LANES = 0;
/** Bytes seen so far. */
export const DIGEST_TOTAL_BYTES = 32;
/** The bytes of the stripe that is not full yet, 32 bytes. */
export const DIGEST_STRIPE = 40;
export const DIGEST_STATE_BYTES = 72;
