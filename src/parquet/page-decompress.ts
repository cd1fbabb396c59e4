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
  readonly zstdPtr: number;
  readonly #codecs: PageCodecs;

  /** @param tools tables filled by crc32Init, snappyInit and zstdInit */
  constructor(
    core: Core,
    tools: {
      readonly crcTablesPtr: number;
      readonly snappyTagsPtr: number;
      readonly zstdPtr: number;
      readonly codecs: PageCodecs;
    },
  ) {
    this.#core = core;
    this.crcTablesPtr = tools.crcTablesPtr;
    this.snappyTagsPtr = tools.snappyTagsPtr;
    this.zstdPtr = tools.zstdPtr;
    this.#codecs = tools.codecs;
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
    const { views } = this.#core;
    const { ptr, byteLength } = from;
    const written = this.#withKernel(codec, from, toPtr, toBytes);
    if (written !== null) {
      if (written === toBytes) return null;
      const why = -written === STATUS_TRUNCATED ? 'ends too early' : 'contradicts its format';
      return `its ${codec} stream of ${byteLength} bytes for ${toBytes} ${why}`;
    }
    const codecs = this.#codecs;
    invariant(codecs.has(codec), `codec ${codec} goes to the general reader`);
    try {
      views.u8.set(codecs.decompress(codec, views.bytes(ptr, byteLength), toBytes), toPtr);
      return null;
    } catch (cause) {
      if (cause instanceof CodecDefect) return `it cannot be decompressed: ${cause.message}`;
      throw cause;
    }
  }

  /** The bytes made, or a negated STATUS_; null: the core does not know the codec. */
  #withKernel(
    codec: string,
    { ptr, byteLength }: { readonly ptr: number; readonly byteLength: number },
    toPtr: number,
    toBytes: number,
  ): number | null {
    const { kernels } = this.#core;
    switch (codec) {
      case 'SNAPPY':
        return kernels.snappyDecompressInto(ptr, byteLength, toPtr, toBytes, this.snappyTagsPtr);
      case 'LZ4_RAW':
        return kernels.lz4DecompressInto(ptr, byteLength, toPtr, toBytes);
      case 'ZSTD':
        return kernels.zstdDecompressInto(ptr, byteLength, toPtr, toBytes, this.zstdPtr);
      default:
        return null;
    }
  }
}
