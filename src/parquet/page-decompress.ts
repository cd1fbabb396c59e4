import { STATUS_TRUNCATED } from '../abi/status.js';
import type { Core } from '../core/core.js';
import { CRC_TABLE_BYTES } from '../core/crc32.js';

/** CRC-32 of bytes, as zlib has it: where the host has a faster one than the core. */
export type Crc32 = (bytes: Uint8Array) => number;

/** Decompresses what the core does not; Node's are in load-node.ts. */
export interface PageCodecs {
  /** @throws Error with a reason when the page is not exactly `byteLength` bytes */
  decompress(codec: string, page: Uint8Array, byteLength: number): Uint8Array;
}

/** Decompresses pages, and computes their checksums, in the shared memory. */
export class Decompressor {
  readonly #core: Core;
  readonly #crcTablesPtr: number;
  readonly #crc32: Crc32 | null;
  readonly #codecs: PageCodecs;

  /** @param tablesPtr CRC_TABLE_BYTES that are this one's; unused where `crc32` is given */
  constructor(core: Core, tablesPtr: number, codecs: PageCodecs, crc32: Crc32 | null) {
    this.#core = core;
    this.#crcTablesPtr = tablesPtr;
    this.#crc32 = crc32;
    this.#codecs = codecs;
    if (crc32 === null) core.kernels.crc32Init(tablesPtr);
  }

  static readonly tableBytes = CRC_TABLE_BYTES;

  /** As unsigned or signed 32 bits: compare with `| 0`. */
  crc32(ptr: number, byteLength: number): number {
    const { kernels, views } = this.#core;
    if (this.#crc32 !== null) return this.#crc32(views.bytes(ptr, byteLength));
    return kernels.crc32(this.#crcTablesPtr, ptr, byteLength, 0);
  }

  /**
   * Decompresses a page to `toPtr`, which has SLACK_BYTES behind its `toBytes`, as the page has.
   * @returns what is wrong with the page; null: nothing
   */
  decompress(
    codec: string,
    from: { readonly ptr: number; readonly byteLength: number },
    toPtr: number,
    toBytes: number,
  ): string | null {
    const { kernels, views } = this.#core;
    const { ptr, byteLength } = from;
    if (codec === 'SNAPPY' || codec === 'LZ4_RAW') {
      const written =
        codec === 'SNAPPY'
          ? kernels.snappyDecompressInto(ptr, byteLength, toPtr, toBytes)
          : kernels.lz4DecompressInto(ptr, byteLength, toPtr, toBytes);
      if (written === toBytes) return null;
      const why = -written === STATUS_TRUNCATED ? 'ends too early' : 'contradicts its format';
      return `its ${codec} stream of ${byteLength} bytes for ${toBytes} ${why}`;
    }
    try {
      const bytes = this.#codecs.decompress(codec, views.bytes(ptr, byteLength), toBytes);
      views.u8.set(bytes, toPtr);
      return null;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return `its ${codec} stream cannot be decompressed: ${reason}`;
    }
  }
}
