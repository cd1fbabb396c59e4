import type { PhysicalType, SourceColumnInfo, SourceType } from './reader.js';
import type { SchemaElement } from './schema-element.js';

/** Digits that 16 bytes hold for certain; a wider DECIMAL cannot be a `decimal128`. */
const DECIMAL128_PRECISION_MAX = 38;
/** Groups in groups; columns of people's own making nest a few deep. */
const DEPTH_MAX = 100;

/** A node of the schema tree below its root. */
export interface SchemaNode {
  readonly element: SchemaElement;
  /** null at the top. */
  readonly above: SchemaNode | null;
  /** Names from the top to this one: 1 at the top. */
  readonly depth: number;
}

/** A column that has values of its own: its place in the schema and how it is stored. */
export interface SchemaLeaf {
  /** Its names from the top are what a column chunk must call itself. */
  readonly node: SchemaNode;
  readonly physical: PhysicalType;
}

/** A field at the top of the schema, with the leaves that lie below it (one, if it is flat). */
export interface SchemaField {
  readonly info: SourceColumnInfo;
  /** Range of its leaves in SourceSchema.leaves: start inclusive, end exclusive. */
  readonly leafStart: number;
  readonly leafEnd: number;
}

export interface SourceSchema {
  readonly fields: readonly SchemaField[];
  /** In the order of the column chunks of every row group. */
  readonly leaves: readonly SchemaLeaf[];
}

/**
 * Reads the schema tree that the footer holds as a list in depth-first order.
 * @throws Error with what is wrong, for the caller to say where
 */
export function sourceSchema(elements: readonly SchemaElement[]): SourceSchema {
  const root = elements[0];
  if (root === undefined) throw new Error('the schema is empty');
  const leaves: SchemaLeaf[] = [];
  const fields: SchemaField[] = [];
  let next = 1;
  for (let child = 0; child < childCount(root); child++) {
    const element = elements[next];
    const leafStart = leaves.length;
    next = collectLeaves(elements, next, null, leaves);
    // collectLeaves has refused a missing element.
    if (element !== undefined) {
      fields.push({ info: columnInfo(element), leafStart, leafEnd: leaves.length });
    }
  }
  if (next !== elements.length) {
    throw new Error(`the schema lists ${elements.length} elements but its tree has ${next}`);
  }
  return { fields, leaves };
}

/** A column's names from the top, joined by dots, for messages. */
export function pathOf(node: SchemaNode): string {
  return node.above === null ? node.element.name : `${pathOf(node.above)}.${node.element.name}`;
}

/** @returns index of the first element behind the subtree */
function collectLeaves(
  elements: readonly SchemaElement[],
  index: number,
  above: SchemaNode | null,
  leaves: SchemaLeaf[],
): number {
  const element = elements[index];
  if (element === undefined) throw new Error('the schema ends inside a group');
  const node = { element, above, depth: (above?.depth ?? 0) + 1 };
  if (node.depth > DEPTH_MAX) throw new Error(`the schema nests deeper than ${DEPTH_MAX}`);
  // A type marks a leaf; some writers give leaves a child count of 0 as well.
  if (element.type !== null) {
    if (childCount(element) > 0) throw new Error(`column ${pathOf(node)} has a type and children`);
    leaves.push({ node, physical: element.type });
    return index + 1;
  }
  let next = index + 1;
  for (let child = 0; child < childCount(element); child++) {
    next = collectLeaves(elements, next, node, leaves);
  }
  return next;
}

function childCount(element: SchemaElement): number {
  const count = element.childCount ?? 0;
  if (count < 0) throw new Error(`a group has ${count} children`);
  return count;
}

function columnInfo(element: SchemaElement): SourceColumnInfo {
  const physical = element.type;
  const flat = physical !== null && element.repetition !== 'REPEATED';
  const scale = decimalOf(element)?.scale ?? 0;
  const type = flat ? sourceType(element) : 'other';
  return {
    name: element.name,
    type,
    nullable: element.repetition !== 'REQUIRED',
    decimals: type === 'decimal128' ? scale : 0,
    timeUnitNs: type === 'int64' ? timeUnitNs(element) : null,
    declared: declared(element),
    physical,
    fixedBytes: physical === 'FIXED_LEN_BYTE_ARRAY' ? (element.typeLength ?? 0) : 0,
    isUnsigned: type === 'int64' && integerKind(element) === 'unsigned64',
  };
}

