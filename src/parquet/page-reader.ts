import { CHUNK_BYTES, STREAM_BYTES } from '../abi/column-stream.js';
import { ENCODING_PLAIN_DICTIONARY, ENCODING_RLE_DICTIONARY } from '../abi/encodings.js';
import type { Core } from '../core/core.js';
import type { ByteSource } from '../io/byte-source.js';
import { ChunkWindow } from './chunk-window.js';
import { ColumnReader, RUN_ROWS_MAX } from './column-reader.js';
import { type DecodeRegion, RegionFull, type RegionLanes } from './decode-region.js';
import type { PageCodecs } from './decompress.js';
import { chunkIndexOf, rowCountOf, spanOf } from './footer-chunks.js';
import { Decompressor } from './page-decompress.js';
import { PageUnsupported } from './page-defect.js';
import { PageSteps } from './page-steps.js';
import { readSpans, type Span } from './read-spans.js';
import type { OnRows, ParquetFooter, RowPlaces, SourceColumn } from './reader.js';
import { runBytes } from './run-column.js';
import { type FetchedSpan, writeChunkList } from './stream-chunks.js';

/** Of half a region, what the bytes of the file and the lists of chunks may fill at once. */
const FILE_BYTES_SHARE = 0.4;
/** Of a region, what the buffers of decoded runs may fill. */
const RUN_BYTES_SHARE = 0.25;
/** Of a region, what the first windows of all columns may fill. */
const WINDOW_BYTES_SHARE = 0.25;
/** Of what is left of a region, what may be reserved before a page has asked for it. */
const RESERVED_SHARE = 0.5;
const DICTIONARY_BITS = (1 << ENCODING_PLAIN_DICTIONARY) | (1 << ENCODING_RLE_DICTIONARY);

/** What reading pages takes of a thread. */
export interface PageReaderTools {
  readonly core: Core;
  readonly lanes: RegionLanes;
  /** Those that the core does not know itself. */
  readonly codecs: PageCodecs;
  /** Address of the tables of crc32Init. */
  readonly crcTablesPtr: number;
  /** Address of what snappyInit has filled. */
  readonly snappyTagsPtr: number;
  /** Address of the workspace that zstdInit has filled. */
  readonly zstdPtr: number;
  /** The memory of the lanes: free for other use while nothing is read. */
  readonly region: { readonly ptr: number; readonly byteLength: number };
}

export interface PageRead {
  readonly rowGroupIndexes: readonly number[];
  readonly columnIndexes: readonly number[];
  readonly onRows: OnRows;
  readonly places: RowPlaces | null;
  /** The read gets both halves of the region at once. */
  readonly takesAll: boolean;
}

/** How far a read had come when it met a page that is not for this reader, or has no room. */
export interface ReadStop {
  readonly reason: string;
  /** The region was full: with all of it the read may go on. */
  readonly isFull: boolean;
  /** The row group it is in, by its place in rowGroupIndexes, and its rows that were handed over. */
  readonly rowGroupPlace: number;
  readonly rowsDone: number;
}

/**
 * Reads row groups with the page kernels, in the shared memory.
 *
 * Small row groups are fetched together, as many as fit, with as few reads as possible; of one whose
 * chunks are too large for that, each column has a window that moves through its chunk.
 *
 * @returns null when all rows were handed over; else where the general reader has to go on
 * @throws ParquetError ERR_PARQUET_CORRUPT, ERR_PARQUET_ROW_COUNT; InputError ERR_INPUT_UNREADABLE;
 *   whatever onRows throws
 */
export async function readPages(
  source: ByteSource,
  footer: ParquetFooter,
  tools: PageReaderTools,
  read: PageRead,
): Promise<ReadStop | null> {
  const reads = readSpans(footer, read.rowGroupIndexes, read.columnIndexes);
  const listBytes = read.rowGroupIndexes.length * read.columnIndexes.length * CHUNK_BYTES;
  const fits = reads.byteLength + listBytes <= tools.lanes.halfBytes * FILE_BYTES_SHARE;
  if (!fits && read.rowGroupIndexes.length > 1) return readInHalves(source, footer, tools, read);
  const region = await tools.lanes.acquire(!fits || read.takesAll);
  try {
    const chunksAtOnce = fits ? read.rowGroupIndexes.length : 1;
    const task = new ReadTask(source, footer, { ...tools, chunksAtOnce }, region, read);
    return await (fits ? task.readAtOnce(reads.spans) : task.readThroughWindows());
  } catch (error) {
    // Not even the first row had room.
    if (!(error instanceof RegionFull)) throw error;
    return { reason: error.message, isFull: true, rowGroupPlace: 0, rowsDone: 0 };
  } finally {
    tools.lanes.release(region);
  }
}

/**
 * Many small row groups that do not fit together are no large ones: a window for each chunk of each
 * would be a read of the file for a few rows.
 */
