// Reader of Thrift's compact protocol, as much of it as a Parquet footer needs.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
//
// Footers come from strangers: nothing is allocated by what a length claims, a number has at most
// 10 bytes, and structures nest at most 32 deep, so that whatever stands there costs time and
// memory in proportion to its size. A footer is read once in a process: this code runs cold, in
// the interpreter, which likes few and simple steps.

const TYPE_STOP = 0;
const TYPE_TRUE = 1;
const TYPE_FALSE = 2;
const TYPE_BYTE = 3;
const TYPE_I16 = 4;
const TYPE_I64 = 6;
const TYPE_DOUBLE = 7;
const TYPE_BINARY = 8;
const TYPE_LIST = 9;
const TYPE_SET = 10;
const TYPE_MAP = 11;
const TYPE_STRUCT = 12;
const TYPE_UUID = 13;

/** Parquet's own structures nest 7 deep (footer, row group, chunk, meta data, statistics ...). */
const DEPTH_MAX = 32;
/** A 64-bit varint has at most 10 bytes. */
const VARINT_BYTES_MAX = 10;
/** Thrift numbers fields with 16 bits; Parquet begins at 1. */
const FIELD_ID_MAX = 32_767;

const TEXT = new TextDecoder();

/** Walks over the bytes; every method begins at `at` and leaves it behind what it has read. */
export class ThriftReader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** @throws Error that says what is wrong and at which byte */
  fail(what: string): never {
    throw new Error(`${what} at byte ${Math.min(this.at, this.bytes.length)}`);
  }

  /**
   * The next field's id and type as `id * 16 + type` (0x36: field 3, an i64), or 0 at the end of
   * the struct. A boolean's value is its type: 1 true, 2 false; nothing follows.
   * @param idBefore the field before it in this struct, 0 for none
   */
  field(idBefore: number): number {
    const header = this.bytes[this.at++];
    if (header === undefined) this.fail('a struct does not end');
    const type = header & 0x0f;
    if (type === TYPE_STOP) return 0;
    if (header > 0x0f) return idBefore * 16 + header;
    const id = this.int();
    if (id < 1 || id > FIELD_ID_MAX) this.fail(`a field has the number ${id}`);
    return id * 16 + type;
  }

  /** An i16, i32 or i64. Beyond 2^53 it is rounded, and stays beyond. */
  int(): number {
    const first = this.bytes[this.at++]!;
    if (first < 0x80) return (first >> 1) ^ -(first & 1);
    return this.#longInt(first);
  }

  /** @param first the byte before `at`; undefined at the end of the bytes */
  #longInt(first: number | undefined): number {
    if (first === undefined) this.fail('a number does not end');
    const { bytes } = this;
    let low = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = bytes[this.at++];
      if (byte === undefined) this.fail('a number does not end');
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (low >> 1) ^ -(low & 1);
    }
    // Zigzag keeps the sign in bit 0; the rest is the magnitude, which outgrows 32 bits here.
    let magnitude = low >> 1;
    let factor = 2 ** 27;
    for (let length = 5; length <= VARINT_BYTES_MAX; length++) {
      const byte = bytes[this.at++];
      if (byte === undefined) this.fail('a number does not end');
      magnitude += (byte & 0x7f) * factor;
      if (byte < 0x80) return (low & 1) === 1 ? -magnitude - 1 : magnitude;
      factor *= 128;
    }
    this.fail(`a number has more than ${VARINT_BYTES_MAX} bytes`);
  }

  /** Length of a binary or string; that many bytes are there, from `at` on. */
  length(): number {
    const length = this.#size();
    if (length > this.bytes.length - this.at) this.fail(`${length} bytes are announced`);
    return length;
  }

  text(): string {
    const length = this.length();
    this.at += length;
    return TEXT.decode(this.bytes.subarray(this.at - length, this.at));
  }

  /** Items of a list of this type, of which the first stands at `at`; each has a byte at least. */
  list(type: number): number {
    const header = this.bytes[this.at++];
    if (header === undefined) this.fail('a list has no header');
    const size = header >= 0xf0 ? this.#size() : header >> 4;
    if (size > this.bytes.length - this.at) this.fail(`a list claims ${size} items`);
    const found = header & 0x0f;
    if (found !== type && size > 0) this.fail(`a list holds type ${found} instead of ${type}`);
    return size;
  }

  /** Passes over a value of this type. */
  skip(type: number): void {
    this.#skipField(type, 0);
  }

  /** A size. Past 2^31 it is a lie whatever follows: that is reported as a huge number. */
  #size(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 35; factor *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value < 2 ** 31 ? value : Number.POSITIVE_INFINITY;
    }
    return Number.POSITIVE_INFINITY;
  }

  #skipField(type: number, depth: number): void {
    // The value of a boolean field is its type.
    if (type !== TYPE_TRUE && type !== TYPE_FALSE) this.#skipValue(type, depth);
  }

  #skipValue(type: number, depth: number): void {
    if (type >= TYPE_I16 && type <= TYPE_I64) this.int();
    else if (type === TYPE_BINARY) this.#skipBytes(this.length());
    else if (type === TYPE_STRUCT) this.#skipStruct(depth + 1);
    else if (type === TYPE_LIST || type === TYPE_SET) this.#skipList(depth + 1);
    else if (type === TYPE_BYTE || type === TYPE_TRUE || type === TYPE_FALSE) this.#skipBytes(1);
    else if (type === TYPE_DOUBLE) this.#skipBytes(8);
    else if (type === TYPE_MAP) this.#skipMap(depth + 1);
    else if (type === TYPE_UUID) this.#skipBytes(16);
    else this.fail(`type ${type} is none of Thrift's, and stands there`);
  }

  #skipStruct(depth: number): void {
    if (depth > DEPTH_MAX) this.fail(`structs nest deeper than ${DEPTH_MAX}`);
    for (let field = this.field(0); field !== 0; field = this.field(field >> 4)) {
      this.#skipField(field & 0x0f, depth);
    }
  }

  #skipList(depth: number): void {
    if (depth > DEPTH_MAX) this.fail(`lists nest deeper than ${DEPTH_MAX}`);
    const type = this.bytes[this.at]! & 0x0f;
    const size = this.list(type);
    for (let index = 0; index < size; index++) this.#skipValue(type, depth);
  }

  /** Parquet has none, but a later version, or a writer's own fields, may. */
  #skipMap(depth: number): void {
    if (depth > DEPTH_MAX) this.fail(`maps nest deeper than ${DEPTH_MAX}`);
    const size = this.#size();
    if (size > (this.bytes.length - this.at) / 2) this.fail(`a map claims ${size} pairs`);
    if (size === 0) return;
    const types = this.bytes[this.at++]!;
    for (let index = 0; index < size; index++) {
      this.#skipValue(types >> 4, depth);
      this.#skipValue(types & 0x0f, depth);
    }
  }

  #skipBytes(count: number): void {
    if (count > this.bytes.length - this.at) this.fail(`${count} bytes are announced`);
    this.at += count;
  }
}
