import { STATUS_TRUNCATED } from '../abi/status.js';
import type { Core } from '../core/core.js';
import { CRC_TABLE_BYTES } from '../core/crc32.js';
import { invariant } from '../errors/errors.js';
import { CodecDefect, type PageCodecs } from './decompress.js';

/** CRC-32 of bytes, as zlib has it: where the host has a faster one than the core. */
export type Crc32 = (bytes: Uint8Array) => number;

/** Decompresses pages, and computes their checksums, in the shared memory. */
export class Decompressor {
  readonly #core: Core;
  readonly #crcTablesPtr: number;
  readonly #crc32: Crc32 | null;
  readonly #codecs: PageCodecs | null;

  /**
   * @param codecs null where the core's own will do
   * @param tablesPtr CRC_TABLE_BYTES that are this one's; unused where `crc32` is given
   */
  constructor(core: Core, tablesPtr: number, codecs: PageCodecs | null, crc32: Crc32 | null) {
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
    const codecs = this.#codecs;
    invariant(codecs !== null, 'codecs are loaded before the first page that needs one');
    invariant(codecs.has(codec), `codec ${codec} was not loaded`);
    try {
      views.u8.set(codecs.decompress(codec, views.bytes(ptr, byteLength), toBytes), toPtr);
      return null;
    } catch (cause) {
      if (cause instanceof CodecDefect) return `it cannot be decompressed: ${cause.message}`;
      throw cause;
    }
  }
}
