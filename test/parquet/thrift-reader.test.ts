import { describe, expect, it } from 'vitest';
import { ThriftReader } from '#src/parquet/thrift-reader.js';
import { createPrng } from '../prng.js';

/** Zigzag varint of a signed 64-bit integer, by the book. */
function varint(value: bigint): number[] {
  let left = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
}

const readerOf = (...bytes: number[]): ThriftReader => new ThriftReader(Uint8Array.from(bytes));

describe('integers of a ThriftReader', () => {
  it('are exact up to 2^53 of either sign, odd ones too', () => {
    const values = [0n, 2n ** 53n - 1n, -(2n ** 53n - 1n), -(2n ** 53n)];
    for (let bits = 0n; bits < 53n; bits++) {
      for (const near of [-1n, 0n, 1n]) values.push(2n ** bits + near, -(2n ** bits) + near);
    }
    const prng = createPrng();
    for (let count = 0; count < 2_000; count++) {
      values.push(BigInt.asIntN(prng.int(1, 54), prng.i64()));
    }
    for (const value of values) {
      const reader = readerOf(...varint(value));
      expect(reader.int(), `${value}, seed ${prng.seed}`).toBe(Number(value));
      expect(reader.at).toBe(reader.bytes.length);
    }
  });

  it('beyond that stay beyond, with their sign', () => {
    for (const value of [2n ** 53n, 2n ** 53n + 1n, 2n ** 60n + 1n, 2n ** 63n - 1n]) {
      expect(readerOf(...varint(value)).int()).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
      expect(readerOf(...varint(~value)).int()).toBeLessThan(-Number.MAX_SAFE_INTEGER);
    }
  });

  it('end', () => {
    for (let length = 0; length < 10; length++) {
      const cut = readerOf(...Array.from({ length }, () => 0xff));
      expect(() => cut.int()).toThrow(`a number does not end at byte ${length}`);
    }
    const endless = readerOf(...Array.from({ length: 11 }, () => 0xff));
    expect(() => endless.int()).toThrow('a number has more than 10 bytes at byte 10');
  });
});

describe('structures of a ThriftReader', () => {
  it('name their fields by steps or in full', () => {
    const reader = readerOf(0x15, 2, 0x31, 0x06, 40, 2, 0x00);
    expect(reader.field(0)).toBe(0x15);
    expect(reader.int()).toBe(1);
    expect(reader.field(1)).toBe(0x41);
    expect(reader.field(4)).toBe(20 * 16 + 6);
    expect(reader.int()).toBe(1);
    expect(reader.field(20)).toBe(0);
    expect(() => reader.field(0)).toThrow('a struct does not end');
    expect(() => readerOf(0x05, 1).field(0)).toThrow('a field has the number -1');
  });

  it('of every type are passed over', () => {
    const struct = [0x11, 0x13, 7, 0x14, 2, 0x18, 2, 9, 9, 0x17, 1, 2, 3, 4, 5, 6, 7, 8, 0x00];
    const list = [0x2c, ...struct, ...struct];
    const booleans = [0x31, 1, 2, 1];
    const uuid = Array.from({ length: 16 }, (_, index) => index);
    const map = [2, 0x8b, 1, 65, 1, 0x1c, 1, ...struct, 0, 0];
    for (const [type, bytes] of [
      [12, struct],
      [9, list],
      [9, booleans],
      [10, list],
      [11, [0]],
      [11, map],
      [11, [3, 0x13, 1, 5, 2, 6, 1, 7]],
      [13, uuid],
      [12, [0x1b, ...map, 0x1d, ...uuid, 0x1a, ...booleans, 0x00]],
      [9, [0xf3, 16, ...Array.from({ length: 16 }, () => 5)]],
    ] as const) {
      const reader = readerOf(...bytes, 77);
      reader.skip(type);
      expect(reader.at).toBe(bytes.length);
    }
    expect(() => readerOf(0).skip(14)).toThrow("type 14 is none of Thrift's");
  });

  it('cannot claim more than is there', () => {
    expect(() => readerOf(0xfc, 0xff, 0xff, 0xff, 0xff, 0x07).list(12)).toThrow(
      'a list claims 2147483647 items',
    );
    expect(() => readerOf(0x35, 1, 1).list(5)).toThrow('a list claims 3 items');
    expect(() => readerOf(0x15, 2).list(8)).toThrow('a list holds type 5 instead of 8');
    expect(readerOf(0x05).list(8)).toBe(0);
    expect(() => readerOf(0x3a, 1).skip(10)).toThrow('a list claims 3 items');
    expect(() => readerOf(2, 0x55, 1, 1).skip(11)).toThrow('a map claims 2 pairs');
    expect(() => readerOf(0xff, 0xff, 0xff, 0xff, 0x7f, 0x55, 1).skip(11)).toThrow(
      'a map claims Infinity pairs',
    );
    expect(() => readerOf(1, 2, 3).skip(13)).toThrow('16 bytes are announced');
    const nested = Array.from({ length: 120 }, (_, index) => [1, 0x3b, 0][index % 3]!);
    expect(() => readerOf(...nested).skip(11)).toThrow('maps nest deeper than 32');
    expect(() => readerOf(3, 0x5e, 0, 0, 0, 0, 0, 0).skip(11)).toThrow('type 14 is none');
    expect(() => readerOf(3, 65, 66).text()).toThrow('3 bytes are announced');
    expect(readerOf(2, 65, 66).text()).toBe('AB');
  });
});
