import { FLAG_LAST } from '../abi/flags.js';
import { PAGE_ROWS } from '../abi/limits.js';
import type { Core } from '../core/core.js';
import { invariant } from '../errors/errors.js';
import type { ColumnPlace, TableLayout } from '../memory/column-layout.js';
import type { SourceColumn } from '../parquet/reader.js';
import { copyIntegers, copyValues } from './copy-integers.js';
import { markRows } from './decode-marks.js';
import { decodeNumbers, type NumberInput } from './decode-numbers.js';
import { PlainRows } from './decode-plain.js';
import { refuseNulls, selectRowsOf, selectRowsWithin } from './decode-selection.js';
import { decodeSides } from './decode-sides.js';
import { takeSnapshotIds } from './decode-snapshots.js';
import { type DecodedRows, type DecodeSlot, SlotFiller } from './decode-target.js';
import { decodeTimes, type TimeInput } from './decode-times.js';
import { copyTradeIds } from './decode-trade-ids.js';
import { type RowNumbers, rowNumbersOf, type WantedRows } from './file-rows.js';
import type { Selection } from './options.js';
import { SYMBOL_NULL } from './probe.js';
import { compactRows, keptRuns, readBit } from './row-columns.js';
import { messageOfRow } from './row-message.js';
import { rowPlanOf } from './row-plan.js';
import { RowProblems } from './row-problems.js';
import { type RowRun, rowsThatFit, type ScaleScratch } from './scale-column.js';
import { valueText } from './source-values.js';
import type { PlannedFile, RowMapping, Scales, TimeField, TradeIdType } from './types.js';

/** Bytes of scratch that a decoder needs: a bitmap, and a run of the widest numbers. */
export const DECODE_SCRATCH_BYTES = 512 * 1024;
/** A bit for each row of a run, and for those of the byte before it; a multiple of 64. */
export const BITMAP_BYTES = PAGE_ROWS / 8 + 64;

export interface RowDecoderOptions extends WantedRows {
  readonly core: Core;
  /** 64-byte aligned, DECODE_SCRATCH_BYTES or more; used only while append runs. */
  readonly scratch: { readonly ptr: number; readonly byteLength: number };
  readonly file: PlannedFile;
  /** Of the table (tables.ts): depth or trades. */
  readonly layout: TableLayout;
  readonly scales: Scales;
  readonly tradeIds: TradeIdType;
  readonly selection: Pick<Selection, 'fromNs' | 'toNs'>;
  /** Slots to fill in this order, enough for all rows. */
  readonly slots: readonly DecodeSlot[];
}

/**
 * Turns rows of a depth or trades table, as the source has them, into integer columns in slots:
 * numbers exact in pips, times in ns, sides as bits. Rows that are bad in themselves are left out
 * and reported; rows that the selection does not take are left out and counted.
 *
 * One decoder serves one task: append all rows, then finish.
 */
export class RowDecoder {
  /** Columns to read, each once. */
  readonly columnNames: readonly string[];
  readonly #options: RowDecoderOptions;
  readonly #rows: RowMapping;
  readonly #filler: SlotFiller;
  readonly #fileRows: RowNumbers;
  readonly #problems = new RowProblems(PAGE_ROWS);
  readonly #badBitmapPtr: number;
  readonly #scratch: ScaleScratch;
  readonly #places: ReadonlyMap<string, ColumnPlace>;
  readonly #targets: ReadonlyMap<string, ColumnPlace>;
  /** null: nothing is plain about this file or selection. */
  readonly #plain: PlainRows | null;
  /** Of the rows of the run, where they are text. */
  #tradeIds: (string | null)[] | null = null;

