// Walks over structures of Thrift's compact protocol, as far as a footer needs it. One walk at a
// time in an instance, during one call of a kernel. After a failure every field is the last one, so
// that loops over fields end; whoever loops over items looks at hasFailed().

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** As the host's reader. */
const DEPTH_MAX = 32;
const FIELD_ID_MAX = 32767;

let at: usize = 0;
let end: usize = 0;
let failed: bool = false;

/** Only the bytes before `walkEnd` are read. */
export function walkBegin(ptr: usize, walkEnd: usize): void {
  at = ptr;
  end = walkEnd;
  failed = false;
}

export function walkAt(): usize {
  return at;
}

export function walkFail(): void {
  failed = true;
}

export function hasFailed(): bool {
  return failed;
}

/** Passes over as many bytes as `length` has announced; returns where they begin. */
export function take(bytes: i32): usize {
  const from = at;
  at += bytes;
  return from;
}

/** `id * 16 + type` of the next field; 0 at the end of the struct, and after a failure. */
export function field(before: i32): i32 {
  const head = byte();
  const type = head & 15;
  if (type == 0 || failed) return 0;
  if (head > 15) return (before << 4) + head;
  const id = int();
  if (id < 1 || id > FIELD_ID_MAX) failed = true;
  return failed ? 0 : (<i32>id << 4) + type;
}

function byte(): i32 {
  if (at < end) return load<u8>(at++);
  failed = true;
  return 0;
}

function varint(): u64 {
  const first = <u64>byte();
  if (first < 0x80) return first;
  let value = first & 0x7f;
  for (let shift: u64 = 7; shift < 63; shift += 7) {
    const next = <u64>byte();
    value |= (next & 0x7f) << shift;
    if (next < 0x80) return value;
  }
  const last = <u64>byte();
  if (last > 1) failed = true;
  return value | (last << 63);
}

export function int(): i64 {
  const coded = varint();
  return <i64>(coded >> 1) ^ -<i64>(coded & 1);
}

/** Of bytes that are there, from `at` on; 0 after a failure. */
export function length(): i32 {
  const bytes = varint();
  if (bytes > <u64>(end - at)) failed = true;
  return failed ? 0 : <i32>bytes;
}

/** Items of a list of this type; each has a byte at least. */
export function list(type: i32): i32 {
  const head = byte();
  const size = head >= 0xf0 ? varint() : <u64>(head >> 4);
  if (size > <u64>(end - at)) failed = true;
  if (size > 0 && (head & 15) != type) failed = true;
  return failed ? 0 : <i32>size;
}

export function skip(type: i32, depth: i32): void {
  if (depth > DEPTH_MAX) failed = true;
  if (failed || type == TRUE || type == FALSE) return;
  if (type >= I16 && type <= I64) varint();
  else if (type == BINARY) take(length());
  else if (type == LIST) skipList(depth + 1);
  else if (type == BYTE) byte();
  else if (type == STRUCT) {
    for (let key = field(0); key != 0; key = field(key >> 4)) skip(key & 15, depth + 1);
  } else if (type == DOUBLE && end - at >= 8) at += 8;
  else failed = true;
}

function skipList(depth: i32): void {
  if (at == end) {
    failed = true;
    return;
  }
  const type = load<u8>(at) & 15;
  for (let left = list(type); left > 0 && !failed; left--) {
    // In a list a boolean takes a byte.
    if (type == TRUE || type == FALSE) byte();
    else skip(type, depth);
  }
}
