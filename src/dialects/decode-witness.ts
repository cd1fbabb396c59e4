import type { Core } from '../core/core.js';
import { type LevelRows, witnessLevel } from '../core/witness.js';
import { invariant } from '../errors/errors.js';
import type { SourceColumn } from '../parquet/reader.js';
import { copyIntegers } from './copy-integers.js';
import { BITMAP_BYTES, DECODE_SCRATCH_BYTES, type RowDecoderOptions } from './decode.js';
import { type NumberInput, scaleError } from './decode-numbers.js';
import { selectRowsOf, selectRowsWithin } from './decode-selection.js';
import { type DecodedRows, SlotFiller } from './decode-target.js';
import { decodeTimes, type TimeInput } from './decode-times.js';
import { type RowNumbers, rowNumbersOf } from './file-rows.js';
import { compactRows, keptRuns, readBit } from './row-columns.js';
import { RowProblems } from './row-problems.js';
import {
  classifyNumber,
  type RowRun,
  rowsThatFit,
  type ScaleScratch,
  scaleColumn,
} from './scale-column.js';
import { isPresent } from './source-values.js';
import { WITNESS_INVALID, WITNESS_LEVELS_MAX, WITNESS_SILENT } from './tables.js';
import type { LevelColumns, LevelMapping, PlannedFile, TimeField } from './types.js';
import {
  type LevelPlace,
  levelColumnNames,
  levelCountOf,
  levelPlaces,
  placedLevels,
} from './witness-places.js';

/** A level of one row: there, beyond the last one (padding), or what no book has. */
const LEVEL_GOOD = 0;
const LEVEL_ABSENT = 1;
const LEVEL_BAD = 2;

/** Levels a side that a day's slots must hold for all its files of one witness table. */
export function witnessLevelCount(files: readonly PlannedFile[]): number {
  const counts = files.map((file) => file.levels?.bids.length ?? 0);
  return Math.min(Math.max(0, ...counts), WITNESS_LEVELS_MAX);
}

/**
 * Turns book rows into slots of a witness table (tables.ts). Every row that the selection takes
 * comes out, in order; one that must neither seed nor be compared has bid_count WITNESS_INVALID:
 * not finite or positive, not strictly monotone, crossed, a level behind a missing one, or without id
 * or time (MODEL section 4, "Seeding Lake"); or WITNESS_SILENT: not two-sided, or locked.
 */
export class WitnessDecoder {
  /** Columns to read, each once. */
  readonly columnNames: readonly string[];
  readonly #options: RowDecoderOptions;
  readonly #levels: LevelMapping;
  readonly #bids: readonly LevelPlace[];
  readonly #asks: readonly LevelPlace[];
  /** Offsets in a slot of the level columns that are scaled in place, by the source's names. */
  readonly #placed: ReadonlyMap<string, number>;
  readonly #filler: SlotFiller;
  readonly #fileRows: RowNumbers;
  readonly #problems: RowProblems;
  readonly #badBitmapPtr: number;
  readonly #scratch: ScaleScratch;
  readonly #flagsPtr: number;
  /** A byte a row of the run: 1 where it must not be used. */
  readonly #invalidPtr: number;
  readonly #offsets: ReadonlyMap<string, number>;

