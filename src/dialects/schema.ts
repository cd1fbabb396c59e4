import { InputError } from '../errors/errors.js';
import type { ParquetFooter, SourceColumnInfo, SourceType } from '../parquet/reader.js';
import { textFactsOf } from '../text/text-footer.js';
import { isSnapshotWord } from './snapshot-words.js';
import type { TimeField, TimeUnitNs } from './types.js';

export const NUMBER_TYPES: readonly SourceType[] = [
  'double',
  'float',
  'int32',
  'int64',
  'decimal128',
  'utf8',
];
export const SIDE_TYPES: readonly SourceType[] = ['bool', 'int32', 'int64', 'utf8'];
export const INTEGER_TYPES: readonly SourceType[] = ['int64', 'int32'];
export const TEXT_TYPES: readonly SourceType[] = ['utf8'];

/** One column that a table needs or may have: its names, the first found wins, and its types. */
export interface ColumnWish {
  readonly names: readonly string[];
  readonly types: readonly SourceType[];
}

/** Looks columns of one file up by name, and words what is missing. */
export class Schema {
  readonly #path: string;
  readonly #footer: ParquetFooter;
  readonly #byName = new Map<string, SourceColumnInfo>();
  readonly #byLowerName = new Map<string, SourceColumnInfo>();

  constructor(path: string, footer: ParquetFooter) {
    this.#path = path;
    this.#footer = footer;
    for (const info of footer.columns) {
      this.#byName.set(info.name, info);
      this.#byLowerName.set(info.name.toLowerCase(), info);
    }
  }

  /**
   * The first of `names` that the file has: as it is written, else (names of one letter apart:
   * Binance's `U` and `u` differ) in any case. Columns that hold nothing but nulls come last.
   */
  find(names: readonly string[]): SourceColumnInfo | null {
    const found = names
      .map((name) => this.#named(name))
      .filter((info): info is SourceColumnInfo => info !== null);
    if (found.length <= 1) return found[0] ?? null;
    return found.find((info) => !this.isAllNull(info)) ?? found[0]!;
  }

  /** Like find, but of these types. @throws InputError ERR_INPUT_SCHEMA for another type */
  optional(wish: ColumnWish): SourceColumnInfo | null {
    const info = this.find(wish.names);
    const fits = info === null || wish.types.includes(info.type) || this.#isUntyped(info);
    if (!fits) throw this.wrongType(info, wish.types);
    return info;
  }

  /** @throws InputError ERR_INPUT_SCHEMA when the file has none of the names, or another type */
  required(table: string, wishes: readonly ColumnWish[]): SourceColumnInfo[] {
    const missing = wishes.filter((wish) => this.find(wish.names) === null);
    if (missing.length > 0) throw this.missing(table, missing);
    return wishes.map((wish) => this.optional(wish)!);
  }

  /** A time column with the unit that the file declares, else `unitNs`. */
  time(names: readonly string[], unitNs: TimeUnitNs | null): TimeField | null {
    const info = this.optional({ names, types: INTEGER_TYPES });
    return info && { column: info.name, unitNs: info.timeUnitNs ?? unitNs };
  }

  missing(table: string, wishes: readonly ColumnWish[]): InputError {
    const lacks = wishes.map((wish) => wish.names.join('|'));
    return new InputError(
      'ERR_INPUT_SCHEMA',
      `${this.#path} lacks ${lacks.join(' and ')}, which ${table} needs. Found: ${this.words()}.` +
        ' Say which column it is with --map, or what the file is with --dialect.',
      { details: { path: this.#path, expected: lacks, found: this.names() } },
    );
  }

  wrongType(info: SourceColumnInfo, types: readonly SourceType[]): InputError {
    return new InputError(
      'ERR_INPUT_SCHEMA',
      `Column ${info.name} of ${this.#path} is ${info.declared}, which cannot be used here;` +
        ` expected ${types.join(', ')}.`,
      {
        details: {
          path: this.#path,
          column: info.name,
          found: info.declared,
          expected: [...types],
        },
      },
    );
  }

  names(): string[] {
    return this.#footer.columns.map((info) => info.name);
  }

  /** The columns and their types, cut short where there are many (a book has 80). */
  words(): string {
    const columns = this.#footer.columns.map((info) => `${info.name} ${info.declared}`);
    if (columns.length <= 20) return columns.join(', ') || 'no columns';
    return `${columns.slice(0, 12).join(', ')} and ${columns.length - 12} more`;
  }

  #named(name: string): SourceColumnInfo | null {
    const exact = this.#byName.get(name) ?? null;
    if (exact !== null || name.length === 1) return exact;
    return this.#byLowerName.get(name.toLowerCase()) ?? null;
  }

  /** A column of a text that has no value at all is of any type. */
  #isUntyped(info: SourceColumnInfo): boolean {
    if (textFactsOf(this.#footer) === null) return false;
    return this.#footer.rowCount === 0 || this.isAllNull(info);
  }

  /**
   * Whether a column says of each row that it is a snapshot's, as the first pass over a text has found;
   * of Parquet nothing is known without reading rows.
   */
  holdsSnapshots(info: SourceColumnInfo | null): boolean {
    if (info === null) return false;
    const isWanted = (word: string): boolean => isSnapshotWord(word) === true;
    const { columns, chunks, rowCount, rowGroupRows } = this.#footer;
    const at = columns.indexOf(info);
    const facts = textFactsOf(this.#footer)?.columns[at];
    if (facts === undefined || rowCount === 0) return false;
    return rowGroupRows.every((_rows, group) => {
      const chunk = group * columns.length + at;
      if (facts.kind === 'text') return facts.texts[group]?.every(isWanted) === true;
      const [min, max] = [chunks.minIntegers[chunk], chunks.maxIntegers[chunk]];
      return chunks.nullCounts[chunk] === 0 && min === max && isWanted(`${min}`);
    });
  }

  /** Whether the statistics say that a column holds no value at all: as good as no column. */
  isAllNull(info: SourceColumnInfo): boolean {
    const { columns, rowGroupRows, chunks } = this.#footer;
    const at = columns.indexOf(info);
    return (
      rowGroupRows.length > 0 &&
      rowGroupRows.every(
        (rowCount, group) => chunks.nullCounts[group * columns.length + at] === rowCount,
      )
    );
  }
}
