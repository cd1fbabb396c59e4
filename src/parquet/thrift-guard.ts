// Footers come from strangers, and the parser that builds objects of them trusts every length it
// meets: a list that claims two billion items is allocated before its first item is read, and an
// endless varint grows a BigInt without end. This walk looks at the structure only, allocates
// nothing, and refuses both; what passes costs the parser time and memory in proportion to its size.

const TYPE_STOP = 0;
const TYPE_TRUE = 1;
const TYPE_FALSE = 2;
const TYPE_BYTE = 3;
const TYPE_I16 = 4;
const TYPE_I64 = 6;
const TYPE_DOUBLE = 7;
const TYPE_BINARY = 8;
const TYPE_LIST = 9;
const TYPE_STRUCT = 12;

/** Parquet's own structures nest 7 deep (footer, row group, chunk, meta data, statistics ...). */
const DEPTH_MAX = 32;
/** A 64-bit varint has at most 10 bytes. */
const VARINT_BYTES_MAX = 10;

/**
 * Walks one struct of Thrift's compact protocol at the start of `bytes`.
 * @throws Error that says what is wrong with it and at which byte
 */
export function checkThrift(bytes: Uint8Array): void {
  skipStruct({ bytes, at: 0 }, 0);
}

interface Walk {
  readonly bytes: Uint8Array;
  at: number;
}

function fail(walk: Walk, what: string): never {
  throw new Error(`${what} at byte ${Math.min(walk.at, walk.bytes.length)}`);
}

function skipStruct(walk: Walk, depth: number): void {
  if (depth > DEPTH_MAX) fail(walk, `structs nest deeper than ${DEPTH_MAX}`);
  for (;;) {
    const header = walk.bytes[walk.at++];
    if (header === undefined) fail(walk, 'a struct does not end');
    const type = header & 0x0f;
    if (type === TYPE_STOP) return;
    if (header >> 4 === 0) skipVarint(walk);
    // The value of a boolean field is its type.
    if (type !== TYPE_TRUE && type !== TYPE_FALSE) skipValue(walk, type, depth);
  }
}

function skipValue(walk: Walk, type: number, depth: number): void {
  if (type >= TYPE_I16 && type <= TYPE_I64) skipVarint(walk);
  else if (type === TYPE_BYTE || type === TYPE_TRUE || type === TYPE_FALSE) skipBytes(walk, 1);
  else if (type === TYPE_BINARY) skipBytes(walk, readVarint(walk));
  else if (type === TYPE_STRUCT) skipStruct(walk, depth + 1);
  else if (type === TYPE_LIST) skipList(walk, depth + 1);
  else if (type === TYPE_DOUBLE) skipBytes(walk, 8);
  else fail(walk, `type ${type} does not occur in Parquet but does`);
}

function skipList(walk: Walk, depth: number): void {
  if (depth > DEPTH_MAX) fail(walk, `lists nest deeper than ${DEPTH_MAX}`);
  const header = walk.bytes[walk.at++];
  if (header === undefined) fail(walk, 'a list has no header');
  const type = header & 0x0f;
  const size = header >> 4 === 15 ? readVarint(walk) : header >> 4;
  // Each item takes at least one byte.
  if (size > walk.bytes.length - walk.at) fail(walk, `a list claims ${size} items`);
  for (let index = 0; index < size; index++) skipValue(walk, type, depth);
}

function skipBytes(walk: Walk, count: number): void {
  if (count > walk.bytes.length - walk.at) fail(walk, `${count} bytes are announced`);
  walk.at += count;
}

function skipVarint(walk: Walk): void {
  for (let length = 1; length <= VARINT_BYTES_MAX; length++) {
    const byte = walk.bytes[walk.at++];
    if (byte === undefined) fail(walk, 'a number does not end');
    if (byte < 0x80) return;
  }
  fail(walk, `a number has more than ${VARINT_BYTES_MAX} bytes`);
}

/** A length. Past 2^31 it is a lie whatever follows: that is reported as a huge number. */
function readVarint(walk: Walk): number {
  let value = 0;
  for (let factor = 1; factor <= 2 ** 35; factor *= 128) {
    const byte = walk.bytes[walk.at++];
    if (byte === undefined) break;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value < 2 ** 31 ? value : Number.POSITIVE_INFINITY;
  }
  return Number.POSITIVE_INFINITY;
}
