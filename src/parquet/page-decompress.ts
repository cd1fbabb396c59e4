import { STATUS_TRUNCATED } from '../abi/status.js';
import type { Core } from '../core/core.js';
import { invariant } from '../errors/errors.js';
import { CodecDefect, type PageCodecs } from './decompress.js';

/**
 * The most bytes that a byte of a stream can stand for, with those codecs whose general decoder
 * makes room for what a header claims before it looks at the stream: 3 bytes are a copy of 64 in
 * SNAPPY, each further byte of a length 255 in LZ4_RAW.
 */
const BYTES_OF_A_BYTE: Readonly<Record<string, number>> = { SNAPPY: 22, LZ4_RAW: 255 };

/** Whether a stream may be so many bytes. */
export function mayHold(codec: string, streamBytes: number, byteLength: number): boolean {
  const most = BYTES_OF_A_BYTE[codec];
  return most === undefined || byteLength <= streamBytes * most;
}

/** Decompresses pages, and computes their checksums, in the shared memory. */
export class Decompressor {
  readonly #core: Core;
  readonly crcTablesPtr: number;
  readonly snappyTagsPtr: number;
  readonly #codecs: PageCodecs | null;

  /**
   * @param codecs null where the core's own will do
   * @param tables filled by crc32Init, and by snappyInit
   */
  constructor(
    core: Core,
    tables: { readonly crcTablesPtr: number; readonly snappyTagsPtr: number },
    codecs: PageCodecs | null,
  ) {
    this.#core = core;
    this.crcTablesPtr = tables.crcTablesPtr;
    this.snappyTagsPtr = tables.snappyTagsPtr;
    this.#codecs = codecs;
  }

  /** As a signed number, as headers hold it. */
  crc32(ptr: number, byteLength: number): number {
    return this.#core.kernels.crc32(this.crcTablesPtr, ptr, byteLength, 0);
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
          ? kernels.snappyDecompressInto(ptr, byteLength, toPtr, toBytes, this.snappyTagsPtr)
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
