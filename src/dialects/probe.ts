import type { ByteSource } from '../io/byte-source.js';
import type {
  OpenRowGroupReader,
  ParquetFooter,
  RowGroupReader,
  SourceColumn,
} from '../parquet/reader.js';
import { EXCHANGE_UNKNOWN } from './instrument.js';
import { integerAt, isPresent } from './source-values.js';
import { surveyedInstruments } from './surveyed-instruments.js';
import { NO_TEXT, TextCodes, textNumbers } from './text-codes.js';
import { TIME_NS_MAX, TIME_NS_MIN, unitOfMost } from './time-units.js';
import type { GatheredFile, PlannedFile, RecognisedFile, TimeField } from './types.js';

/** How planning reaches the bytes: by files in Node, by something else elsewhere. */
export interface PlanHost {
  openSource(path: string): Promise<ByteSource>;
  readFooter(source: ByteSource): Promise<ParquetFooter>;
  readonly openReader: OpenRowGroupReader;
  /** Only where rows were gathered. */
  readonly openGathered?: (file: GatheredFile) => RowGroupReader;
}

/** A file whose units are settled, and where its rows begin. */
export interface ProbedFile {
  readonly file: RecognisedFile;
  /** ts_recv (else ts_event) of the first row that has one; null: not looked for, or none. */
  readonly firstNs: bigint | null;
}

/** Rows of the first row group that are looked at for the unit of a time. */
const PROBE_ROWS = 1_000;

/**
 * Settles the units of a file's times and finds its first stamp, from the rows of its first row
 * group that is not empty.
 */
export async function probeFile(file: RecognisedFile, host: PlanHost): Promise<ProbedFile> {
  const mapping = (file.rows ?? file.levels)!;
  const fields = [mapping.tsRecv, mapping.tsEvent].filter((field) => field !== null);
  const groupIndex = file.footer.rowGroupRows.findIndex((rowCount) => rowCount > 0);
  if (groupIndex < 0 || fields.length === 0) return { file, firstNs: null };
  const values = new Map<string, bigint[]>();
  const names = fields.map((field) => field.column);
  await withReader(file, host, (reader) =>
    reader.readRowGroup(groupIndex, names, (columns) => {
      for (const column of columns) collectStamps(column, values);
    }),
  );
  const settle = (field: TimeField | null): TimeField | null =>
    field && { ...field, unitNs: field.unitNs ?? unitOfMost(values.get(field.column) ?? []) };
  const tsRecv = settle(mapping.tsRecv);
  const tsEvent = settle(mapping.tsEvent);
  const firstNs = firstStamp(tsRecv, values) ?? firstStamp(tsEvent, values);
  const { rows, levels } = file;
  const settled = {
    ...file,
    rows: rows && { ...rows, tsRecv, tsEvent },
    levels: levels && { ...levels, tsRecv, tsEvent },
  };
  return { file: settled, firstNs };
}

/** The last ts_recv (else ts_event) of a planned file; null: its last rows have none. */
export async function lastStamp(file: PlannedFile, host: PlanHost): Promise<bigint | null> {
  const { rowGroupRows } = file.footer;
  const groupIndex = file.rowGroupIndexes.findLast((index) => rowGroupRows[index]! > 0);
  const { tsRecv, tsEvent } = (file.rows ?? file.levels)!;
  const field = tsRecv ?? tsEvent;
  if (groupIndex === undefined || field === null || field.unitNs === null) return null;
  const unitNs = BigInt(field.unitNs);
  let last: bigint | null = null;
  await withReader(file, host, (reader) =>
    reader.readRowGroup(groupIndex, [field.column], ([column]) => {
      for (let row = column!.rowCount - 1; row >= 0 && last === null; row--) {
        if (!isPresent(column!, row)) continue;
        const stamp = integerAt(column!, row) * unitNs;
        if (stamp >= TIME_NS_MIN && stamp <= TIME_NS_MAX) last = stamp;
      }
    }),
  );
  return last;
}

/** Stamps above 0: 0 and -1 stand for none. */
function collectStamps(column: SourceColumn, values: Map<string, bigint[]>): void {
  const stamps = values.get(column.info.name) ?? [];
  values.set(column.info.name, stamps);
  for (let row = 0; row < column.rowCount && stamps.length < PROBE_ROWS; row++) {
    if (!isPresent(column, row)) continue;
    const stamp = integerAt(column, row);
    if (stamp > 0n) stamps.push(stamp);
  }
}