  constructor(options: RowDecoderOptions) {
    const { core, file, layout, scales, selection, scratch, slots } = options;
    invariant(file.rows !== null, `${file.path} is no table of rows`);
    invariant(scratch.byteLength >= DECODE_SCRATCH_BYTES, 'the scratch of a decoder is too small');
    this.#options = options;
    this.#rows = file.rows;
    const { columnNames, places, targets, plain } = rowPlanOf(file, layout);
    this.columnNames = columnNames;
    this.#places = places;
    this.#targets = targets;
    this.#filler = new SlotFiller(layout, slots);
    this.#fileRows = rowNumbersOf(file, options);
    this.#badBitmapPtr = scratch.ptr;
    const byteLength = scratch.byteLength - BITMAP_BYTES;
    this.#scratch = { ptr: scratch.ptr + BITMAP_BYTES, byteLength };
    const { fromNs, toNs } = selection;
    const hasTexts = file.table === 'trades' && options.tradeIds === 'text';
    const isFast = fromNs === null && toNs === null && !hasTexts;
    this.#plain = plain !== null && isFast ? new PlainRows(core, plain, scales, scratch.ptr) : null;
  }

  /**
   * Takes the next `rowCount` rows; `columns` in any order, valid during the call.
   * @throws InputError ERR_SCALE for a number that the instrument's scale cannot hold exactly
   */
  append(columns: readonly SourceColumn[], rowCount: number): void {
    this.#fileRows.begin(columns);
    for (let start = this.#appendPlain(columns, rowCount); start < rowCount; ) {
      const byName = new Map(columns.map((column) => [column.info.name, column]));
      const rowsMax = Math.min(rowCount - start, this.#filler.room(), this.#fileRows.rowsKnown);
      const count = [this.#rows.price, this.#rows.qty].reduce(
        (most, name) => rowsThatFit(columnOf(byName, name), { start, count: most }, this.#scratch),
        rowsMax,
      );
      this.#appendRun(byName, { start, count });
      this.#fileRows.advance(count);
      start += count;
    }
  }

  /** Takes rows as long as nothing is the matter with them; returns how many. */
  #appendPlain(columns: readonly SourceColumn[], rowCount: number): number {
    if (this.#plain === null || !this.#areInOrder(columns)) return 0;
    const filler = this.#filler;
    for (let start = 0; start < rowCount; ) {
      const count = Math.min(rowCount - start, filler.room(), this.#fileRows.rowsKnown);
      const run = { start, count };
      const done = this.#plain.decode(columns, run, filler.slotPtr, filler.rowCount);
      if (done > 0) {
        filler.addRuns(this.#fileRows.runs(0, done));
        this.#fileRows.advance(done);
        start += done;
      }
      if (done < count) return start;
    }
    return rowCount;
  }

  #areInOrder(columns: readonly SourceColumn[]): boolean {
    return this.columnNames.every((name, index) => columns[index]?.info.name === name);
  }

  /** RowPlaces of the reader: rows are decoded where they belong, as far as their slot goes. */
  room(): number {
    return this.#filler.room();
  }

  placeOf(columnName: string, valueBytes: number): number | null {
    const place = this.#targets.get(columnName);
    if (place === undefined || (place.type === 'int32' ? 4 : 8) !== valueBytes) return null;
    return this.#filler.slotPtr + place.valuesOffset + this.#filler.rowCount * valueBytes;
  }

  finish(): DecodedRows {
    return this.#filler.finish();
  }

  #appendRun(columns: ReadonlyMap<string, SourceColumn>, run: RowRun): void {
    this.#problems.reset();
    const { core, file, selection } = this.#options;
    selectRowsOf(file.rowFilter, this.#rows, columns, run, this.#problems);
    this.#copyFlags(columns, run);
    const flagsPtr = this.#ptr('flags')!;
    markRows(core, file, columns, run, flagsPtr, this.#problems, this.#scratch);
    this.#copyTimes(columns, run);
    selectRowsWithin(core, selection, this.#ptr('ts_recv')!, run.count, this.#problems);
    this.#copyNumbers(columns, run);
    this.#copySides(columns, run);
    this.#copyIds(columns, run);
    this.#keepGoodRows(columns, run);
  }

  /** Address of a table's column for the next row; undefined: the table has no such column. */
  #ptr(name: string): number | undefined {
    const place = this.#places.get(name);
    if (place === undefined) return undefined;
    const width = place.type === 'int32' ? 4 : 8;
    return this.#filler.slotPtr + place.valuesOffset + this.#filler.rowCount * width;
  }

  #copyFlags(columns: ReadonlyMap<string, SourceColumn>, run: RowRun): void {
    const ptr = this.#ptr('flags')!;
    const { count } = run;
    if (this.#rows.flags === null) {
      this.#options.core.kernels.fillBytes(ptr, count * 4, 0);
      return;
    }
    const column = columnOf(columns, this.#rows.flags);
    copyValues(this.#options.core, column, run, 4, ptr);
    refuseNulls(column, run, this.#problems);
  }

  #copyTimes(columns: ReadonlyMap<string, SourceColumn>, run: RowRun): void {
    const input = (field: TimeField | null): TimeInput | null =>
      field && { field, column: columnOf(columns, field.column) };
    const times = { recv: input(this.#rows.tsRecv), event: input(this.#rows.tsEvent) };
    const target = {
      recvPtr: this.#ptr('ts_recv')!,
      eventPtr: this.#ptr('ts_event')!,
      flagsPtr: this.#ptr('flags')!,
      badBitmapPtr: this.#badBitmapPtr,
    };
    decodeTimes(this.#options.core, times, run, target, this.#problems);
  }

  #copyNumbers(columns: ReadonlyMap<string, SourceColumn>, run: RowRun): void {
    const { core, scales, file } = this.#options;
    for (const what of ['price', 'qty'] as const) {
      const input: NumberInput = {
        column: columnOf(columns, this.#rows[what]),
        what,
        scale: scales[what],
        integerScale: this.#rows.pipsScale?.[what] ?? 0,
      };
      const target = {
        outPtr: this.#ptr(`${what}_pips`)!,
        badBitmapPtr: this.#badBitmapPtr,
        scratch: this.#scratch,
      };
      const symbol = file.symbol ?? file.rowFilter?.symbol ?? SYMBOL_NULL;
      decodeNumbers(core, input, run, target, this.#problems, (row) => ({
        path: file.path,
        symbol,
        ...this.#fileRows.placeOf(row),
      }));
    }
  }

  #copySides(columns: ReadonlyMap<string, SourceColumn>, run: RowRun): void {
    const place = this.#sidePlace();
    const { side } = this.#rows;
    invariant(side !== null, `${this.#options.file.path} was planned without a side`);
    const base = this.#filler.slotPtr;
    const target = {
      ptr: base + place.valuesOffset,
      validityPtr: place.nullable ? base + place.validityOffset : null,
      row: this.#filler.rowCount,
    };
    const input = { field: side, column: columnOf(columns, side.column) };
    decodeSides(this.#options.core, input, run, target, this.#problems, this.#scratch);
  }

  #sidePlace(): ColumnPlace {
    return (this.#places.get('is_bid') ?? this.#places.get('is_buy'))!;
  }

  #copyIds(columns: ReadonlyMap<string, SourceColumn>, run: RowRun): void {
    const { core } = this.#options;
    const { sequence, sequenceFirst, sequencePrev, tradeId } = this.#rows;
    // A snapshot has one id, whatever ids the changes have.
    const only = this.#options.file.table === 'snapshots' ? sequence : null;
    for (const [name, source] of [
      ['sequence', sequence],
      ['sequence_first', sequenceFirst ?? only],
      ['sequence_prev', sequencePrev ?? only],
    ] as const) {
      const ptr = this.#ptr(name);
      if (ptr === undefined) continue;
      invariant(source !== null, `${this.#options.file.path} was planned without ${name}`);
      const column = columnOf(columns, source);
      copyIntegers(core, column, run, ptr);
      const at = { ptr, sequencePtr: this.#ptr('sequence')!, flagsPtr: this.#ptr('flags')! };
      if (name === 'sequence') refuseNulls(column, run, this.#problems);
      else takeSnapshotIds(core, column, run, at, this.#problems);
    }
    const place = this.#places.get('trade_id');
    if (place !== undefined) {
      const column = tradeId === null ? null : columnOf(columns, tradeId);
      const { slotPtr, rowCount: row } = this.#filler;
      const problems = this.#options.tradeIds === 'text' ? this.#problems : null;
      this.#tradeIds = copyTradeIds(core, column, run, { place, slotPtr, row }, problems);
    }
  }

  /** Notes rows [start, end) of the run, which were written behind the last ones. */
  #addRows(start: number, end: number): void {
    if (this.#tradeIds !== null) this.#filler.addTradeIds(this.#tradeIds.slice(start, end));
    this.#filler.addRuns(this.#fileRows.runs(start, end));
  }

  #keepGoodRows(columns: ReadonlyMap<string, SourceColumn>, run: RowRun): void {
    const problems = this.#problems;
    const filler = this.#filler;
    const fileRows = this.#fileRows;
    for (const stamp of problems.stamps()) {
      filler.addUnstamped({ ...stamp, row: fileRows.rowOf(stamp.row) });
    }
    if (problems.droppedCount === 0) {
      this.#addRows(0, run.count);
      return;
    }
    const ptrOf = (name: string): number | undefined => this.#ptr(name);
    const places = { rows: this.#rows, columns, ptrOf };
    const rejects = problems.rejected().map(({ row, reason, column, value }) => ({
      ...fileRows.placeOf(row),
      reason,
      column,
      value: value ?? valueText(columnOf(columns, column), run.start + row),
      ...this.#levelOf(row),
      ...messageOfRow(this.#options.core.views, places, row, run.start + row),
    }));
    const { flags, lasts } = this.#rows;
    if (flags !== null || lasts !== undefined) this.#handLastOn(run.count);
    const isKept = (row: number): boolean => problems.isKept(row);
    const runs = keptRuns(run.count, isKept);
    const slot = { ptr: filler.slotPtr, columns: filler.layout.columns };
    const rows = { rowStart: filler.rowCount, rowCount: run.count };
    compactRows(this.#options.core, slot, rows, isKept, this.#badBitmapPtr);
    let next = 0;
    for (const { start, end } of runs) {
      while (next < rejects.length && rejects[next]!.row < fileRows.rowOf(start)) {
        filler.addReject(rejects[next++]!);
      }
      this.#addRows(start, end);
    }
    for (const reject of rejects.slice(next)) filler.addReject(reject);
    filler.addDeselected(problems.deselectedCount);
  }

  /** The level that a refused row meant, as far as its price and side are good. */
  #levelOf(row: number): { isBid: boolean | null; pricePips: bigint | null } {
    const { views } = this.#options.core;
    const sidePtr = this.#filler.slotPtr + this.#sidePlace().valuesOffset;
    const isBid = readBit(views.u8, sidePtr, this.#filler.rowCount + row);
    return {
      isBid: this.#problems.hasSide(row) ? isBid : null,
      pricePips: this.#problems.hasPrice(row)
        ? views.i64[this.#ptr('price_pips')! / 8 + row]!
        : null,
    };
  }

  /** A dropped row that ended its message leaves that to the row before it. */
  #handLastOn(rowCount: number): void {
    const flags = this.#options.core.views.i32;
    const base = this.#ptr('flags')! / 4;
    let before = this.#filler.rowCount > 0 ? -1 : null;
    for (let row = 0; row < rowCount; row++) {
      if (this.#problems.isKept(row)) before = row;
      else if (before !== null && (flags[base + row]! & FLAG_LAST) !== 0) {
        flags[base + before]! |= FLAG_LAST;
      }
    }
  }
}

function columnOf(columns: ReadonlyMap<string, SourceColumn>, name: string): SourceColumn {
  const column = columns.get(name);
  invariant(column !== undefined, `column ${name} was not handed over`);
  return column;
}
