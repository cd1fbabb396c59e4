import { DIGEST_STATE_BYTES } from '../abi/digest.js';
import { invariant } from '../errors/errors.js';
import type { Core } from './core.js';
import { DigestStream } from './digest.js';

const STAGE_OFFSET = Math.ceil(DIGEST_STATE_BYTES / 64) * 64;

/** Bytes of the linear memory that a ByteDigest wants: its state, and a stage for JS bytes. */
export const BYTE_DIGEST_BYTES = 65_536;

/**
 * Running XXH64 of bytes wherever they are: views of the linear memory are hashed in place, others
 * are copied into a stage first.
 */
export class ByteDigest {
  readonly #core: Core;
  readonly #stream: DigestStream;
  readonly #stagePtr: number;

  /** @param ptr BYTE_DIGEST_BYTES of the linear memory, 8-byte aligned, kept until the last hex() */
  constructor(core: Core, ptr: number) {
    this.#core = core;
    this.#stream = new DigestStream(core, ptr);
    this.#stagePtr = ptr + STAGE_OFFSET;
  }

  update(bytes: Uint8Array): void {
    const { views } = this.#core;
    if (bytes.buffer === views.memory.buffer) {
      this.#stream.update(bytes.byteOffset, bytes.byteLength);
      return;
    }
    const stageBytes = BYTE_DIGEST_BYTES - STAGE_OFFSET;
    invariant(stageBytes > 0, 'the stage has room');
    for (let at = 0; at < bytes.byteLength; at += stageBytes) {
      const part = bytes.subarray(at, at + stageBytes);
      views.u8.set(part, this.#stagePtr);
      this.#stream.update(this.#stagePtr, part.byteLength);
    }
  }

  /** 16 hex digits of the bytes so far. */
  hex(): string {
    return this.#stream.hex();
  }
}
