import type { ByteDigest } from '../core/byte-digest.js';
import { invariant } from '../errors/errors.js';
import type { ByteSink } from '../io/byte-sink.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import {
  type ByteRange,
  footerBytes,
  type PlacedChunk,
  type PlacedRowGroup,
} from './footer-writer.js';
import { MAGIC } from './format.js';
import { offsetIndexBytes } from './page-index.js';
import type { EncodedChunk, EncodedRowGroup, WriteColumn } from './write-types.js';

export interface FileWriterOptions {
  readonly columns: readonly WriteColumn[];
  /** Hashes every byte of the file on its way, where the caller wants that. */
  readonly digest?: ByteDigest;
}

export interface WrittenFile {
  readonly rowCount: number;
  readonly byteLength: number;
  /** XXH64 of the file, 16 hex digits; null without a digest. */
  readonly xxh64: string | null;
}

/**
 * Puts encoded row groups together to a Parquet file. It neither closes nor publishes its sink:
 * whoever made the sink does, after finish() and after the checks that come before publishing; on
 * an error from here, abort the sink.
 */
export class ParquetFileWriter {
  readonly #sink: ByteSink;
  readonly #columns: readonly WriteColumn[];
  readonly #digest: ByteDigest | null;
  readonly #rowGroups: PlacedRowGroup[] = [];
  #offset = 0;
  #rowCount = 0;

  constructor(sink: ByteSink, options: FileWriterOptions) {
    this.#sink = sink;
    this.#columns = options.columns;
    this.#digest = options.digest ?? null;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /**
   * Appends a row group straight from the shared memory. Its spans may be reused when the promise
   * has settled; one call at a time.
   */
  async appendRowGroup(views: MemoryViews, encoded: EncodedRowGroup): Promise<void> {
    const parts = encoded.chunks.map(
      ({ spans, parts: own }) => own ?? spans.map((span) => views.bytes(span.ptr, span.byteLength)),
    );
    await this.appendChunks(encoded, parts);
  }

  /** As appendRowGroup, of chunks whose bytes are given: one list of parts for each. */
  async appendChunks(
    encoded: Pick<EncodedRowGroup, 'rowCount' | 'codec'> & {
      readonly chunks: readonly Omit<EncodedChunk, 'spans'>[];
    },
    parts: readonly (readonly Uint8Array[])[],
  ): Promise<void> {
    const { rowCount, codec } = encoded;
    invariant(encoded.chunks.length === this.#columns.length, 'one chunk for each column');
    const start: Uint8Array[] = this.#offset === 0 ? [MAGIC] : [];
    let offset = this.#offset + (start.length > 0 ? MAGIC.byteLength : 0);
    const chunks: PlacedChunk[] = encoded.chunks.map((chunk) => {
      const placed = { chunk, offset, columnIndex: null, offsetIndex: null };
      offset += chunk.byteLength;
      return placed;
    });
    await this.#write([...start, ...parts.flat()]);
    invariant(this.#offset === offset, 'the chunks are as long as they say');
    this.#rowGroups.push({ rowCount, codec, chunks });
    this.#rowCount += rowCount;
  }

  /** Writes page index and footer: the file is whole then. */
  async finish(options: { keyValue?: ReadonlyMap<string, string> } = {}): Promise<WrittenFile> {
    if (this.#offset === 0) await this.#write([MAGIC]);
    await this.#writePageIndex();
    const footer = footerBytes({
      columns: this.#columns,
      rowGroups: this.#rowGroups,
      keyValue: options.keyValue ?? new Map(),
    });
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, footer.byteLength, true);
    await this.#write([footer, length, MAGIC]);
    return {
      rowCount: this.#rowCount,
      byteLength: this.#offset,
      xxh64: this.#digest?.hex() ?? null,
    };
  }

  /** All column indexes, then all offset indexes, as the format wants them: together. */
  async #writePageIndex(): Promise<void> {
    const parts: Uint8Array[] = [];
    let offset = this.#offset;
    const place = (bytes: Uint8Array): ByteRange => {
      const range = { offset, byteLength: bytes.byteLength };
      parts.push(bytes);
      offset += bytes.byteLength;
      return range;
    };
    for (const { chunks } of this.#rowGroups) {
      for (const placed of chunks) {
        const { columnIndex } = placed.chunk;
        if (columnIndex !== null) placed.columnIndex = place(columnIndex);
      }
    }
    for (const { chunks } of this.#rowGroups) {
      for (const placed of chunks) {
        placed.offsetIndex = place(offsetIndexBytes(placed.chunk, placed.offset));
      }
    }
    await this.#write(parts);
  }

  async #write(parts: readonly Uint8Array[]): Promise<void> {
    const writing = this.#sink.write(parts);
    // The disk works while this thread hashes.
    if (this.#digest !== null) for (const part of parts) this.#digest.update(part);
    await writing;
    for (const part of parts) this.#offset += part.byteLength;
  }
}