function firstStamp(field: TimeField | null, values: Map<string, bigint[]>): bigint | null {
  if (field === null || field.unitNs === null) return null;
  const unitNs = BigInt(field.unitNs);
  const stamps = (values.get(field.column) ?? []).map((stamp) => stamp * unitNs);
  return stamps.find((stamp) => stamp >= TIME_NS_MIN && stamp <= TIME_NS_MAX) ?? null;
}

/** An instrument of a file that holds several. */
export interface InstrumentInFile {
  readonly exchange: string;
  readonly symbol: string;
  readonly rowGroupIndexes: readonly number[];
  /** Some of its rows are there because their exchange or symbol is null. */
  readonly hasNull: boolean;
}

/** Symbol of the rows whose symbol is null; all of them are refused when they are decoded. */
export const SYMBOL_NULL = 'unknown';

/** Reads the columns that name instruments, and lists the instruments with their row groups. */
export async function listInstruments(
  file: RecognisedFile,
  host: PlanHost,
): Promise<InstrumentInFile[]> {
  const surveyed = surveyedInstruments(file);
  if (surveyed !== null) return surveyed;
  const mapping = (file.rows ?? file.levels)!;
  const names = [mapping.exchange, mapping.symbol].filter((name) => name !== null);
  const found = new FoundInstruments(file);
  await withReader(file, host, async (reader) => {
    for (const [groupIndex, groupRows] of file.footer.rowGroupRows.entries()) {
      if (groupRows === 0) continue;
      await reader.readRowGroup(groupIndex, names, (columns, rowCount) => {
        const named = (name: string | null): SourceColumn | null =>
          columns.find((column) => column.info.name === name) ?? null;
        found.add(named(mapping.exchange), named(mapping.symbol), rowCount, groupIndex);
      });
    }
  });
  return found.list;
}

/** The instruments of a file, by their names in its rows. */
class FoundInstruments {
  readonly #file: RecognisedFile;
  readonly #exchanges = new TextCodes();
  readonly #symbols = new TextCodes();
  readonly #byNames = new Map<string, InstrumentInFile & { rowGroupIndexes: number[] }>();
  /** The same by the numbers of both names, of which thousands of rows have the same. */
  readonly #byNumbers = new Map<number, InstrumentInFile & { rowGroupIndexes: number[] }>();

  constructor(file: RecognisedFile) {
    this.#file = file;
  }

  /** In the order in which they were found. */
  get list(): InstrumentInFile[] {
    return [...this.#byNames.values()];
  }

  add(
    exchanges: SourceColumn | null,
    symbols: SourceColumn | null,
    rowCount: number,
    groupIndex: number,
  ): void {
    const exchangeOf = textNumbers(exchanges, this.#exchanges, true);
    const symbolOf = textNumbers(symbols, this.#symbols, true);
    let last = -1;
    for (let row = 0; row < rowCount; row++) {
      const exchange = exchangeOf(row);
      const symbol = symbolOf(row);
      const numbers = (exchange + 1) * 2 ** 26 + symbol + 1;
      if (numbers === last) continue;
      last = numbers;
      const found = this.#byNumbers.get(numbers) ?? this.#find(exchange, symbol);
      this.#byNumbers.set(numbers, found);
      if (found.rowGroupIndexes.at(-1) !== groupIndex) found.rowGroupIndexes.push(groupIndex);
    }
  }

  /** @param exchangeNumber of its text, as is the symbol's; NO_TEXT: there is none */
  #find(exchangeNumber: number, symbolNumber: number) {
    const file = this.#file;
    const exchange = file.exchange ?? this.#exchanges.texts[exchangeNumber] ?? EXCHANGE_UNKNOWN;
    const symbol = file.symbol ?? this.#symbols.texts[symbolNumber] ?? SYMBOL_NULL;
    const isNull =
      (file.exchange === null && exchangeNumber === NO_TEXT) ||
      (file.symbol === null && symbolNumber === NO_TEXT);
    const key = `${exchange}\0${symbol}`;
    const known = this.#byNames.get(key);
    const rowGroupIndexes = known?.rowGroupIndexes ?? [];
    const hasNull = known?.hasNull === true || isNull;
    const found = { exchange, symbol, rowGroupIndexes, hasNull };
    this.#byNames.set(key, found);
    return found;
  }
}

/** Opens a file for planning and closes it again. */
export async function withReader<T>(
  file: RecognisedFile,
  host: PlanHost,
  work: (reader: RowGroupReader) => Promise<T>,
): Promise<T> {
  // The reader takes the source over and closes it.
  const reader = await host.openReader(await host.openSource(file.path), file.footer);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}
