import { InputError } from '../errors/errors.js';
import { decimalOfText } from '../units/decimal.js';
import { splitLine } from './split-line.js';

/** What the beginning of a text file tells. */
export interface TextHead {
  readonly names: readonly string[];
  readonly hasHeader: boolean;
  readonly delimiter: string;
  /** Bytes before the first row: a byte order mark, and the header. */
  readonly byteLength: number;
}

const LF = 10;
/** A book of 1,000 levels has 4,000; more are no table. */
const COLUMNS_MAX = 8_192;
/** Delimiters, the usual one first. */
const DELIMITERS = [',', '\t', ';'] as const;
const BOM = [0xef, 0xbb, 0xbf] as const;

/**
 * Reads the names of the columns from the first line, or counts them where it is a row: a header
 * has no field that is a number.
 *
 * @param bytes the beginning of the text, at least its first line
 * @throws InputError ERR_INPUT_DIALECT when it is no text
 */
export function readHead(name: string, bytes: Uint8Array): TextHead {
  const start = startOf(bytes);
  const end = endOf(bytes);
  const line = firstLine(bytes);
  if (/[\0\uFFFD]/.test(line)) throw notText(name);
  const delimiter = DELIMITERS.find((candidate) => line.includes(candidate)) ?? ',';
  const fields = splitLine(line, delimiter);
  if (fields === null) throw notText(name);
  if (fields.length > COLUMNS_MAX) throw tooManyColumns(name, fields.length);
  const hasHeader = fields.every((field) => decimalOfText(field.trim()) === null);
  return {
    names: hasHeader ? uniqueNames(fields) : fields.map((_field, index) => `column_${index}`),
    hasHeader,
    delimiter,
    byteLength: hasHeader ? Math.min(end + 1, bytes.byteLength) : start,
  };
}

/** The first line of a text, without a byte order mark and its end. */
export function firstLine(bytes: Uint8Array): string {
  // A copy: hosts may refuse to decode shared memory.
  return new TextDecoder().decode(bytes.slice(startOf(bytes), endOf(bytes))).replace(/\r$/, '');
}

function startOf(bytes: Uint8Array): number {
  return BOM.every((byte, index) => bytes[index] === byte) ? BOM.length : 0;
}

function endOf(bytes: Uint8Array): number {
  const newline = bytes.indexOf(LF);
  return newline < 0 ? bytes.byteLength : newline;
}

/** Columns are found by name: a second one of a name gets its place as well. */
function uniqueNames(fields: readonly string[]): string[] {
  const names = fields.map((field) => field.trim());
  return names.map((name, index) => (names.indexOf(name) < index ? `${name}_${index}` : name));
}

function tooManyColumns(name: string, found: number): InputError {
  return new InputError(
    'ERR_INPUT_DIALECT',
    `${name} has ${found} columns in its first line, more than the ${COLUMNS_MAX} that any table has.`,
    { details: { path: name, found, expected: COLUMNS_MAX } },
  );
}

function notText(name: string): InputError {
  return new InputError(
    'ERR_INPUT_DIALECT',
    `${name} is neither Parquet nor text: its first line cannot be read as fields.`,
    { details: { path: name } },
  );
}
