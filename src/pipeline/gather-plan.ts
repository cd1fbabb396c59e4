import type { WrittenSegment } from '../dialects/gather-block.js';
import { EXCHANGE_UNKNOWN } from '../dialects/instrument.js';
import { SYMBOL_NULL } from '../dialects/probe.js';
import { rowColumnNames } from '../dialects/row-column-names.js';
import {
  type GatheredRows,
  INPUT_TABLES,
  type InputTable,
  type InstrumentDay,
  type PlannedFile,
  type RowFilter,
} from '../dialects/types.js';
import { levelColumnNames } from '../dialects/witness-places.js';
import type { SpillPlace } from '../io/spill-place.js';

import { type DecodeUnit, planUnits } from './chunk-feeder.js';

/**
 * A file's rows are put together when each of them would be read by so many instruments, on average,
 * and that many more rows would be read than there are: measured in decision 24.
 */
const READS_MIN = 3;
const ROWS_SAVED_MIN = 200_000;

/** Rows that one piece of the work takes, about: many, so that the segments are long. */
const UNIT_ROWS_MIN = 131_072;
const UNIT_ROWS_MAX = 1_048_576;

/** A file whose rows are to be put together by instrument. */
export interface GatherPlan {
  readonly id: number;
  readonly file: PlannedFile;
  /** The columns that tell the instrument; null: none does. */
  readonly names: { readonly exchange: string | null; readonly symbol: string | null };
  /** The instruments that are wanted; the code of one is its place. */
  readonly instruments: readonly RowFilter[];
  /** The columns that any of them needs. */
  readonly columnNames: readonly string[];
}

/** Where an instrument's part of a file stands in the plan of the run. */
interface Place {
  readonly day: number;
  readonly table: InputTable;
  readonly at: number;
  readonly file: PlannedFile;
}

/** A file to gather, and what becomes of it. */
export interface GatherWork {
  readonly plan: GatherPlan;
  readonly units: readonly DecodeUnit[];
  /** Of each instrument. */
  readonly places: readonly Place[];
}

/** The files of some days that are worth it. */
export function planGathering(days: readonly InstrumentDay[], workers: number): GatherWork[] {
  const work: GatherWork[] = [];
  for (const places of placesByFile(days)) {
    const [first] = places;
    const { file } = first!;
    const groups = new Set(places.flatMap((place) => place.file.rowGroupIndexes));
    const rowGroupIndexes = [...groups].sort((a, b) => a - b);
    const rowsOf = (indexes: readonly number[]): number =>
      indexes.reduce((sum, index) => sum + file.footer.rowGroupRows[index]!, 0);
    const rowCount = rowsOf(rowGroupIndexes);
    const rowsRead = places.reduce((sum, place) => sum + place.file.rowCountMax, 0);
    if (rowsRead < rowCount * READS_MIN || rowsRead - rowCount < ROWS_SAVED_MIN) continue;
    const columnNames = [...new Set(places.flatMap((place) => columnNamesOf(place.file)))];
    const infos = new Map(file.footer.columns.map((info) => [info.name, info]));
    if (columnNames.some((name) => infos.get(name)?.type === 'other')) continue;
    const { exchange, symbol } = (file.rows ?? file.levels)!;
    const whole: PlannedFile = { ...file, rowGroupIndexes, rowCountMax: rowCount, rowFilter: null };
    const rounds = Math.ceil(rowCount / workers / UNIT_ROWS_MAX);
    const unitRows = Math.max(UNIT_ROWS_MIN, Math.ceil(rowCount / workers / rounds));
    work.push({
      plan: {
        id: work.length,
        file: whole,
        names: {
          exchange: file.exchange === null ? exchange : null,
          symbol: file.symbol === null ? symbol : null,
        },
        instruments: places.map((place) => place.file.rowFilter!),
        columnNames,
      },
      // No slices: for each of them the texts in front of it would be decoded again.
      units: planUnits([whole], { unitRows, sliceRows: Number.POSITIVE_INFINITY }),
      places,
    });
  }
  return work;
}

/** The parts of files that hold several instruments, those of one table of a file together. */
function placesByFile(days: readonly InstrumentDay[]): Place[][] {
  const byFile = new Map<object, Map<InputTable, Place[]>>();
  for (const [day, { files }] of days.entries()) {
    for (const table of INPUT_TABLES) {
      for (const [at, file] of files[table].entries()) {
        if (file.rowFilter === null || takesNameless(file.rowFilter)) continue;
        const tables = byFile.get(file.footer) ?? new Map<InputTable, Place[]>();
        byFile.set(file.footer, tables);
        const places = tables.get(table) ?? [];
        tables.set(table, places);
        places.push({ day, table, at, file });
      }
    }
  }
  return [...byFile.values()].flatMap((tables) => [...tables.values()]);
}

/** Rows without a name are refused one by one for it: they are read as they stand. */
function takesNameless({ exchange, symbol }: RowFilter): boolean {
  return exchange === EXCHANGE_UNKNOWN || symbol === SYMBOL_NULL;
}

function columnNamesOf(file: PlannedFile): readonly string[] {
  const unfiltered = { ...file, rowFilter: null };
  if (file.levels !== null) return levelColumnNames(file.levels, unfiltered);
  return rowColumnNames(unfiltered);
}

/** The days with some of their files read where their rows were gathered. */
export class GatheredDays {
  readonly #days: InstrumentDay[];

  constructor(days: readonly InstrumentDay[]) {
    this.#days = [...days];
  }

  get days(): readonly InstrumentDay[] {
    return this.#days;
  }

  /** @param segments of all units, in their order */
  take({ plan, places }: GatherWork, spill: SpillPlace, segments: readonly WrittenSegment[]): void {
    const byCode: WrittenSegment[][] = places.map(() => []);
    for (const segment of segments) byCode[segment.code]!.push(segment);
    for (const [code, { day, table, at, file }] of places.entries()) {
      const gathered = gatheredRows(plan, file, spill, byCode[code]!);
      const found = this.#days[day]!;
      const files = found.files[table].with(at, gathered);
      this.#days[day] = { ...found, files: { ...found.files, [table]: files } };
    }
  }
}

function gatheredRows(
  { columnNames }: GatherPlan,
  file: PlannedFile,
  spill: SpillPlace,
  segments: readonly WrittenSegment[],
): PlannedFile {
  const { exchange, symbol } = file.rowFilter!;
  const [firstGroup] = file.rowGroupIndexes;
  let firstGroupEnd = 0;
  for (let group = 0; group <= firstGroup!; group++) {
    firstGroupEnd += file.footer.rowGroupRows[group]!;
  }
  const gathered: GatheredRows = {
    spill,
    columnNames,
    offsets: Float64Array.from(segments, ({ offset }) => offset),
    rowGroupBytes: Float64Array.from(segments, ({ byteLength }) => byteLength),
    rowGroupRows: Float64Array.from(segments, ({ rowCount }) => rowCount),
    firstGroupEnd,
  };
  return {
    ...file,
    exchange: exchange ?? file.exchange,
    symbol: symbol ?? file.symbol,
    rowFilter: null,
    rowGroupIndexes: segments.map((_, index) => index),
    rowCountMax: segments.reduce((sum, { rowCount }) => sum + rowCount, 0),
    gathered,
  };
}