async function readInHalves(
  source: ByteSource,
  footer: ParquetFooter,
  tools: PageReaderTools,
  read: PageRead,
): Promise<ReadStop | null> {
  const half = Math.ceil(read.rowGroupIndexes.length / 2);
  for (const first of [0, half]) {
    const rowGroupIndexes = read.rowGroupIndexes.slice(first, first + half);
    const stop = await readPages(source, footer, tools, { ...read, rowGroupIndexes });
    if (stop !== null) return { ...stop, rowGroupPlace: first + stop.rowGroupPlace };
  }
  return null;
}

class ReadTask {
  readonly #source: ByteSource;
  readonly #footer: ParquetFooter;
  readonly #core: Core;
  readonly #region: DecodeRegion;
  readonly #read: PageRead;
  readonly #columns: readonly ColumnReader[];
  /** What they have read. */
  readonly #runs: readonly SourceColumn[];
  /** Those of them that can make a run shorter. */
  readonly #textColumns: readonly ColumnReader[];
  readonly #runRowsMax: number;
  /** Rows that were handed over. */
  #rowsDone = 0;

  constructor(
    source: ByteSource,
    footer: ParquetFooter,
    tools: PageReaderTools & {
      /** Chunks that a column has open at a time. */
      readonly chunksAtOnce: number;
    },
    region: DecodeRegion,
    read: PageRead,
  ) {
    const { core, chunksAtOnce } = tools;
    this.#source = source;
    this.#footer = footer;
    this.#core = core;
    this.#region = region;
    this.#read = read;
    const infos = read.columnIndexes.map((index) => footer.columns[index]!);
    this.#runRowsMax = runRowsMax(infos, region);
    const decompressor = new Decompressor(core, tools);
    const codesPtr = region.take(RUN_ROWS_MAX * 2);
    this.#columns = infos.map((info) => {
      const streamPtr = region.take(STREAM_BYTES);
      core.views.u8.fill(0, streamPtr, streamPtr + STREAM_BYTES);
      const place = { path: footer.name, column: info };
      const pages = new PageSteps(core, region, streamPtr, decompressor, place);
      return new ColumnReader(core, info, streamPtr, pages, region, codesPtr, {
        runRows: this.#runRowsMax,
        chunks: chunksAtOnce,
      });
    });
    this.#runs = this.#columns.map(({ run }) => run);
    this.#textColumns = this.#columns.filter(({ hasTexts }) => hasTexts);
  }

  /** Fetches all bytes, then decodes without waiting. */
  async readAtOnce(spans: readonly Span[]): Promise<ReadStop | null> {
    const places = spans.map(({ offset, end }) => ({
      offset,
      byteLength: end - offset,
      ptr: this.#region.take(end - offset),
    }));
    // Whatever fails, no byte may still be under way when the region is given back.
    const reads = await Promise.allSettled(
      places.map(({ offset, byteLength, ptr }) =>
        this.#source.readInto(offset, this.#core.views.bytes(ptr, byteLength)),
      ),
    );
    const failed = reads.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    this.#reserve();
    this.#openChunks(this.#read.rowGroupIndexes, places);
    return this.#stoppable(async () => {
      await this.#readRows(this.#rowCount());
      await this.#finish();
    });
  }

  /** Each column fetches its chunk piece by piece, as its pages are read. */
  async readThroughWindows(): Promise<ReadStop | null> {
    const windowBytes = (this.#region.byteLength * WINDOW_BYTES_SHARE) / this.#columns.length;
    const windows = this.#columns.map(
      () => new ChunkWindow(this.#source, this.#core, this.#region, windowBytes),
    );
    const { rowGroupIndexes, columnIndexes } = this.#read;
    return this.#stoppable(async () => {
      for (const rowGroup of rowGroupIndexes) {
        this.#openChunks([rowGroup], []);
        for (const [place, column] of this.#columns.entries()) {
          const span = spanOf(this.#footer, rowGroup, columnIndexes[place]!);
          column.openPart(rowGroup, windows[place]!.open(span));
        }
        await this.#readRows(rowCountOf(this.#footer, rowGroup));
        await this.#finish();
      }
    });
  }

  /**
   * Room for the largest chunk of each column, as far as the footer is to be believed; where that
   * would take too much of the region, room is made page by page.
   */
  #reserve(): void {
    const { columnIndexes } = this.#read;
    const needs = columnIndexes.map((index) => this.#largestChunk(index));
    const byteLength = needs.reduce((sum, need) => sum + need.byteLength, 0);
    // Twice, for a page and a dictionary, and steps of 64 KiB at most.
    const mostBytes = 2 * byteLength + needs.length * 131_072;
    if (mostBytes > this.#region.bytesLeft * RESERVED_SHARE) return;
    for (const [place, column] of this.#columns.entries()) {
      const { byteLength, isCompressed, hasDictionary } = needs[place]!;
      column.reserve(byteLength, isCompressed, hasDictionary);
    }
  }

  #largestChunk(column: number) {
    const { uncompressedByteLengths, codecs, encodings } = this.#footer.chunks;
    let [byteLength, isCompressed, hasDictionary] = [0, false, false];
    for (const rowGroup of this.#read.rowGroupIndexes) {
      const index = chunkIndexOf(this.#footer, rowGroup, column);
      byteLength = Math.max(byteLength, uncompressedByteLengths[index]!);
      isCompressed ||= codecs[index] !== 0;
      hasDictionary ||= (encodings[index]! & DICTIONARY_BITS) !== 0;
    }
    return { byteLength, isCompressed, hasDictionary };
  }

  /** Begins chunks in all columns; their bytes lie in the spans that were fetched, or follow. */
  #openChunks(rowGroups: readonly number[], fetched: readonly FetchedSpan[]): void {
    const { columnIndexes } = this.#read;
    for (const [place, reader] of this.#columns.entries()) {
      const chunks = { rowGroups, column: columnIndexes[place]! };
      writeChunkList(this.#core, reader.listPtr, this.#footer, chunks, fetched);
      reader.open(rowGroups);
    }
  }

  async #finish(): Promise<void> {
    for (const column of this.#columns) if (!column.isThrough()) await column.finish();
  }

  #rowCount(): number {
    const { rowGroupIndexes } = this.#read;
    return rowGroupIndexes.reduce((sum, group) => sum + rowCountOf(this.#footer, group), 0);
  }

  /** Passes over rows that nobody wants, in front of all others; returns how many. */
  async #pass(rowCount: number): Promise<number> {
    const unwanted = this.#rowsDone === 0 ? this.#read.places?.unwanted : undefined;
    const count = unwanted?.rowCount ?? 0;
    if (count === 0 || count > rowCount || this.#textColumns.length > 0) return 0;
    for (const column of this.#columns) await column.pass(count);
    this.#rowsDone += count;
    unwanted!.passed();
    return count;
  }

  /** @returns how far it has come, when it meets a page that is for the general reader */
  async #stoppable(read: () => Promise<void>): Promise<ReadStop | null> {
    try {
      await read();
      return null;
    } catch (error) {
      if (!(error instanceof RegionFull || error instanceof PageUnsupported)) throw error;
      const isFull = error instanceof RegionFull;
      return { reason: error.message, isFull, ...this.#placeReached() };
    }
  }

  #placeReached(): Pick<ReadStop, 'rowGroupPlace' | 'rowsDone'> {
    const { rowGroupIndexes } = this.#read;
    let rowsDone = this.#rowsDone;
    let rowGroupPlace = 0;
    for (; rowGroupPlace < rowGroupIndexes.length; rowGroupPlace++) {
      const rowCount = rowCountOf(this.#footer, rowGroupIndexes[rowGroupPlace]!);
      if (rowsDone < rowCount) break;
      rowsDone -= rowCount;
    }
    return { rowGroupPlace, rowsDone };
  }

  /** Reads rows and hands them over, run by run. */
  async #readRows(rowCount: number): Promise<void> {
    const { places, onRows } = this.#read;
    for (let left = rowCount - (await this.#pass(rowCount)); left > 0; ) {
      let count = Math.min(left, this.#runRowsMax);
      if (places !== null) count = Math.min(count, places.room());
      for (const column of this.#textColumns) {
        if (!column.isOnPage()) await column.turnPage();
        count = column.textRowsThatFit(count);
      }
      for (const column of this.#columns) {
        // Nearly always all bytes are here: then there is nothing to wait for.
        if (!column.read(count, placeOf(places, column))) await column.readOn();
      }
      onRows(this.#runs, count);
      this.#rowsDone += count;
      left -= count;
    }
  }
}

/** Where the values of the column's next run are wanted, if anywhere. */
function placeOf(places: RowPlaces | null, { info, valueBytes }: ColumnReader): number | null {
  if (places === null || (valueBytes !== 4 && valueBytes !== 8)) return null;
  return places.placeOf(info.name, valueBytes);
}

/** Rows of a run: as many as the columns' buffers may take of the region; a multiple of 64. */
function runRowsMax(infos: ParquetFooter['columns'], region: DecodeRegion): number {
  const room = region.byteLength * RUN_BYTES_SHARE;
  for (let rows = RUN_ROWS_MAX; rows > 64; rows -= 64) {
    const bytes = infos.reduce((sum, info) => sum + runBytes(info, rows), 0);
    if (bytes <= room) return rows;
    // Far too many columns: on to about what fits.
    if (bytes > 2 * room) rows = Math.ceil((rows * room) / bytes / 64) * 64 + 64;
  }
  return 64;
}
