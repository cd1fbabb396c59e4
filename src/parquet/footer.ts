import type { FileMetaData } from 'hyparquet';
import { parquetMetadata } from 'hyparquet/src/metadata.js';
import { type ErrorDetails, ParquetError } from '../errors/errors.js';
import type { ByteSource } from '../io/byte-source.js';
import { xxh64Hex } from '../units/xxh64.js';
import { checkedRowGroups, FooterDefect, safeCount } from './footer-check.js';
import type { ParquetFooter } from './reader.js';
import { type SourceSchema, sourceSchema } from './source-schema.js';
import { checkThrift } from './thrift-guard.js';

const MAGIC = 'PAR1';
const MAGIC_ENCRYPTED = 'PARE';
/** Behind the footer: its length (u32) and the magic. */
const TAIL_BYTES = 8;
const FILE_BYTES_MIN = MAGIC.length + TAIL_BYTES;
/** One read that holds the whole footer of most files. */
const FIRST_READ_BYTES = 65_536;

/**
 * Reads and checks the footer of a Parquet file. Nothing in it is believed that can be checked
 * without reading pages; what it says of flat columns is therefore safe to plan with.
 *
 * @throws ParquetError ERR_PARQUET_NOT_PARQUET, ERR_PARQUET_TRUNCATED, ERR_PARQUET_UNSUPPORTED
 *   (encrypted, or data in other files), ERR_PARQUET_FOOTER (it contradicts itself or the file)
 * @throws InputError ERR_INPUT_UNREADABLE
 */
export async function readFooter(source: ByteSource): Promise<ParquetFooter> {
  const tail = await readTail(source);
  const meta = parse(source, tail);
  refuseForeignData(source, meta);
  try {
    return footerOf(source, meta, tail);
  } catch (cause) {
    if (cause instanceof ParquetError) throw cause;
    const details: ErrorDetails =
      cause instanceof FooterDefect ? { rowGroup: cause.rowGroup, column: cause.column } : {};
    throw footerError(source, cause instanceof Error ? cause.message : String(cause), details);
  }
}

/** Reads the footer with the 8 bytes behind it, after looking at both ends of the file. */
async function readTail(source: ByteSource): Promise<Uint8Array> {
  const { byteLength } = source;
  const head = text(await source.read(0, Math.min(MAGIC.length, byteLength)));
  if (head === MAGIC_ENCRYPTED) throw encryptedError(source);
  if (head !== MAGIC.slice(0, head.length) || head.length === 0) throw headError(source, head);
  if (byteLength < FILE_BYTES_MIN) {
    const message = `it has ${byteLength} bytes, the shortest Parquet file has ${FILE_BYTES_MIN}`;
    throw truncatedError(source, message);
  }
  const last = await source.read(
    Math.max(0, byteLength - FIRST_READ_BYTES),
    Math.min(FIRST_READ_BYTES, byteLength),
  );
  const end = text(last.subarray(last.byteLength - MAGIC.length));
  if (end === MAGIC_ENCRYPTED) throw encryptedError(source);
  if (end !== MAGIC) {
    throw truncatedError(source, `it begins as Parquet but ends with ${printable(end)}`);
  }
  const view = new DataView(last.buffer, last.byteOffset + last.byteLength - TAIL_BYTES);
  const footerBytes = view.getUint32(0, true);
  const tailBytes = footerBytes + TAIL_BYTES;
  if (tailBytes + MAGIC.length > byteLength) {
    const message = `its footer length ${footerBytes} exceeds its size of ${byteLength} bytes`;
    throw truncatedError(source, message, { footerBytes });
  }
  if (tailBytes <= last.byteLength) return last.subarray(last.byteLength - tailBytes);
  return source.read(byteLength - tailBytes, tailBytes);
}

