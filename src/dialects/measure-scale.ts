import type { Core } from '../core/core.js';
import { textsRange } from '../core/decimal-text.js';
import { doublesRange, mergeRanges, type ScaleRange } from '../core/scale.js';
import { HAS_MAX, HAS_MIN } from '../parquet/footer-chunks.js';
import type { SourceColumn, SourceColumnInfo } from '../parquet/reader.js';
import { textFactsOf } from '../text/text-footer.js';
import { type Decimal, decimalOfDouble, scaleMaxOf } from '../units/decimal.js';
import { selectRowsOf } from './decode-selection.js';
import { FILE_ROW_COLUMN } from './gathered-segment.js';
import { withReader } from './probe.js';
import { keptRuns } from './row-columns.js';
import { RowProblems } from './row-problems.js';
import {
  copyTexts,
  decimalAt,
  type RowRun,
  rowsThatFit,
  type ScaleScratch,
} from './scale-column.js';
import type { ScaleSources } from './scales.js';
import { float32Decimal, isPresent } from './source-values.js';
import { type GatheredFile, isGathered, type PlannedFile } from './types.js';

type What = 'price' | 'qty';
export type FileRanges = Readonly<Record<What, ScaleRange>>;

const NOTHING: ScaleRange = { decimals: 0, scaleMax: 18 };

/** Bytes at the start of the scratch that the range kernels use for their result. */
const RESULT_BYTES = 64;

/** A declared scale up to this one needs no look at the values' decimals. */
const DECIMALS_FREE = 8;

/** Rows of a row group that are looked at one by one in JS (floats, integers, decimals). */
const ROWS_ONE_BY_ONE_MAX = 65_536;

/**
 * What the prices and quantities of a file ask of a scale, as far as it is cheap to know.
 * @param isFirst look at the rows of the first row group even where statistics tell
 */
export async function measureFile(
  file: PlannedFile,
  isFirst: boolean,
  sources: ScaleSources,
): Promise<FileRanges> {
  const columns = numberColumns(file);
  const ranges = { price: NOTHING, qty: NOTHING };
  for (const { what, info } of columns) {
    ranges[what] = mergeRanges(ranges[what], statisticsRange(file, info, sources));
  }
  // The first pass over a text has looked at every row, of all its instruments together.
  const isKnown = textFactsOf(file.footer) !== null && !isMixed(file);
  const thorough = isKnown ? [] : columns.filter(({ info }) => needsAllRows(info));
  const first = isFirst && !isKnown ? columns : [];
  if (isGathered(file)) return measureGathered(file, { thorough, first }, sources);
  for (const [position, groupIndex] of file.rowGroupIndexes.entries()) {
    const wanted = position === 0 ? new Set([...thorough, ...first]) : new Set(thorough);
    if (wanted.size === 0) break;
    await measureGroup(file, groupIndex, [...wanted], ranges, sources);
  }
  return ranges;
}

interface NumberColumn {
  readonly what: What;
  readonly info: SourceColumnInfo;
}

function numberColumns(file: PlannedFile): NumberColumn[] {
  const { rows, levels, footer } = file;
  const pairs = rows === null ? [...levels!.bids, ...levels!.asks] : [rows];
  const infos = new Map(footer.columns.map((info) => [info.name, info]));
  return pairs.flatMap(({ price, qty }) => [
    { what: 'price' as const, info: infos.get(price)! },
    { what: 'qty' as const, info: infos.get(qty)! },
  ]);
}

/** Whether what is known of the file is of several instruments together. */
function isMixed(file: PlannedFile): boolean {
  return file.rowFilter !== null || isGathered(file);
}

/** Text tells nothing in advance; a DECIMAL(38, 18) may hold numbers of two decimals. */
function needsAllRows(info: SourceColumnInfo): boolean {
  return info.type === 'utf8' || (info.type === 'decimal128' && info.decimals > DECIMALS_FREE);
}

/**
 * Smallest and largest value of each row group that is read; statistics mix instruments. There
 * are thousands of them: doubles go through the kernel, of integers the extremes will do.
 */
