import {
  CURSOR_BYTES,
  CURSOR_CODES_MAX,
  CURSOR_CODES_PTR,
  CURSOR_DICTIONARY_COUNT,
  CURSOR_DICTIONARY_PTR,
  CURSOR_FIXED_BYTES,
  CURSOR_KIND,
  CURSOR_NULLABLE,
  VALUE_BOOL,
  VALUE_TEXT,
} from '../abi/column-cursor.js';
import { STATUS_TRUNCATED } from '../abi/status.js';
import type { Core } from '../core/core.js';
import { type DecodeRegion, RegionFull } from './decode-region.js';
import { valueBytes, valueKind } from './native-column.js';
import { corruptPage, corruptStatus, rowCountError } from './page-defect.js';
import type { ChunkStorage, Page, PageBytes, PageSteps } from './page-steps.js';
import type { SourceColumn, SourceColumnInfo } from './reader.js';

/** Bytes of texts that one run holds, at most; a single longer text is for the general reader. */
const TEXT_BYTES_MAX = 1024 * 1024;

/** Where the rows of a run come to lie. */
interface RunBuffers {
  /** Values; texts: the bytes. */
  readonly valuesPtr: number;
  readonly offsetsPtr: number;
  readonly validityPtr: number;
}

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
  readonly #cursorPtr: number;
  readonly #pages: PageSteps;
  readonly #region: DecodeRegion;
  readonly #buffers: RunBuffers;
  #dictionaryPtr = 0;
  #dictionaryBytes = 0;
  #rowGroup = 0;
  #chunkRows = 0;
  /** Rows of the chunk that were read, and those of the page in work that were not. */
  #rowsRead = 0;
  #pageRowsLeft = 0;
  /** Nulls that the page's header announces and that were not met yet, where it says how many. */
  #pageNullsLeft = 0;
  #saysNulls = false;

  /**
   * @param codesPtr scratch that all columns of a thread may share
   * @param rowsMax rows of a run
   */
  constructor(
    core: Core,
    info: SourceColumnInfo,
    pages: PageSteps,
    region: DecodeRegion,
    codesPtr: number,
    rowsMax: number,
  ) {
    this.info = info;
    this.#core = core;
    this.#pages = pages;
    this.#region = region;
    this.#kind = valueKind(info)!;
    this.valueBytes = valueBytes(this.#kind);
    this.#cursorPtr = region.take(CURSOR_BYTES);
    const { views } = core;
    views.u8.fill(0, this.#cursorPtr, this.#cursorPtr + CURSOR_BYTES);
    this.#set(CURSOR_KIND, this.#kind);
    this.#set(CURSOR_FIXED_BYTES, info.fixedBytes);
    this.#set(CURSOR_NULLABLE, info.nullable ? 1 : 0);
    this.#set(CURSOR_CODES_PTR, codesPtr);
    const isText = this.#kind === VALUE_TEXT;
    this.#buffers = {
      valuesPtr: region.take(isText ? TEXT_BYTES_MAX : bufferBytes(this.#kind, rowsMax)),
      offsetsPtr: isText ? region.take((rowsMax + 1) * 4) : 0,
      validityPtr: info.nullable ? region.take(rowsMax / 8) : 0,
    };
  }

  /** Bytes that the buffers of a column take of a region. */
  static bufferBytes(info: SourceColumnInfo, rowsMax: number): number {
    const kind = valueKind(info)!;
    const values = kind === VALUE_TEXT ? TEXT_BYTES_MAX + rowsMax * 4 : bufferBytes(kind, rowsMax);
    return CURSOR_BYTES + values + rowsMax / 8 + 512;
  }

  /** Begins a chunk of `rowCount` rows, the whole of it or a first part at `bytes`. */
  open(rowGroup: number, rowCount: number, chunk: ChunkStorage, bytes: PageBytes): void {
    this.#rowGroup = rowGroup;
    this.#chunkRows = rowCount;
    this.#rowsRead = 0;
    this.#pageRowsLeft = 0;
    this.#set(CURSOR_DICTIONARY_COUNT, 0);
    this.#pages.open(rowGroup, chunk, bytes);
  }

  /**
   * Makes sure that the next row can be read.
   * @returns a promise when more bytes of the file are needed, else null
   */
  prepare(): Promise<void> | null {
    return this.#pageRowsLeft > 0 ? null : this.#nextPage();
  }

  /** How many of the next `count` rows fit this column's run buffer; prepare came before. */
  rowsThatFit(count: number): number {
    if (this.#kind !== VALUE_TEXT) return count;
    const onPage = Math.min(count, this.#pageRowsLeft);
    const fitting = this.#core.kernels.cursorTextRows(this.#cursorPtr, onPage, TEXT_BYTES_MAX);
    if (fitting === 0) throw new RegionFull('a text is longer than a run holds');
    return fitting;
  }

  /**
   * Reads the next `count` rows.
   * @param placePtr where values of 4 or 8 bytes are wanted; null: in the run's buffer
   */
  async read(count: number, placePtr: number | null): Promise<SourceColumn> {
    const valuesPtr = placePtr ?? this.#buffers.valuesPtr;
    let present = 0;
    for (let done = 0; done < count; ) {
      if (this.#pageRowsLeft === 0) {
        const more = this.#nextPage();
        if (more !== null) await more;
      }
      const rows = Math.min(count - done, this.#pageRowsLeft);
      const found = this.#readRows(rows, valuesPtr, done);
      present += found;
      this.#pageRowsLeft -= rows;
      this.#pageNullsLeft -= rows - found;
      if (this.#pageRowsLeft === 0 && this.#saysNulls) this.#checkNulls();
      done += rows;
    }
    this.#rowsRead += count;
    return this.#column(count, valuesPtr, count - present);
  }

  /** The chunk's rows are read: what is left of its bytes must hold no more. */
  async finish(): Promise<void> {
    let extra = this.#pageRowsLeft;
    for (let page = this.#pages.next(); page !== null; page = this.#pages.next()) {
      if (page === 'more') await this.#pages.more();
      else if (!page.isDictionary) extra += page.rowCount;
    }
    if (extra > 0) throw this.#wrongRowCount(this.#rowsRead + extra);
  }

  #readRows(count: number, valuesPtr: number, row: number): number {
    const { kernels, views } = this.#core;
    const { offsetsPtr, validityPtr } = this.#buffers;
    let present: number;
    if (this.#kind === VALUE_TEXT) {
      const offset = row === 0 ? 0 : views.i32[offsetsPtr / 4 + row]!;
      const cursor = this.#cursorPtr;
      present = kernels.cursorReadTexts(
        cursor,
        count,
        offsetsPtr,
        valuesPtr,
        offset,
        row,
        validityPtr,
      );
    } else {
      present = kernels.cursorRead(this.#cursorPtr, count, valuesPtr, row, validityPtr);
    }
    if (present < 0) throw corruptStatus(this.#pages.place, 'its values', present);
    return present;
  }

  #column(rowCount: number, valuesPtr: number, nullCount: number): SourceColumn {
    const { views } = this.#core;
    const { offsetsPtr, validityPtr } = this.#buffers;
    const isText = this.#kind === VALUE_TEXT;
    const offsets = isText ? views.i32At(offsetsPtr, rowCount + 1) : null;
    let byteLength = rowCount * this.valueBytes;
    if (this.#kind === VALUE_BOOL) byteLength = Math.ceil(rowCount / 8);
    else if (offsets !== null) byteLength = offsets[rowCount]!;
    return {
      info: this.info,
      rowCount,
      values: views.bytes(valuesPtr, byteLength),
      valuesPtr,
      offsets,
      validity: nullCount === 0 ? null : views.bytes(validityPtr, Math.ceil(rowCount / 8)),
      nullCount,
    };
  }

  /** Opens the next data page that has rows; a dictionary in front of it is taken over. */
  #nextPage(): Promise<void> | null {
    for (;;) {
      const page = this.#pages.next();
      if (page === 'more') return this.#pages.more().then(() => this.#nextPage() ?? undefined);
      if (page === null) throw this.#wrongRowCount(this.#rowsRead);
      if (page.isDictionary) this.#takeDictionary(page);
      else if (page.rowCount > 0) {
        this.#begin(page);
        return null;
      }
    }
  }

  #begin(page: Page): void {
    const body = this.#pages.body(page, this.#kind);
    const begun = this.#core.kernels.cursorBegin(
      this.#cursorPtr,
      page.encoding,
      page.rowCount,
      body.levelsPtr,
      body.levelsEndPtr,
      body.valuesPtr,
      body.endPtr,
    );
    if (begun < 0) throw corruptStatus(this.#pages.place, 'its levels or values', begun);
    this.#pageRowsLeft = page.rowCount;
    this.#pageNullsLeft = page.nullCount ?? 0;
    this.#saysNulls = page.nullCount !== null;
  }

  #checkNulls(): void {
    const more = -this.#pageNullsLeft;
    if (more === 0) return;
    const what = `it has ${Math.abs(more)} nulls ${more > 0 ? 'more' : 'fewer'} than its header says`;
    throw corruptPage(this.#pages.place, what);
  }

  #takeDictionary(page: Page): void {
    const { valuesPtr, endPtr } = this.#pages.body(page, this.#kind);
    const { kernels } = this.#core;
    const byteLength = endPtr - valuesPtr;
    const needed = kernels.cursorDictionaryBytes(this.#cursorPtr, page.rowCount, byteLength);
    // An entry of no bytes at all cannot be; so a lying count asks for no memory.
    if (page.rowCount > byteLength) {
      throw corruptStatus(this.#pages.place, 'its entries', -STATUS_TRUNCATED);
    }
    if (needed > this.#dictionaryBytes) {
      this.#dictionaryPtr = this.#region.take(needed);
      this.#dictionaryBytes = needed;
    }
    this.#set(CURSOR_DICTIONARY_PTR, this.#dictionaryPtr);
    const taken = kernels.cursorDictionary(this.#cursorPtr, valuesPtr, endPtr, page.rowCount);
    if (taken < 0) throw corruptStatus(this.#pages.place, 'its entries', taken);
  }

  #wrongRowCount(found: number) {
    const { path } = this.#pages.place;
    const place = { path, rowGroup: this.#rowGroup, column: this.info.name };
    return rowCountError(place, found, this.#chunkRows);
  }

  #set(field: number, value: number): void {
    this.#core.views.i32[(this.#cursorPtr + field) >>> 2] = value;
  }
}

/** Bytes of a run's values, with room for whole vectors behind them. */
function bufferBytes(kind: number, rowsMax: number): number {
  return kind === VALUE_BOOL ? rowsMax / 8 : rowsMax * valueBytes(kind);
}

export const RUN_ROWS_MAX = CURSOR_CODES_MAX;
