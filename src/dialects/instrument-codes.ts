import type { SourceColumn } from '../parquet/reader.js';
import { isPresent } from './source-values.js';
import { TextCodes } from './text-codes.js';
import type { RowFilter } from './types.js';

/** Code of a row of no instrument of the list. */
export const NO_INSTRUMENT = -1;

/** Tells by the columns that name instruments which of a list each row belongs to. */
export class InstrumentCodes {
  readonly #names: { readonly exchange: string | null; readonly symbol: string | null };
  readonly #exchanges = new TextCodes();
  readonly #symbols = new TextCodes();
  /** By exchange's number, then symbol's; a column that does not tell has number 0 everywhere. */
  readonly #codes: readonly Int32Array[];

  /**
   * @param names of the columns that tell; null: no column does
   * @param instruments each once; a row's code is its place here. None of their names stands for a
   *   missing one.
   */
  constructor(
    names: { readonly exchange: string | null; readonly symbol: string | null },
    instruments: readonly RowFilter[],
  ) {
    this.#names = names;
    const placeOf = (codes: TextCodes, text: string | null): number => {
      if (text === null) return 0;
      const bytes = new TextEncoder().encode(text);
      return codes.add(bytes, 0, bytes.length);
    };
    const places = instruments.map(({ exchange, symbol }) => ({
      exchange: placeOf(this.#exchanges, exchange),
      symbol: placeOf(this.#symbols, symbol),
    }));
    const exchangeCount = Math.max(1, this.#exchanges.texts.length);
    const symbolCount = Math.max(1, this.#symbols.texts.length);
    this.#codes = Array.from({ length: exchangeCount }, () =>
      new Int32Array(symbolCount).fill(NO_INSTRUMENT),
    );
    for (const [code, { exchange, symbol }] of places.entries()) {
      this.#codes[exchange]![symbol] = code;
    }
  }

  /** Writes the code of each of the rows to `codes` from place `at` on. */
  codesInto(
    columns: ReadonlyMap<string, SourceColumn>,
    rowCount: number,
    codes: Int32Array,
    at: number,
  ): void {
    const columnOf = (name: string | null) => (name === null ? null : columns.get(name)!);
    const exchangeOf = numbersOf(columnOf(this.#names.exchange), this.#exchanges);
    const symbolOf = numbersOf(columnOf(this.#names.symbol), this.#symbols);
    for (let row = 0; row < rowCount; row++) {
      const exchange = exchangeOf(row);
      const symbol = symbolOf(row);
      const isNone = exchange === -1 || symbol === -1;
      codes[at + row] = isNone ? NO_INSTRUMENT : this.#codes[exchange]![symbol]!;
    }
  }
}

/** The number of each row's text, asked for in the order of the rows; -1: it has none. */
function numbersOf(column: SourceColumn | null, codes: TextCodes): (row: number) => number {
  if (column === null) return () => 0;
  // Views are fetched once: each is a call where a run of a reader makes them on demand.
  const { values, validity } = column;
  const offsets = column.offsets!;
  let last = -1;
  let lastStart = 0;
  let lastLength = -1;
  return (row) => {
    if (validity !== null && !isPresent(column, row)) return -1;
    const start = offsets[row]!;
    const length = offsets[row + 1]! - start;
    // Neighbours mostly name the same instrument.
    let at = 0;
    if (length === lastLength) {
      while (at < length && values[start + at] === values[lastStart + at]) at++;
    }
    if (length !== lastLength || at < length) last = codes.find(values, start, start + length);
    lastStart = start;
    lastLength = length;
    return last;
  };
}
