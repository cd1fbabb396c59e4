import { type ErrorDetails, ParquetError } from '../errors/errors.js';

/** What an error about a footer has to know of its file. */
export interface NamedFile {
  readonly name: string;
  readonly byteLength: number;
}

/** What a footer claims that cannot be. The caller adds the file's name. */
export class FooterDefect extends Error {
  readonly rowGroup: number;
  readonly column: string | null;

  constructor(what: string, rowGroup: number, column: string | null = null) {
    const where = column === null ? '' : `, column ${column}`;
    super(`row group ${rowGroup}${where}: ${what}`);
    this.rowGroup = rowGroup;
    this.column = column;
  }
}

export function footerError(
  file: NamedFile,
  what: string,
  details: ErrorDetails = {},
): ParquetError {
  return new ParquetError(
    'ERR_PARQUET_FOOTER',
    `The footer of ${file.name} is wrong: ${what}. The file is damaged or its writer is; fetch ` +
      'or write it again.',
    { details: { path: file.name, ...details } },
  );
}

export function truncatedError(
  file: NamedFile,
  what: string,
  details: ErrorDetails = {},
): ParquetError {
  return new ParquetError(
    'ERR_PARQUET_TRUNCATED',
    `${file.name} is truncated: ${what}. Was it fetched whole, is it still being written?`,
    { details: { path: file.name, byteLength: file.byteLength, ...details } },
  );
}

export function headError(file: NamedFile, head: string): ParquetError {
  if (head.length === 0) return truncatedError(file, 'it is empty');
  return new ParquetError(
    'ERR_PARQUET_NOT_PARQUET',
    `${file.name} is not a Parquet file: it begins with ${printable(head)} instead of "PAR1".`,
    { details: { path: file.name, found: printable(head), expected: 'PAR1' } },
  );
}

export function encryptedError(file: NamedFile): ParquetError {
  return new ParquetError(
    'ERR_PARQUET_UNSUPPORTED',
    `${file.name} is encrypted, which depthmill does not read; decrypt it first.`,
    { details: { path: file.name } },
  );
}

/** A row group whose data lies in another file, as those of a `_metadata` file do. */
export function elsewhereError(file: NamedFile, rowGroup: number, path: string): ParquetError {
  return new ParquetError(
    'ERR_PARQUET_UNSUPPORTED',
    `${file.name} only describes data in other files (row group ${rowGroup}: ${path}); give those ` +
      'files instead.',
    { details: { path: file.name, rowGroup } },
  );
}

/** Quoted where it can be read, else as hex. */
export function printable(bytes: string): string {
  if (/^[\x20-\x7e]+$/.test(bytes)) return `"${bytes}"`;
  const hex = [...bytes].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0'));
  return `bytes ${hex.join(' ')}`;
}
