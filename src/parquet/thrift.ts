// Writer of Thrift's compact protocol, as much of it as Parquet's headers and footer need.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

export const THRIFT_TRUE = 1;
export const THRIFT_FALSE = 2;
export const THRIFT_I32 = 5;
export const THRIFT_I64 = 6;
export const THRIFT_BINARY = 8;
export const THRIFT_LIST = 9;
export const THRIFT_STRUCT = 12;

const encoder = new TextEncoder();

/**
 * Grows its own buffer. Fields of a struct must be written in ascending order of their ids.
 * Integers are JS numbers: exact to 2^53, far beyond any file's size.
 */
export class ThriftWriter {
  #bytes = new Uint8Array(256);
  #length = 0;
  /** Ids of the last field written in each open struct. */
  readonly #fieldIds = [0];

  /** What has been written; a view that the next write may make stale. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  i32(fieldId: number, value: number): void {
    this.#field(fieldId, THRIFT_I32);
    this.elementInt(value);
  }

  i64(fieldId: number, value: number): void {
    this.#field(fieldId, THRIFT_I64);
    this.elementInt(value);
  }

  bool(fieldId: number, value: boolean): void {
    this.#field(fieldId, value ? THRIFT_TRUE : THRIFT_FALSE);
  }

  binary(fieldId: number, value: Uint8Array): void {
    this.#field(fieldId, THRIFT_BINARY);
    this.elementBinary(value);
  }

  string(fieldId: number, value: string): void {
    this.binary(fieldId, encoder.encode(value));
  }

  /** A struct as a field; its own fields follow, then {@link structEnd}. */
  structBegin(fieldId: number): void {
    this.#field(fieldId, THRIFT_STRUCT);
    this.#fieldIds.push(0);
  }

  structEnd(): void {
    this.#byte(0);
    this.#fieldIds.pop();
  }

  /** A list as a field; exactly `count` elements follow. */
  listBegin(fieldId: number, elementType: number, count: number): void {
    this.#field(fieldId, THRIFT_LIST);
    if (count < 15) {
      this.#byte((count << 4) | elementType);
    } else {
      this.#byte(0xf0 | elementType);
      this.#varint(count);
    }
  }

  /** An i32 or i64 in a list. */
  elementInt(value: number): void {
    this.#varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  elementBool(value: boolean): void {
    this.#byte(value ? THRIFT_TRUE : THRIFT_FALSE);
  }

  elementBinary(value: Uint8Array): void {
    this.#varint(value.byteLength);
    this.#reserve(value.byteLength);
    this.#bytes.set(value, this.#length);
    this.#length += value.byteLength;
  }

  /** A struct in a list; ends with {@link structEnd}. */
  elementStructBegin(): void {
    this.#fieldIds.push(0);
  }

  /** Ends the outermost struct. */
  end(): Uint8Array {
    this.#byte(0);
    return this.bytes;
  }

  #field(fieldId: number, type: number): void {
    const top = this.#fieldIds.length - 1;
    const step = fieldId - this.#fieldIds[top]!;
    this.#fieldIds[top] = fieldId;
    // Parquet's ids lie less than 16 apart and ascend: the short form always does.
    this.#byte((step << 4) | type);
  }

  #varint(value: number): void {
    while (value >= 128) {
      this.#byte((value % 128) | 128);
      value = Math.floor(value / 128);
    }
    this.#byte(value);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #reserve(byteLength: number): void {
    if (this.#length + byteLength <= this.#bytes.byteLength) return;
    const grown = new Uint8Array(Math.max(this.#bytes.byteLength * 2, this.#length + byteLength));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}