function statisticsRange(
  file: PlannedFile,
  info: SourceColumnInfo,
  { core, scratch }: ScaleSources,
): ScaleRange {
  if (isMixed(file)) return NOTHING;
  const { columns, chunks } = file.footer;
  const at = columns.indexOf(info);
  const text = textFactsOf(file.footer);
  if (text !== null) return text.columns[at]!.range;
  const isNumber = info.type === 'float' || info.type === 'double';
  const found = isNumber
    ? statisticsOf(file, at, chunks.minNumbers, chunks.maxNumbers)
    : extremes(statisticsOf(file, at, chunks.minIntegers, chunks.maxIntegers));
  let range = NOTHING;
  if (info.type === 'double') {
    const ptr = scratch.ptr + RESULT_BYTES;
    const countMax = Math.floor((scratch.byteLength - RESULT_BYTES) / 8);
    for (let start = 0; start < found.length; start += countMax) {
      const part = found.slice(start, start + countMax) as number[];
      core.views.f64.set(part, ptr / 8);
      range = mergeRanges(range, doublesRange(core, ptr, part.length, scratch.ptr));
    }
    return range;
  }
  for (const value of found) {
    const decimal =
      typeof value === 'bigint'
        ? { digits: value, decimals: 0 }
        : decimalOfDouble(float32Decimal(value));
    if (decimal !== null) range = mergeRanges(range, rangeOf(decimal));
  }
  return range;
}

/** The statistics of the row groups that are read, where they are there. */
function statisticsOf<T extends bigint | number>(
  { footer, rowGroupIndexes }: PlannedFile,
  column: number,
  mins: { readonly [index: number]: T },
  maxs: { readonly [index: number]: T },
): T[] {
  const { columns, chunks } = footer;
  const found: T[] = [];
  for (const groupIndex of rowGroupIndexes) {
    const index = groupIndex * columns.length + column;
    const has = chunks.statistics[index]!;
    if ((has & HAS_MIN) !== 0) found.push(mins[index]!);
    if ((has & HAS_MAX) !== 0) found.push(maxs[index]!);
  }
  return found;
}