  constructor(options: RowDecoderOptions) {
    const { file, layout, scratch, slots } = options;
    invariant(file.levels !== null, `${file.path} is no table of levels`);
    invariant(scratch.byteLength >= DECODE_SCRATCH_BYTES, 'the scratch of a decoder is too small');
    this.#options = options;
    const levelCount = levelCountOf(layout);
    const bids = file.levels.bids.slice(0, levelCount);
    const asks = file.levels.asks.slice(0, levelCount);
    this.#levels = { ...file.levels, bids, asks };
    this.#bids = levelPlaces('bid', bids, layout);
    this.#asks = levelPlaces('ask', asks, layout);
    this.#placed = placedLevels(file, [...this.#bids, ...this.#asks]);
    this.columnNames = levelColumnNames(this.#levels, file);
    this.#filler = new SlotFiller(layout, slots);
    this.#fileRows = rowNumbersOf(file, options);
    this.#problems = new RowProblems(layout.rowCapacity);
    this.#offsets = new Map(layout.columns.map(({ name, valuesOffset }) => [name, valuesOffset]));
    this.#badBitmapPtr = scratch.ptr;
    // decodeTimes notes copied stamps in flags, which this table does not have.
    this.#flagsPtr = scratch.ptr + BITMAP_BYTES;
    this.#invalidPtr = this.#flagsPtr + layout.rowCapacity * 4;
    const used = BITMAP_BYTES + layout.rowCapacity * 5;
    this.#scratch = { ptr: scratch.ptr + used, byteLength: scratch.byteLength - used };
  }

  /** As RowDecoder.append. */
  append(columns: readonly SourceColumn[], rowCount: number): void {
    const byName = new Map(columns.map((column) => [column.info.name, column]));
    this.#fileRows.begin(columns);
    for (let start = 0; start < rowCount; ) {
      const rowsMax = Math.min(rowCount - start, this.#filler.room(), this.#fileRows.rowsKnown);
      let count = rowsMax;
      for (const column of columns) {
        // Of 80 and more columns nearly all are doubles, which need no room.
        if (column.info.type === 'double') continue;
        count = rowsThatFit(column, { start, count }, this.#scratch);
      }
      this.#appendRun(byName, { start, count });
      this.#fileRows.advance(count);
      start += count;
    }
  }

  /** RowPlaces of the reader: levels are decoded where they belong, as far as their slot goes. */
  room(): number {
    return this.#filler.room();
  }

  placeOf(columnName: string, valueBytes: number): number | null {
    const offset = this.#placed.get(columnName);
    if (offset === undefined || valueBytes !== 8) return null;
    return this.#filler.slotPtr + offset + this.#filler.rowCount * 8;
  }

  finish(): DecodedRows {
    return this.#filler.finish();
  }

  #appendRun(columns: ReadonlyMap<string, SourceColumn>, run: RowRun): void {
    const { core, file, selection, layout } = this.#options;
    const problems = this.#problems;
    problems.reset();
    core.kernels.fillBytes(this.#invalidPtr, run.count, 0);
    const named = { exchange: this.#levels.exchange, symbol: this.#levels.symbol };
    selectRowsOf(file.rowFilter, named, columns, run, problems);
    this.#copyTimes(columns, run);
    selectRowsWithin(core, selection, this.#ptr('ts_recv'), run.count, problems);
    this.#copySequence(columns, run);
    this.#copySide('bid', columns, run);
    this.#copySide('ask', columns, run);
    this.#markInvalid(run.count);
    const isKept = (row: number): boolean => !problems.isDeselected(row);
    const runs = keptRuns(run.count, isKept);
    const { slotPtr, rowCount } = this.#filler;
    if (problems.deselectedCount > 0) {
      const slot = { ptr: slotPtr, columns: layout.columns };
      const rows = { rowStart: rowCount, rowCount: run.count };
      compactRows(core, slot, rows, isKept, this.#badBitmapPtr);
      this.#filler.addDeselected(problems.deselectedCount);
    }
    for (const { start, end } of runs) this.#filler.addRuns(this.#fileRows.runs(start, end));
  }

  #ptr(name: string, width: 4 | 8 = 8): number {
    const { slotPtr, rowCount } = this.#filler;
    return slotPtr + this.#offsets.get(name)! + rowCount * width;
  }

  #copyTimes(columns: ReadonlyMap<string, SourceColumn>, run: RowRun): void {
    const input = (field: TimeField | null): TimeInput | null =>
      field && { field, column: columns.get(field.column)! };
    const times = { recv: input(this.#levels.tsRecv), event: input(this.#levels.tsEvent) };
    const target = {
      recvPtr: this.#ptr('ts_recv'),
      eventPtr: this.#ptr('ts_event'),
      flagsPtr: this.#flagsPtr,
      badBitmapPtr: this.#badBitmapPtr,
    };
    decodeTimes(this.#options.core, times, run, target, this.#problems);
    for (const { row } of this.#problems.rejected()) this.#invalidate(row);
  }

  #copySequence(columns: ReadonlyMap<string, SourceColumn>, run: RowRun): void {
    const { core } = this.#options;
    const ptr = this.#ptr('sequence');
    const { start, count } = run;
    const name = this.#levels.sequence;
    if (name === null) {
      zero(core, ptr, count);
      return;
    }
    const column = columns.get(name)!;
    copyIntegers(core, column, run, ptr);
    if (column.nullCount === 0) return;
    for (let row = 0; row < count; row++) {
      if (!isPresent(column, start + row)) this.#invalidate(row);
    }
  }

  #invalidate(row: number): void {
    this.#options.core.views.u8[this.#invalidPtr + row] = 1;
  }

  /** Writes one side's levels, and how many each row has from the best on. */
  #copySide(side: 'bid' | 'ask', columns: ReadonlyMap<string, SourceColumn>, run: RowRun): void {
    const { core } = this.#options;
    const { slotPtr, rowCount } = this.#filler;
    const countsPtr = this.#ptr(`${side}_count`, 4);
    core.kernels.fillBytes(countsPtr, run.count * 4, 0);
    const isBid = side === 'bid';
    let betterPtr = 0;
    for (const [level, place] of (isBid ? this.#bids : this.#asks).entries()) {
      const pricePtr = slotPtr + place.priceOffset + rowCount * 8;
      const qtyPtr = slotPtr + place.qtyOffset + rowCount * 8;
      const { source } = place;
      if (source === null) {
        zero(core, pricePtr, run.count);
        zero(core, qtyPtr, run.count);
      } else {
        const prices = this.#copyNumbers('price', source, columns, run, pricePtr);
        const qtys = this.#copyNumbers('qty', source, columns, run, qtyPtr);
        const rows = { pricePtr, qtyPtr, betterPtr, isBid, level, rowCount: run.count };
        if (prices === null && qtys === null) witnessLevel(core, rows, countsPtr, this.#invalidPtr);
        else this.#countLevel(rows, prices, qtys, countsPtr);
      }
      betterPtr = pricePtr;
    }
  }

  /** As witnessLevel, where some value of the level is not there or not good. */
  #countLevel(
    { pricePtr, qtyPtr, betterPtr, isBid, level, rowCount }: LevelRows,
    prices: Uint8Array | null,
    qtys: Uint8Array | null,
    countsPtr: number,
  ): void {
    const { i32, u32 } = this.#options.core.views;
    const counts = i32.subarray(countsPtr / 4, countsPtr / 4 + rowCount);
    for (let row = 0; row < rowCount; row++) {
      const price = prices?.[row] ?? this.#kindOfGood(pricePtr + row * 8);
      const qty = qtys?.[row] ?? this.#kindOfGood(qtyPtr + row * 8);
      if (price === LEVEL_ABSENT && qty === LEVEL_ABSENT) continue;
      const isGood = price === LEVEL_GOOD && qty === LEVEL_GOOD;
      const order =
        betterPtr === 0 ? 0 : compareInt64(i32, u32, pricePtr + row * 8, betterPtr + row * 8);
      const isMonotone = betterPtr === 0 || (isBid ? order < 0 : order > 0);
      if (isGood && counts[row] === level && isMonotone) counts[row]!++;
      else this.#invalidate(row);
    }
  }

  /** LEVEL_... of a value that is there: zero and negative numbers are on no book. */
  #kindOfGood(ptr: number): number {
    const { i32 } = this.#options.core.views;
    const high = i32[ptr / 4 + 1]!;
    return high < 0 || (high === 0 && i32[ptr / 4] === 0) ? LEVEL_BAD : LEVEL_GOOD;
  }

  /**
   * Scales one level column; returns LEVEL_... of each row, or null where all values are there and
   * could be scaled. Values that are not become 0.
   */
  #copyNumbers(
    what: 'price' | 'qty',
    source: LevelColumns,
    columns: ReadonlyMap<string, SourceColumn>,
    run: RowRun,
    outPtr: number,
  ): Uint8Array | null {
    const { core, scales, file } = this.#options;
    const column = columns.get(source[what])!;
    const scale = scales[what];
    const badBitmapPtr = this.#badBitmapPtr;
    const { i64, u8 } = core.views;
    core.kernels.fillBytes(badBitmapPtr, Math.ceil(run.count / 8), 0);
    const target = { scale, integerScale: 0, outPtr, badBitmapPtr, scratch: this.#scratch };
    const badCount = scaleColumn(core, column, run, target);
    if (badCount === 0 && column.nullCount === 0) return null;
    const input: NumberInput = { column, what, scale, integerScale: 0 };
    const kinds = new Uint8Array(run.count);
    const base = outPtr >>> 3;
    for (let row = 0; row < run.count; row++) {
      const isBad = badCount > 0 && readBit(u8, badBitmapPtr, row);
      if (!isBad && isPresent(column, run.start + row)) {
        kinds[row] = this.#kindOfGood(outPtr + row * 8);
        continue;
      }
      // First looked at: the source's value may lie right here.
      kinds[row] = this.#kindOfBad(input, run.start + row, row, file);
      i64[base + row] = 0n;
    }
    return kinds;
  }

  #kindOfBad(input: NumberInput, sourceRow: number, row: number, file: PlannedFile): number {
    const { column, scale } = input;
    const found = classifyNumber(column, sourceRow, scale, 0);
    if (found.kind === 'null') return LEVEL_ABSENT;
    if (found.kind === 'not_finite')
      return isNotANumber(column, sourceRow) ? LEVEL_ABSENT : LEVEL_BAD;
    if (found.kind === 'scale' && !this.#problems.isDeselected(row)) {
      const symbol = file.symbol ?? file.rowFilter?.symbol ?? '';
      const place = { path: file.path, symbol, ...this.#fileRows.placeOf(row) };
      throw scaleError(input, found, place);
    }
    return LEVEL_BAD;
  }

  /** A row that must not be used has WITNESS_INVALID for its counts, or WITNESS_SILENT. */
  #markInvalid(rowCount: number): void {
    const { core } = this.#options;
    const bestBidPtr = this.#ptr('bid_0_price_pips');
    const bestAskPtr = this.#ptr('ask_0_price_pips');
    const { i32, u32, u8 } = core.views;
    const bidBase = this.#ptr('bid_count', 4) >>> 2;
    const askBase = this.#ptr('ask_count', 4) >>> 2;
    for (let row = 0; row < rowCount; row++) {
      const isTwoSided = i32[bidBase + row]! > 0 && i32[askBase + row]! > 0;
      const order = compareInt64(i32, u32, bestBidPtr + row * 8, bestAskPtr + row * 8);
      const isGood = u8[this.#invalidPtr + row] === 0;
      if (isGood && isTwoSided && order < 0) continue;
      const isSilent = isGood && (!isTwoSided || order === 0);
      i32[bidBase + row] = isSilent ? WITNESS_SILENT : WITNESS_INVALID;
      i32[askBase + row] = i32[bidBase + row]!;
    }
  }
}

/** NaN is padding; an infinity is a mistake. */
function isNotANumber(column: SourceColumn, row: number): boolean {
  const { values, info } = column;
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  if (info.type === 'double') return Number.isNaN(view.getFloat64(row * 8, true));
  if (info.type === 'float') return Number.isNaN(view.getFloat32(row * 4, true));
  return false;
}

function zero(core: Core, ptr: number, count: number): void {
  core.kernels.fillBytes(ptr, count * 8, 0);
}

/** Orders two int64 by their words, without making bigints of them. */
function compareInt64(i32: Int32Array, u32: Uint32Array, aPtr: number, bPtr: number): number {
  const high = i32[(aPtr >>> 2) + 1]! - i32[(bPtr >>> 2) + 1]!;
  return high === 0 ? u32[aPtr >>> 2]! - u32[bPtr >>> 2]! : high;
}
