import { STATUS_CORRUPT, STATUS_TRUNCATED } from '../abi/status.js';
import { ParquetError } from '../errors/errors.js';

/** Where in a file something is. `page` counts the data pages of the chunk from 0. */
export interface PagePlace {
  readonly path: string;
  readonly rowGroup: number;
  readonly column: string;
  readonly page: number | 'dictionary';
}

/** A page that is of no kind that the kernels read: the general reader takes it. */
export class PageUnsupported extends Error {}

function sentence({ path, rowGroup, column, page }: PagePlace): string {
  const where = page === 'dictionary' ? 'its dictionary page' : `page ${page}`;
  return `${path}, row group ${rowGroup}, column ${column}, ${where}`;
}

/** ERR_PARQUET_CORRUPT: what is wrong with a page, and where it is. */
export function corruptPage(place: PagePlace, what: string, cause?: unknown): ParquetError {
  return new ParquetError(
    'ERR_PARQUET_CORRUPT',
    `${sentence(place)}: ${what}. The file is damaged; fetch or write it again.`,
    { details: { ...place }, cause },
  );
}

/** ERR_PARQUET_CORRUPT for the status of a kernel that read `what`. */
export function corruptStatus(place: PagePlace, what: string, status: number): ParquetError {
  if (-status === STATUS_TRUNCATED) return corruptPage(place, `${what} end too early`);
  if (-status === STATUS_CORRUPT) return corruptPage(place, `${what} contradict their format`);
  return corruptPage(place, `${what} cannot be read (status ${-status})`);
}

/** ERR_PARQUET_ROW_COUNT: the pages of a chunk hold another number of rows than the footer says. */
export function rowCountError(
  { path, rowGroup, column }: Omit<PagePlace, 'page'>,
  found: number,
  expected: number,
): ParquetError {
  return new ParquetError(
    'ERR_PARQUET_ROW_COUNT',
    `${path}, row group ${rowGroup}, column ${column}: its pages hold ${found} rows, the footer says ` +
      `${expected}. The file is damaged; fetch or write it again.`,
    { details: { path, rowGroup, column, found, expected } },
  );
}
