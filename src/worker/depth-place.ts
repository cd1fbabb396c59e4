import { invariant } from '../errors/errors.js';
import { chunkIndexOf, HAS_MAX, HAS_MIN, rowCountOf } from '../parquet/footer-chunks.js';
import type { FooterTools } from '../parquet/footer-kernel.js';
import { openStored, type StoredFile } from './stored-files.js';

/** A row of a day's `depth`. */
export interface DepthPlace {
  readonly part: number;
  /** Of the part. */
  readonly row: number;
}

export function isBefore(a: DepthPlace, b: DepthPlace): boolean {
  return a.part < b.part || (a.part === b.part && a.row < b.row);
}

/** The parts of a table's day, each opened when it is first asked for. */
export class StoredParts {
  readonly #paths: readonly string[];
  readonly #tools: FooterTools;
  readonly #files = new Map<number, StoredFile>();

  constructor(paths: readonly string[], tools: FooterTools) {
    this.#paths = paths;
    this.#tools = tools;
  }

  get count(): number {
    return this.#paths.length;
  }

  async file(part: number): Promise<StoredFile> {
    const path = this.#paths[part];
    invariant(path !== undefined, `there is no part ${part}`);
    const file = this.#files.get(part) ?? (await openStored(path, this.#tools));
    this.#files.set(part, file);
    return file;
  }
}

/** Smallest and largest `ts_recv` of a row group; null where its statistics do not say. */
export function timeSpan(
  { footer }: StoredFile,
  rowGroup: number,
): { readonly min: bigint; readonly max: bigint } | null {
  const column = footer.columns.findIndex(({ name }) => name === 'ts_recv');
  if (column < 0) return null;
  const chunk = chunkIndexOf(footer, rowGroup, column);
  const { statistics, minIntegers, maxIntegers } = footer.chunks;
  if (statistics[chunk] !== (HAS_MIN | HAS_MAX)) return null;
  return { min: minIntegers[chunk]!, max: maxIntegers[chunk]! };
}

/** Row groups of a part that hold rows [rowStart, rowEnd), each with its first row. */
export function rowGroupsWithin(
  { footer }: StoredFile,
  rowStart: number,
  rowEnd: number,
): { readonly rowGroup: number; readonly firstRow: number }[] {
  const found: { rowGroup: number; firstRow: number }[] = [];
  let firstRow = 0;
  for (let rowGroup = 0; rowGroup < footer.rowGroupRows.length; rowGroup++) {
    const behind = firstRow + rowCountOf(footer, rowGroup);
    if (firstRow < rowEnd && behind > rowStart) found.push({ rowGroup, firstRow });
    firstRow = behind;
  }
  return found;
}