function extremes(values: readonly bigint[]): readonly bigint[] {
  let [least, most] = [values[0], values[0]];
  if (least === undefined || most === undefined) return [];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

function rangeOf(value: Decimal): ScaleRange {
  return { decimals: Math.min(value.decimals, 19), scaleMax: scaleMaxOf(value) };
}

async function measureGroup(
  file: PlannedFile,
  groupIndex: number,
  wanted: readonly NumberColumn[],
  ranges: Record<What, ScaleRange>,
  { host, core, scratch }: ScaleSources,
): Promise<void> {
  const mapping = (file.rows ?? file.levels)!;
  const filterNames = [
    file.rowFilter?.exchange == null ? null : mapping.exchange,
    file.rowFilter?.symbol == null ? null : mapping.symbol,
  ].filter((name) => name !== null);
  const names = [...new Set([...wanted.map(({ info }) => info.name), ...filterNames])];
  await withReader(file, host, (reader) =>
    reader.readRowGroup(groupIndex, names, (columns, rowCount) => {
      const byName = new Map(columns.map((column) => [column.info.name, column]));
      const runs = runsOf(file, mapping, byName, rowCount);
      for (const { what, info } of wanted) {
        const column = byName.get(info.name)!;
        for (const run of runs) {
          const found = measureRun(core, column, run, scratch);
          ranges[what] = mergeRanges(ranges[what], found);
        }
      }
    }),
  );
}

/**
 * The same rows where they were gathered: of `first` those that stand in the first row group of the
 * file that can hold any.
 */
async function measureGathered(
  file: GatheredFile,
  wanted: { readonly thorough: readonly NumberColumn[]; readonly first: readonly NumberColumn[] },
  { host, core, scratch }: ScaleSources,
): Promise<FileRanges> {
  const ranges = { price: NOTHING, qty: NOTHING };
  const thorough = new Set(wanted.thorough);
  const all = [...new Set([...wanted.thorough, ...wanted.first])];
  const names = [...new Set(all.map(({ info }) => info.name)), FILE_ROW_COLUMN];
  const reader = host.openGathered!(file);
  let isBehindFirst = false;
  for (const segment of file.rowGroupIndexes) {
    if (all.length === 0 || (isBehindFirst && thorough.size === 0)) break;
    await reader.readRowGroup(segment, names, (columns, rowCount) => {
      const firstCount = rowsBefore(file.gathered.firstGroupEnd, columns.at(-1)!);
      isBehindFirst = firstCount < rowCount;
      for (const each of all) {
        const column = columns[names.indexOf(each.info.name)]!;
        const run = { start: 0, count: thorough.has(each) ? rowCount : firstCount };
        const found = measureRun(core, column, run, scratch);
        ranges[each.what] = mergeRanges(ranges[each.what], found);
      }
    });
  }
  return ranges;
}

/** How many rows of a run stand before a row of the file. */
function rowsBefore(fileRowEnd: number, { values, rowCount }: SourceColumn): number {
  const rows = new Uint32Array(values.buffer, values.byteOffset, rowCount);
  const count = rows.findIndex((row) => row >= fileRowEnd);
  return count === -1 ? rowCount : count;
}

/** Runs of the rows that are this instrument's. */
function runsOf(
  file: PlannedFile,
  names: { readonly exchange: string | null; readonly symbol: string | null },
  columns: ReadonlyMap<string, SourceColumn>,
  rowCount: number,
): RowRun[] {
  if (file.rowFilter === null) return [{ start: 0, count: rowCount }];
  const problems = new RowProblems(rowCount);
  selectRowsOf(file.rowFilter, names, columns, { start: 0, count: rowCount }, problems);
  const runs = keptRuns(rowCount, (row) => problems.isKept(row));
  return runs.map(({ start, end }) => ({ start, count: end - start }));
}

/** What rows of one column ask of a scale; those without a number ask nothing. */
function measureRun(
  core: Core,
  column: SourceColumn,
  run: RowRun,
  scratch: ScaleScratch,
): ScaleRange {
  const values = { ptr: scratch.ptr + RESULT_BYTES, byteLength: scratch.byteLength - RESULT_BYTES };
  const { type } = column.info;
  const isWhole = type === 'double' || type === 'utf8';
  if (!isWhole) return measureOneByOne(column, run);
  let range = NOTHING;
  const end = run.start + run.count;
  for (let start = run.start; start < end; ) {
    const most = Math.min(end - start, Math.floor(values.byteLength / 8));
    const count = rowsThatFit(column, { start, count: most }, values);
    if (type === 'double') {
      core.views.u8.set(column.values.subarray(start * 8, (start + count) * 8), values.ptr);
      range = mergeRanges(range, doublesRange(core, values.ptr, count, scratch.ptr));
    } else {
      const texts = copyTexts(core, column, { start, count }, values);
      range = mergeRanges(range, textsRange(core, texts, scratch.ptr));
    }
    start += count;
  }
  return range;
}

function measureOneByOne(column: SourceColumn, run: RowRun): ScaleRange {
  const isThorough = needsAllRows(column.info);
  const count = isThorough ? run.count : Math.min(run.count, ROWS_ONE_BY_ONE_MAX);
  let decimals = 0;
  let largest = 0n;
  let largestDecimals = 0;
  for (let row = run.start; row < run.start + count; row++) {
    if (!isPresent(column, row)) continue;
    const value = decimalAt(column, row, 0);
    if (typeof value === 'string') continue;
    decimals = Math.max(decimals, value.decimals);
    const magnitude = value.digits < 0n ? -value.digits : value.digits;
    // a / 10^m > b / 10^n, compared without a division
    const isLarger =
      magnitude * 10n ** BigInt(largestDecimals) > largest * 10n ** BigInt(value.decimals);
    if (isLarger) [largest, largestDecimals] = [magnitude, value.decimals];
  }
  const scaleMax = scaleMaxOf({ digits: largest, decimals: largestDecimals });
  return { decimals: Math.min(decimals, 19), scaleMax };
}