/** The parser's view of the footer, with times as the integers that the file holds. */
function parse(source: ByteSource, tail: Uint8Array): FileMetaData {
  const asIs = (value: unknown): never => value as never;
  try {
    checkThrift(tail.subarray(0, tail.byteLength - TAIL_BYTES));
    return parquetMetadata(tail, {
      geoparquet: false,
      parsers: {
        timestampFromMilliseconds: asIs,
        timestampFromMicroseconds: asIs,
        timestampFromNanoseconds: asIs,
        dateFromDays: asIs,
        stringFromBytes: asIs,
      },
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw footerError(source, `it cannot be parsed: ${reason}`);
  }
}

function refuseForeignData(source: ByteSource, meta: FileMetaData): void {
  for (const [rowGroup, group] of meta.row_groups.entries()) {
    for (const chunk of group.columns) {
      if (chunk.crypto_metadata !== undefined) throw encryptedError(source);
      if (chunk.file_path) {
        throw new ParquetError(
          'ERR_PARQUET_UNSUPPORTED',
          `${source.name} only describes data in other files (row group ${rowGroup}: ` +
            `${chunk.file_path}); give those files instead.`,
          { details: { path: source.name, rowGroup } },
        );
      }
    }
  }
}

function footerOf(source: ByteSource, meta: FileMetaData, tail: Uint8Array): ParquetFooter {
  const schema: SourceSchema = sourceSchema(meta.schema);
  const dataEnd = source.byteLength - tail.byteLength;
  const rowGroups = checkedRowGroups(meta.row_groups, schema, dataEnd);
  const rowCount = safeCount(meta.num_rows);
  const rowSum = rowGroups.reduce((sum, group) => sum + group.rowCount, 0);
  if (rowCount !== rowSum) {
    throw footerError(source, `it claims ${meta.num_rows} rows, its row groups have ${rowSum}`);
  }
  const pairs = (meta.key_value_metadata ?? []).map(({ key, value }): [string, string] => [
    key,
    value ?? '',
  ]);
  return {
    name: source.name,
    byteLength: source.byteLength,
    createdBy: meta.created_by ?? null,
    rowCount,
    columns: schema.fields.map(({ info }) => info),
    rowGroups,
    keyValue: new Map(pairs),
    footerXxh64: xxh64Hex(tail),
  };
}

function footerError(source: ByteSource, what: string, details: ErrorDetails = {}): ParquetError {
  return new ParquetError(
    'ERR_PARQUET_FOOTER',
    `The footer of ${source.name} is wrong: ${what}. The file is damaged or its writer is; fetch ` +
      'or write it again.',
    { details: { path: source.name, ...details } },
  );
}

function truncatedError(
  source: ByteSource,
  what: string,
  details: ErrorDetails = {},
): ParquetError {
  return new ParquetError(
    'ERR_PARQUET_TRUNCATED',
    `${source.name} is truncated: ${what}. Was it fetched whole, is it still being written?`,
    { details: { path: source.name, byteLength: source.byteLength, ...details } },
  );
}

function headError(source: ByteSource, head: string): ParquetError {
  if (head.length === 0) return truncatedError(source, 'it is empty');
  return new ParquetError(
    'ERR_PARQUET_NOT_PARQUET',
    `${source.name} is not a Parquet file: it begins with ${printable(head)} instead of "${MAGIC}".`,
    { details: { path: source.name, found: printable(head), expected: MAGIC } },
  );
}

function encryptedError(source: ByteSource): ParquetError {
  return new ParquetError(
    'ERR_PARQUET_UNSUPPORTED',
    `${source.name} is encrypted, which depthmill does not read; decrypt it first.`,
    { details: { path: source.name } },
  );
}

/** Bytes as characters of the same numbers, so that nothing is lost in a comparison. */
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** Quoted where it can be read, else as hex. */
function printable(bytes: string): string {
  if (/^[\x20-\x7e]+$/.test(bytes)) return `"${bytes}"`;
  const hex = [...bytes].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0'));
  return `bytes ${hex.join(' ')}`;
}
