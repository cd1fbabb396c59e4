// The export surface of the core. Each kernel lives in a file of its own; this one only re-exports.
import { ABI_VERSION as VERSION } from "../src/abi/version";

/** Compared by the host when it loads the module. */
export function abiVersion(): i32 {
  return VERSION;
}

export { xxh64, xxh64Finish, xxh64Init, xxh64Update, xxh64Word } from "./digest";
