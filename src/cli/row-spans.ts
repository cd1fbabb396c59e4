import type { Selection } from '../dialects/options.js';
import { UsageError } from '../errors/errors.js';
import { int64Words, isThere } from '../parquet/column-words.js';
import { chunkIndexOf, HAS_MAX, HAS_MIN, rowCountOf } from '../parquet/footer-chunks.js';
import type { StoredFile } from '../worker/stored-files.js';
import type { RowRun } from '../worker/stored-reader.js';

/** Rows [start, end) of a run. */
export interface RowSpan {
  readonly start: number;
  readonly end: number;
}

/** The time that a row of a table stands for: its own, else where its gap or doubt was seen. */
const TIME_COLUMNS = ['ts_recv', 'ts_recv_after', 'ts_recv_from'];

/** Picks rows by time, and as many as are wanted. */
export class TimeFilter {
  readonly #selection: Pick<Selection, 'fromNs' | 'toNs'>;
  #left: number;

  constructor({ fromNs, toNs, limit }: Pick<Selection, 'fromNs' | 'toNs' | 'limit'>) {
    this.#selection = { fromNs, toNs };
    this.#left = limit ?? Number.POSITIVE_INFINITY;
  }

  /** No more rows are wanted. */
  get isDone(): boolean {
    return this.#left === 0;
  }

  /**
   * The column by which the rows of a file are picked; null: none is needed.
   * @throws UsageError ERR_USAGE when they have no time
   */
  columnOf({ footer, path }: StoredFile): string | null {
    const { fromNs, toNs } = this.#selection;
    if (fromNs === null && toNs === null) return null;
    const isTime = (name: string): boolean =>
      footer.columns.some((column) => column.name === name && column.type === 'int64');
    const found = TIME_COLUMNS.find(isTime);
    if (found !== undefined) return found;
    throw new UsageError(
      'ERR_USAGE',
      `The rows of ${path} have no receive time, by which --from and --to pick them.`,
      { details: { path, expected: TIME_COLUMNS } },
    );
  }

  /** Row groups that can hold rows of the time asked for, by their statistics. */
  rowGroupsOf({ footer }: StoredFile, time: string | null): number[] {
    const all = [...footer.rowGroupRows.keys()].filter((group) => rowCountOf(footer, group) > 0);
    if (time === null) return all;
    const { fromNs, toNs } = this.#selection;
    const column = footer.columns.findIndex(({ name }) => name === time);
    const { statistics, minIntegers, maxIntegers } = footer.chunks;
    return all.filter((group) => {
      const chunk = chunkIndexOf(footer, group, column);
      if (statistics[chunk] !== (HAS_MIN | HAS_MAX)) return true;
      if (toNs !== null && minIntegers[chunk]! >= toNs) return false;
      return fromNs === null || maxIntegers[chunk]! >= fromNs;
    });
  }

  /**
   * Rows of a run that are wanted; they count towards the limit.
   * @param time the column by which they are picked, as columnOf says
   */
  spansOf({ columns, rowCount }: RowRun, time: string | null): readonly RowSpan[] {
    if (time === null) return this.#counted([{ start: 0, end: rowCount }]);
    const source = columns.find(({ info }) => info.name === time)!;
    const times = int64Words(source);
    const { validity } = source;
    const { fromNs, toNs } = this.#selection;
    const spans: { start: number; end: number }[] = [];
    for (let row = 0; row < rowCount; row++) {
      const ns = times[row]!;
      const isWanted =
        (validity === null || isThere(validity, row)) &&
        (fromNs === null || ns >= fromNs) &&
        (toNs === null || ns < toNs);
      if (!isWanted) continue;
      const last = spans.at(-1);
      if (last !== undefined && last.end === row) last.end++;
      else spans.push({ start: row, end: row + 1 });
    }
    return this.#counted(spans);
  }

  #counted(spans: readonly RowSpan[]): readonly RowSpan[] {
    const counted: RowSpan[] = [];
    for (const { start, end } of spans) {
      const rowCount = Math.min(end - start, this.#left);
      this.#left -= rowCount;
      if (rowCount > 0) counted.push({ start, end: start + rowCount });
    }
    return counted;
  }
}
