import type { SourceColumn } from '../parquet/reader.js';
import { NO_TEXT, TextCodes, textNumbers } from './text-codes.js';
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
    const numbersOf = (name: string | null, known: TextCodes): ((row: number) => number) =>
      name === null ? () => 0 : textNumbers(columns.get(name)!, known, false);
    const exchangeOf = numbersOf(this.#names.exchange, this.#exchanges);
    const symbolOf = numbersOf(this.#names.symbol, this.#symbols);
    for (let row = 0; row < rowCount; row++) {
      const exchange = exchangeOf(row);
      const symbol = symbolOf(row);
      const isNone = exchange === NO_TEXT || symbol === NO_TEXT;
      codes[at + row] = isNone ? NO_INSTRUMENT : this.#codes[exchange]![symbol]!;
    }
  }
}