function sourceType(element: SchemaElement): SourceType {
  const decimal = decimalOf(element);
  if (decimal !== null) return fitsDecimal128(element, decimal) ? 'decimal128' : 'other';
  const plain = element.converted === null && element.logical === null;
  const integer = plain ? 'signed' : integerKind(element);
  switch (element.type) {
    case 'BOOLEAN':
      return plain ? 'bool' : 'other';
    case 'FLOAT':
      return plain ? 'float' : 'other';
    case 'DOUBLE':
      return plain ? 'double' : 'other';
    case 'INT32':
      if (integer === 'unsigned32') return 'int64';
      return integer === 'signed' ? 'int32' : 'other';
    case 'INT64':
      if (integer === 'unsigned32') return 'other';
      return integer !== null || timeUnitNs(element) !== null ? 'int64' : 'other';
    case 'BYTE_ARRAY':
      return isText(element) ? 'utf8' : 'other';
    default:
      return 'other';
  }
}

/**
 * `signed`: the stored int32 or int64 is the value; so it is for unsigned 8 and 16 bits too.
 * `unsigned32`: the stored int32 is the value's low word. `unsigned64`: the stored int64 is the value
 * where it is below 2^63. null: no integer.
 */
function integerKind(element: SchemaElement): 'signed' | 'unsigned32' | 'unsigned64' | null {
  const logical = element.logical;
  if (logical?.kind === 'INTEGER') {
    const { isSigned, bitWidth } = logical;
    if (isSigned || bitWidth === 8 || bitWidth === 16) return 'signed';
    if (bitWidth === 64) return 'unsigned64';
    return bitWidth === 32 ? 'unsigned32' : null;
  }
  const converted = element.converted;
  if (converted === 'UINT_32') return 'unsigned32';
  if (converted === 'UINT_64') return 'unsigned64';
  if (converted === 'UINT_8' || converted === 'UINT_16') return 'signed';
  return converted?.startsWith('INT_') ? 'signed' : null;
}

function timeUnitNs(element: SchemaElement): SourceColumnInfo['timeUnitNs'] {
  const logical = element.logical;
  if (logical?.kind === 'TIMESTAMP') {
    if (logical.unit === 'NANOS') return 1;
    return logical.unit === 'MICROS' ? 1_000 : 1_000_000;
  }
  if (element.converted === 'TIMESTAMP_MICROS') return 1_000;
  return element.converted === 'TIMESTAMP_MILLIS' ? 1_000_000 : null;
}

function isText(element: SchemaElement): boolean {
  const names: readonly (string | null | undefined)[] = ['UTF8', 'STRING', 'ENUM', 'JSON'];
  return names.includes(element.converted) || names.includes(element.logical?.kind);
}

interface DecimalShape {
  readonly precision: number;
  readonly scale: number;
}

function decimalOf(element: SchemaElement): DecimalShape | null {
  const logical = element.logical;
  if (logical?.kind === 'DECIMAL') return { precision: logical.precision, scale: logical.scale };
  if (element.converted !== 'DECIMAL') return null;
  return { precision: element.precision ?? 0, scale: element.scale ?? 0 };
}

function fitsDecimal128(element: SchemaElement, { precision, scale }: DecimalShape): boolean {
  if (!(precision > 0 && precision <= DECIMAL128_PRECISION_MAX)) return false;
  if (!(scale >= 0 && scale <= precision)) return false;
  const fixedBytes = element.typeLength ?? 0;
  if (element.type === 'FIXED_LEN_BYTE_ARRAY') return fixedBytes > 0 && fixedBytes <= 16;
  return element.type === 'INT32' || element.type === 'INT64' || element.type === 'BYTE_ARRAY';
}

/** `INT64 TIMESTAMP(MICROS)`, `OPTIONAL` left out: nearly every column is. */
function declared(element: SchemaElement): string {
  const { type, logical, converted } = element;
  let storage = type ?? 'GROUP';
  if (type === 'FIXED_LEN_BYTE_ARRAY') storage += `(${element.typeLength ?? 0})`;
  if (element.repetition === 'REPEATED') storage = `REPEATED ${storage}`;
  const decimal = decimalOf(element);
  if (decimal !== null) return `${storage} DECIMAL(${decimal.precision}, ${decimal.scale})`;
  if (logical?.kind === 'TIMESTAMP' || logical?.kind === 'TIME') {
    return `${storage} ${logical.kind}(${logical.unit})`;
  }
  if (logical?.kind === 'INTEGER') {
    return `${storage} ${logical.isSigned ? 'INT' : 'UINT'}_${logical.bitWidth}`;
  }
  const annotation = logical?.kind ?? converted;
  return annotation === null ? storage : `${storage} ${annotation}`;
}
