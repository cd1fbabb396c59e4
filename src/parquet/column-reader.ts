import {
  CURSOR_CODES_MAX,
  CURSOR_CODES_PTR,
  CURSOR_FIXED_BYTES,
  CURSOR_KIND,
  CURSOR_NULLABLE,
  CURSOR_ROWS_LEFT,
  VALUE_TEXT,
} from '../abi/column-cursor.js';
import {
  CHUNK_BYTES,
  STREAM_AT,
  STREAM_CHUNKS_LEFT,
  STREAM_CHUNKS_OPENED,
  STREAM_CHUNKS_PTR,
  STREAM_DONE,
  STREAM_DONE_ALL,
  STREAM_END,
  STREAM_NULLS_LEFT,
  STREAM_PRESENT,
  STREAM_ROWS_LEFT,
  STREAM_STOP_CHUNK,
  STREAM_STOP_NULLS,
  STREAM_STOP_PAGE,
} from '../abi/column-stream.js';
import type { Core } from '../core/core.js';
import { type DecodeRegion, RegionFull } from './decode-region.js';
import { DictionaryRoom } from './dictionary-room.js';
import { valueBytes, valueKind } from './native-column.js';
import { corruptPage, corruptStatus, rowCountError } from './page-defect.js';
import type { Page, PageBytes, PageSteps } from './page-steps.js';
import type { SourceColumnInfo } from './reader.js';
import { type RunBuffers, RunColumn, TEXT_BYTES_MAX, takeRunBuffers } from './run-column.js';
import { chunkRows } from './stream-chunks.js';

/**
 * Reads one column of a file, chunk after chunk, into runs of rows. Its buffers serve all chunks of
 * one read and come from the read's region.
 */
export class ColumnReader {
  readonly info: SourceColumnInfo;
  /** Bytes of a value as it comes out; 0: bits, or texts. */
  readonly valueBytes: number;
  readonly #core: Core;
  readonly #kind: number;
  readonly #streamPtr: number;
  readonly #pages: PageSteps;
  readonly #dictionary: DictionaryRoom;
  readonly #buffers: RunBuffers;
  /** The rows that were read last. */
  readonly run: RunColumn;
  /** What the kernel stopped for. */
  #stop = STREAM_DONE_ALL;
  /** Rows that `pass` is to pass over; 0: none, all are wanted. */
  #unwanted = 0;
  readonly #runRows: number;
  /** Address of the list of chunks to be read (writeChunkList). */
  readonly listPtr: number;
  /** Row groups of the chunks in the list. */
  #rowGroups: readonly number[] = [];

