import type { Core } from '../core/core.js';
import { compressInto } from './compress.js';
import type { EncodeScratch } from './encode-scratch.js';
import { PAGE_HEADER_BYTES_MAX, type PageHeader, pageHeaderInto } from './page-header.js';
import type { SpanWriter } from './span-writer.js';
import type { Codec } from './write-types.js';

export type PageFacts = Pick<PageHeader, 'kind' | 'valueCount' | 'encoding'>;

/** Kernels store whole words behind the last byte of a page. */
const PAD_BYTES = 16;

/** One header at a time. */
const HEADER = new Uint8Array(PAGE_HEADER_BYTES_MAX);

/** Writes the pages of one chunk into the output spans: compression, checksum, header. */
export class PageWriter {
  readonly #core: Core;
  readonly #scratch: EncodeScratch;
  readonly #out: SpanWriter;
  readonly #codec: Codec;
  #byteLength = 0;
  #uncompressedByteLength = 0;
  /** Bytes of the last page's header: the next one's are mostly as many. */
  #headerBytes = 29;

  constructor(core: Core, scratch: EncodeScratch, out: SpanWriter, codec: Codec) {
    this.#core = core;
    this.#scratch = scratch;
    this.#out = out;
    this.#codec = codec;
  }

  /** Bytes so far, headers included. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** The same before compression. */
  get uncompressedByteLength(): number {
    return this.#uncompressedByteLength;
  }

  /**
   * Writes a page whose body `encodeInto` makes, of at most `bytesMax` bytes: right where it will
   * stand if that much is left of the output span, behind room for a header as long as the last.
   *
   * @returns bytes of the page with its header
   */
  put(facts: PageFacts, bytesMax: number, encodeInto: (toPtr: number) => number): number {
    const place =
      this.#codec === 'none' ? this.#out.place(PAGE_HEADER_BYTES_MAX + bytesMax + PAD_BYTES) : null;
    if (place === null) {
      const { bodyPtr } = this.#scratch;
      return this.putFrom(bodyPtr, encodeInto(bodyPtr), facts);
    }
    const { kernels, views } = this.#core;
    const guess = place + this.#headerBytes;
    const byteLength = encodeInto(guess);
    const header = this.#header(facts, guess, byteLength, byteLength);
    if (place + header.byteLength !== guess) {
      kernels.copyBytes(guess, place + header.byteLength, byteLength);
    }
    views.u8.set(header, place);
    this.#out.commit(header.byteLength + byteLength);
    return this.#count(header.byteLength, byteLength, byteLength);
  }

  /** Compresses and writes a page whose body stands at `ptr`; returns bytes as put. */
  putFrom(ptr: number, byteLength: number, facts: PageFacts): number {
    const codec = this.#codec;
    const { compressedPtr } = this.#scratch;
    let pagePtr = ptr;
    let compressedByteLength = byteLength;
    if (codec !== 'none') {
      pagePtr = compressedPtr;
      compressedByteLength = compressInto(this.#core, codec, this.#scratch, ptr, byteLength);
    }
    const header = this.#header(facts, pagePtr, byteLength, compressedByteLength);
    this.#out.put(header);
    this.#out.copy(pagePtr, compressedByteLength);
    return this.#count(header.byteLength, byteLength, compressedByteLength);
  }

  /** The header of a page that stands at `ptr`; valid until the next. */
  #header(
    facts: PageFacts,
    ptr: number,
    byteLength: number,
    compressedByteLength: number,
  ): Uint8Array {
    const { crcTablesPtr } = this.#scratch;
    const crc = this.#core.kernels.crc32(crcTablesPtr, ptr, compressedByteLength, 0);
    const { kind, valueCount, encoding } = facts;
    const header = { kind, valueCount, encoding, byteLength, compressedByteLength, crc };
    const headerBytes = pageHeaderInto(header, HEADER, 0);
    this.#headerBytes = headerBytes;
    return HEADER.subarray(0, headerBytes);
  }

  #count(headerBytes: number, byteLength: number, compressedByteLength: number): number {
    this.#byteLength += headerBytes + compressedByteLength;
    this.#uncompressedByteLength += headerBytes + byteLength;
    return headerBytes + compressedByteLength;
  }
}
