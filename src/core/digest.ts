import { hex16 } from '../units/xxh64.js';
import type { Core } from './core.js';

/** XXH64, seed 0 (assembly/digest.ts). 64-bit results arrive as signed bigints: see {@link hex16}. */
export interface DigestKernels {
  /** Digest of `byteLength` bytes at `ptr`, at most 4 GiB; any alignment. */
  xxh64(ptr: number, byteLength: number): bigint;
  /** Starts a stream in the DIGEST_STATE_BYTES (src/abi/digest.ts) at `statePtr`, 8-byte aligned. */
  xxh64Init(statePtr: number): void;
  /** Adds bytes to a stream; any alignment and length. */
  xxh64Update(statePtr: number, ptr: number, byteLength: number): void;
  /** Adds one 64-bit word to a stream that holds a multiple of 8 bytes so far. */
  xxh64Word(statePtr: number, word: bigint): void;
  /** Digest of the bytes so far; the stream may go on. */
  xxh64Finish(statePtr: number): bigint;
}

/** XXH64 (seed 0) of a range of the linear memory, as 16 lower-case hex digits. */
export function xxh64Hex(core: Core, ptr: number, byteLength: number): string {
  return hex16(core.kernels.xxh64(ptr, byteLength));
}

/**
 * Digest of a stream that arrives in pieces, for instance a file that is written slot by slot.
 * Its state is DIGEST_STATE_BYTES of the linear memory that the caller owns and keeps until
 * {@link hex} was called for the last time.
 */
export class DigestStream {
  readonly #core: Core;
  readonly #statePtr: number;

  /** @param statePtr DIGEST_STATE_BYTES, 8-byte aligned */
  constructor(core: Core, statePtr: number) {
    this.#core = core;
    this.#statePtr = statePtr;
    core.kernels.xxh64Init(statePtr);
  }

  update(ptr: number, byteLength: number): void {
    this.#core.kernels.xxh64Update(this.#statePtr, ptr, byteLength);
  }

  /** 16 hex digits of the bytes so far; more may follow. */
  hex(): string {
    return hex16(this.#core.kernels.xxh64Finish(this.#statePtr));
  }
}
