import { PHYSICAL_TYPE_NAMES } from './format.js';
import type { PhysicalType } from './reader.js';
import { THRIFT_STRUCT } from './thrift.js';
import type { ThriftReader } from './thrift-reader.js';

/** An annotation that came with version 2.4 of the format; `kind` null: one that is not known. */
export interface LogicalType {
  readonly kind: string | null;
  /** DECIMAL. */
  readonly precision: number;
  readonly scale: number;
  /** TIME and TIMESTAMP, else null. */
  readonly unit: 'MILLIS' | 'MICROS' | 'NANOS' | null;
  /** INTEGER. */
  readonly bitWidth: number;
  readonly isSigned: boolean;
}

/** SchemaElement of parquet.thrift. null: the footer does not say, or nothing that is known. */
export interface SchemaElement {
  readonly name: string;
  /** The name as it stands in the footer: a view of it. */
  readonly nameBytes: Uint8Array;
  readonly type: PhysicalType | null;
  readonly typeLength: number | null;
  readonly repetition: string | null;
  readonly childCount: number | null;
  readonly converted: string | null;
  readonly scale: number | null;
  readonly precision: number | null;
  readonly logical: LogicalType | null;
}

const REPETITIONS: readonly string[] = ['REQUIRED', 'OPTIONAL', 'REPEATED'];

const CONVERTED_TYPES: readonly string[] = [
  'UTF8',
  'MAP',
  'MAP_KEY_VALUE',
  'LIST',
  'ENUM',
  'DECIMAL',
  'DATE',
  'TIME_MILLIS',
  'TIME_MICROS',
  'TIMESTAMP_MILLIS',
  'TIMESTAMP_MICROS',
  'UINT_8',
  'UINT_16',
  'UINT_32',
  'UINT_64',
  'INT_8',
  'INT_16',
  'INT_32',
  'INT_64',
  'JSON',
  'BSON',
  'INTERVAL',
];

/** By the number of the field of the union. */
const LOGICAL_TYPES: Readonly<Record<number, string>> = {
  1: 'STRING',
  2: 'MAP',
  3: 'LIST',
  4: 'ENUM',
  5: 'DECIMAL',
  6: 'DATE',
  7: 'TIME',
  8: 'TIMESTAMP',
  10: 'INTEGER',
  11: 'NULL',
  12: 'JSON',
  13: 'BSON',
  14: 'UUID',
  15: 'FLOAT16',
  16: 'VARIANT',
  17: 'GEOMETRY',
  18: 'GEOGRAPHY',
};

const TIME_UNITS = [null, 'MILLIS', 'MICROS', 'NANOS'] as const;

/** Reads the list of schema elements that begins at the reader's place. */
export function readSchemaElements(reader: ThriftReader): SchemaElement[] {
  const count = reader.list(THRIFT_STRUCT);
  const elements: SchemaElement[] = [];
  for (let index = 0; index < count; index++) elements.push(readSchemaElement(reader));
  return elements;
}

function readSchemaElement(reader: ThriftReader): SchemaElement {
  let name = '';
  let nameBytes = reader.bytes.subarray(0, 0);
  let logical: LogicalType | null = null;
  const numbers: (number | undefined)[] = [];
  for (let field = reader.field(0); field !== 0; field = reader.field(field >> 4)) {
    const id = field >> 4;
    const type = field & 0x0f;
    if (type === 5 && id < 10) {
      numbers[id] = reader.int();
    } else if (field === 0x48) {
      const start = reader.at;
      const length = reader.length();
      nameBytes = reader.bytes.subarray(reader.at, reader.at + length);
      reader.at = start;
      name = reader.text();
    } else if (field === 0xac) {
      logical = readLogicalType(reader);
    } else {
      reader.skip(type);
    }
  }
  const physical = numbers[1];
  const type = physical === undefined ? null : PHYSICAL_TYPE_NAMES[physical];
  if (type === undefined) reader.fail(`column ${name} has the unknown type ${physical}`);
  const named = (names: readonly string[], number: number | undefined): string | null =>
    names[number ?? -1] ?? null;
  return {
    name,
    nameBytes,
    type,
    typeLength: numbers[2] ?? null,
    repetition: named(REPETITIONS, numbers[3]),
    childCount: numbers[5] ?? null,
    converted: named(CONVERTED_TYPES, numbers[6]),
    scale: numbers[7] ?? null,
    precision: numbers[8] ?? null,
    logical,
  };
}

function readLogicalType(reader: ThriftReader): LogicalType {
  let logical: LogicalType = {
    kind: null,
    precision: 0,
    scale: 0,
    unit: null,
    bitWidth: 0,
    isSigned: false,
  };
  for (let field = reader.field(0); field !== 0; field = reader.field(field >> 4)) {
    const kind = LOGICAL_TYPES[field >> 4];
    if (kind === undefined || (field & 0x0f) !== THRIFT_STRUCT) reader.skip(field & 0x0f);
    else logical = { ...logical, kind, ...readLogicalFields(reader, kind) };
  }
  return logical;
}

function readLogicalFields(reader: ThriftReader, kind: string): Partial<LogicalType> {
  // What is missing must not look like a number that makes sense.
  let first = -1;
  let second = -1;
  let isTrue = false;
  let unit = 0;
  for (let field = reader.field(0); field !== 0; field = reader.field(field >> 4)) {
    const type = field & 0x0f;
    if (field === 0x15) first = reader.int();
    else if (field === 0x25) second = reader.int();
    else if (field === 0x13 && kind === 'INTEGER') first = readByte(reader);
    else if (field === 0x2c) unit = readUnit(reader);
    else if (type === 1 || type === 2) isTrue ||= field === 0x21;
    else reader.skip(type);
  }
  if (kind === 'DECIMAL') return { scale: first, precision: second };
  if (kind === 'INTEGER') return { bitWidth: first, isSigned: isTrue };
  if (kind !== 'TIME' && kind !== 'TIMESTAMP') return {};
  const known = TIME_UNITS[unit] ?? null;
  if (known === null) reader.fail(`a ${kind} has no unit that is known`);
  return { unit: known };
}

function readByte(reader: ThriftReader): number {
  const byte = reader.bytes[reader.at];
  reader.skip(3);
  return byte!;
}

/** The union TimeUnit: the number of the field that is set. */
function readUnit(reader: ThriftReader): number {
  let unit = 0;
  for (let field = reader.field(0); field !== 0; field = reader.field(field >> 4)) {
    unit = field >> 4;
    reader.skip(field & 0x0f);
  }
  return unit;
}