  /**
   * @param streamPtr the column's STREAM_ block, cleared; its pages are `pages`'
   * @param codesPtr scratch that all columns of a thread may share
   * @param most rows of a run, and chunks of a list
   */
  constructor(
    core: Core,
    info: SourceColumnInfo,
    streamPtr: number,
    pages: PageSteps,
    region: DecodeRegion,
    codesPtr: number,
    most: { readonly runRows: number; readonly chunks: number },
  ) {
    this.info = info;
    this.#core = core;
    this.#pages = pages;
    this.#kind = valueKind(info)!;
    this.valueBytes = valueBytes(this.#kind);
    this.#streamPtr = streamPtr;
    this.#dictionary = new DictionaryRoom(core, region, streamPtr, pages, this.#kind);
    this.#runRows = most.runRows;
    this.#set(CURSOR_KIND, this.#kind);
    this.#set(CURSOR_FIXED_BYTES, info.fixedBytes);
    this.#set(CURSOR_NULLABLE, info.nullable ? 1 : 0);
    this.#set(CURSOR_CODES_PTR, codesPtr);
    this.#set(STREAM_NULLS_LEFT, -1);
    this.listPtr = region.take(most.chunks * CHUNK_BYTES);
    this.#buffers = takeRunBuffers(region, info, this.#kind, most.runRows);
    this.run = new RunColumn(core, info, this.valueBytes, this.#buffers);
  }

  /** Begins with the chunks in the list; those before have been finished. */
  open(rowGroups: readonly number[]): void {
    this.#rowGroups = rowGroups;
    this.#set(STREAM_CHUNKS_PTR, this.listPtr);
    this.#set(STREAM_CHUNKS_LEFT, rowGroups.length);
    this.#set(STREAM_CHUNKS_OPENED, 0);
  }

  /** Begins with the one chunk of the list, which has no address: its bytes come piece by piece. */
  openPart(rowGroup: number, bytes: PageBytes): void {
    this.open([rowGroup]);
    // Opens the chunk, and stops because it has no bytes.
    this.#core.kernels.streamPrepare(this.#streamPtr);
    this.#pages.setBytes(bytes);
  }

  /** A run of texts ends with its page, and where the next text would not fit its buffer. */
  get hasTexts(): boolean {
    return this.#kind === VALUE_TEXT;
  }

  /** Whether the present page of this text column has rows left; else turnPage() first. */
  isOnPage(): boolean {
    return this.#get(CURSOR_ROWS_LEFT) > 0;
  }

  /** Goes on to the next page with rows. */
  async turnPage(): Promise<void> {
    const { kernels } = this.#core;
    const stream = this.#streamPtr;
    for (let stop = kernels.streamPrepare(stream); stop !== 0; ) {
      await this.#attend(stop);
      stop = kernels.streamPrepare(stream);
    }
  }

  /** How many of the next `count` rows, at least 1, fit this text column's buffer. */
  textRowsThatFit(count: number): number {
    const onPage = Math.min(count, this.#get(CURSOR_ROWS_LEFT));
    const fitting = this.#core.kernels.cursorTextRows(this.#streamPtr, onPage, TEXT_BYTES_MAX);
    if (fitting === 0) throw new RegionFull('a text is longer than a run holds');
    return fitting;
  }

  /**
   * Reads the next `count` rows into `run`; of texts as many as textRowsThatFit has said, at most.
   * @param placePtr where values of 4 or 8 bytes are wanted; null: in the run's buffer
   * @returns false: the kernel has stopped for something that may have to wait; readOn() goes on
   */
  read(count: number, placePtr: number | null): boolean {
    const valuesPtr = placePtr ?? this.#buffers.valuesPtr;
    if (this.#kind === VALUE_TEXT) {
      this.run.set(count, this.#readTexts(count), valuesPtr);
      return true;
    }
    const { kernels } = this.#core;
    const stream = this.#streamPtr;
    this.run.set(count, 0, valuesPtr);
    this.#stop = kernels.streamRead(stream, count, valuesPtr, this.#buffers.validityPtr, 0);
    if (this.#stop !== STREAM_DONE_ALL) return false;
    this.run.nullCount = count - this.#get(STREAM_PRESENT);
    return true;
  }

  /** Finishes a read that has stopped. */
  async readOn(): Promise<void> {
    const { run } = this;
    const { kernels } = this.#core;
    const { validityPtr } = this.#buffers;
    while (this.#stop !== STREAM_DONE_ALL) {
      await this.#attend(this.#stop);
      const stream = this.#streamPtr;
      this.#stop = kernels.streamRead(stream, run.rowCount, run.valuesPtr, validityPtr, 1);
    }
    run.nullCount = run.rowCount - this.#get(STREAM_PRESENT);
  }

  /** Passes over the next `count` rows of a column that is no text, most of them unread. */
  async pass(count: number): Promise<void> {
    const { kernels } = this.#core;
    const { valuesPtr, validityPtr } = this.#buffers;
    const stream = this.#streamPtr;
    this.#unwanted = count;
    const pass = (resume: number): number =>
      kernels.streamPass(stream, count, this.#runRows, valuesPtr, validityPtr, resume);
    for (let stop = pass(0); stop !== STREAM_DONE_ALL; stop = pass(1)) await this.#attend(stop);
    this.#unwanted = 0;
  }

  /** Whether the chunk's pages hold no more rows for sure; else finish() looks. */
  isThrough(): boolean {
    return this.#get(CURSOR_ROWS_LEFT) === 0 && this.#pages.isAtEnd;
  }

  /** The chunk's rows are read: what is left of its bytes must hold no more. */
  async finish(): Promise<void> {
    const extra = this.#get(CURSOR_ROWS_LEFT) + (await this.#rowsBehind());
    if (extra > 0) throw this.#wrongRowCount(this.#rowsRead() + extra);
    this.#set(STREAM_AT, this.#get(STREAM_END));
  }

  /** Rows of the pages that were not looked at yet. */
  async #rowsBehind(): Promise<number> {
    let rows = 0;
    this.#pages.rowGroup = this.#rowGroup();
    for (let page = this.#pages.next(); page !== null; page = this.#pages.next()) {
      if (page === 'more') await this.#pages.more();
      else if (!page.isDictionary) rows += page.rowCount;
    }
    return rows;
  }

  /** Does what the kernel has stopped for. */
  async #attend(stop: number): Promise<void> {
    this.#pages.rowGroup = this.#rowGroup();
    if (stop === STREAM_STOP_PAGE) await this.#takePage();
    else if (stop === STREAM_STOP_CHUNK) await this.finish();
    else if (stop === STREAM_STOP_NULLS) this.#wrongNulls();
    else throw corruptStatus(this.#pages.placeOfValues, 'its values', stop);
  }

  #readTexts(count: number): number {
    const { validityPtr, offsetsPtr, valuesPtr } = this.#buffers;
    const present = this.#core.kernels.cursorReadTexts(
      this.#streamPtr,
      count,
      offsetsPtr,
      valuesPtr,
      0,
      0,
      validityPtr,
    );
    this.#pages.rowGroup = this.#rowGroup();
    if (present < 0) throw corruptStatus(this.#pages.placeOfValues, 'its values', present);
    const nullCount = count - present;
    const nullsLeft = this.#get(STREAM_NULLS_LEFT) | 0;
    if (nullsLeft >= 0) {
      this.#set(STREAM_NULLS_LEFT, nullsLeft - nullCount);
      const isThrough = this.#get(CURSOR_ROWS_LEFT) === 0;
      if (nullsLeft < nullCount || (isThrough && nullsLeft > nullCount)) this.#wrongNulls();
    }
    return nullCount;
  }

  /** Takes the page that the kernel left to the host; one without rows is passed over. */
  async #takePage(): Promise<void> {
    for (;;) {
      const page = this.#pages.next();
      if (page === 'more') {
        await this.#pages.more();
        continue;
      }
      if (page === null) throw this.#wrongRowCount(this.#rowsRead());
      if (page.isDictionary) this.#dictionary.take(page);
      else if (page.rowCount > 0 && !this.#passes(page)) await this.#begin(page);
      return;
    }
  }

  /** Whether nobody wants the page's rows, of which there are not too many: they are passed then. */
  #passes({ rowCount }: Page): boolean {
    const rowsLeft = this.#get(STREAM_ROWS_LEFT) - rowCount;
    const done = this.#get(STREAM_DONE) + rowCount;
    if (this.#unwanted === 0 || done > this.#unwanted || rowsLeft < 0) return false;
    this.#set(STREAM_DONE, done);
    this.#set(STREAM_ROWS_LEFT, rowsLeft);
    return true;
  }

  async #begin(page: Page): Promise<void> {
    const rowsLeft = this.#get(STREAM_ROWS_LEFT) - page.rowCount;
    if (rowsLeft < 0) {
      throw this.#wrongRowCount(this.#rowsRead() + page.rowCount + (await this.#rowsBehind()));
    }
    const body = this.#pages.body(page, this.#kind);
    const begun = this.#core.kernels.cursorBegin(
      this.#streamPtr,
      page.encoding,
      page.rowCount,
      body.levelsPtr,
      body.levelsEndPtr,
      body.valuesPtr,
      body.endPtr,
    );
    if (begun < 0) throw corruptStatus(this.#pages.place, 'its levels or values', begun);
    this.#set(STREAM_ROWS_LEFT, rowsLeft);
    this.#set(STREAM_NULLS_LEFT, page.nullCount ?? -1);
  }

  #wrongNulls(): never {
    const more = -(this.#get(STREAM_NULLS_LEFT) | 0);
    const what = `it has ${Math.abs(more)} nulls ${more > 0 ? 'more' : 'fewer'} than its header says`;
    throw corruptPage(this.#pages.placeOfValues, what);
  }

  /**
   * Makes room for pages and dictionaries of chunks of so many decompressed bytes, of which the
   * kernel makes use without asking: otherwise it leaves the first page of each kind to the host.
   */
  reserve(byteLength: number, isCompressed: boolean, hasDictionary: boolean): void {
    if (isCompressed) this.#pages.reserve(byteLength);
    if (hasDictionary) this.#dictionary.reserve(byteLength);
  }

  /** Place in the list of the chunk that the stream is in. */
  #place(): number {
    return Math.max(0, this.#get(STREAM_CHUNKS_OPENED) - 1);
  }

  #rowGroup(): number {
    return this.#rowGroups[this.#place()]!;
  }

  #rowsWanted(): number {
    return chunkRows(this.#core, this.listPtr, this.#place());
  }

  /** Rows of the chunk in work on pages that were begun, those of the present page too. */
  #rowsRead(): number {
    return this.#rowsWanted() - this.#get(STREAM_ROWS_LEFT);
  }

  #wrongRowCount(found: number) {
    const { path } = this.#pages.place;
    const place = { path, rowGroup: this.#rowGroup(), column: this.info.name };
    return rowCountError(place, found, this.#rowsWanted());
  }

  #get(field: number): number {
    return this.#core.views.u32[(this.#streamPtr + field) >>> 2]!;
  }

  #set(field: number, value: number): void {
    this.#core.views.u32[(this.#streamPtr + field) >>> 2] = value;
  }
}

export const RUN_ROWS_MAX = CURSOR_CODES_MAX;
