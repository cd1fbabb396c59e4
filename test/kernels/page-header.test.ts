import { describe, expect, test } from 'vitest';
import {
  PAGE_BYTES,
  PAGE_COMPRESSED_BYTES,
  PAGE_CRC,
  PAGE_DEFINITION_BYTES,
  PAGE_ENCODING,
  PAGE_HAS_CRC,
  PAGE_HEADER_BYTES,
  PAGE_IS_COMPRESSED,
  PAGE_LEVEL_ENCODING,
  PAGE_NULLS,
  PAGE_REPETITION_BYTES,
  PAGE_ROWS,
  PAGE_TYPE,
  PAGE_VALUES,
} from '#src/abi/page-header.js';
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT, STATUS_TRUNCATED } from '#src/abi/status.js';
import { varint, zigzag } from '../oracle/page-encode.js';
import {
  binary,
  FALSE,
  I64,
  i32,
  LIST,
  STRUCT,
  struct,
  TRUE,
  thrift,
} from '../oracle/page-header.js';
import { createPrng } from '../prng.js';
import { BUILDS, Sandbox } from './both-builds.js';

const STATISTICS = struct(5, [
  binary(1, [1, 2, 3]),
  [3, I64, varint(zigzag(5n))],
  binary(5, []),
  binary(6, [9]),
  [7, TRUE, []],
]);

const HEADERS: Readonly<Record<string, { bytes: number[]; fields: Record<number, number> }>> = {
  'version 1': {
    bytes: thrift([
      i32(1, 0),
      i32(2, 70_000),
      i32(3, 1_234),
      i32(4, -77),
      struct(5, [i32(1, 500), i32(2, 8), i32(3, 3), i32(4, 4), STATISTICS]),
    ]),
    fields: {
      [PAGE_TYPE]: 0,
      [PAGE_BYTES]: 70_000,
      [PAGE_COMPRESSED_BYTES]: 1_234,
      [PAGE_HAS_CRC]: 1,
      [PAGE_CRC]: -77,
      [PAGE_VALUES]: 500,
      [PAGE_ENCODING]: 8,
      [PAGE_LEVEL_ENCODING]: 3,
    },
  },
  'a dictionary': {
    bytes: thrift([
      i32(1, 2),
      i32(2, 80),
      i32(3, 80),
      struct(7, [i32(1, 10), i32(2, 2), [3, FALSE, []]]),
    ]),
    fields: { [PAGE_TYPE]: 2, [PAGE_HAS_CRC]: 0, [PAGE_VALUES]: 10, [PAGE_ENCODING]: 2 },
  },
  'version 2, with fields that nobody knows': {
    bytes: thrift([
      i32(1, 3),
      i32(2, 900),
      i32(3, 800),
      struct(8, [
        i32(1, 50),
        i32(2, 7),
        i32(3, 50),
        i32(4, 5),
        i32(5, 12),
        i32(6, 0),
        [7, FALSE, []],
        [9, LIST, [0x25, ...varint(1n), ...varint(300n)]],
        [40, STRUCT, thrift([i32(1, 1), struct(2, [])])],
      ]),
      binary(100, [1, 2, 3]),
    ]),
    fields: {
      [PAGE_TYPE]: 3,
      [PAGE_VALUES]: 50,
      [PAGE_NULLS]: 7,
      [PAGE_ROWS]: 50,
      [PAGE_ENCODING]: 5,
      [PAGE_DEFINITION_BYTES]: 12,
      [PAGE_REPETITION_BYTES]: 0,
      [PAGE_IS_COMPRESSED]: 0,
    },
  },
};

function parsed(sandbox: Sandbox, bytes: readonly number[], out: number): number {
  const ptr = sandbox.put(Uint8Array.from(bytes), { skew: bytes.length % 5 });
  return sandbox.core.kernels.pageHeader(ptr, bytes.length, out);
}

describe.each(BUILDS)('the header of a page ($build)', ({ module }) => {
  const cases = Object.entries(HEADERS);

  test.each(cases)('is read: %s', (_name, { bytes, fields }) => {
    const sandbox = new Sandbox(module);
    const out = sandbox.buffer(PAGE_HEADER_BYTES, { fill: 0x77 });
    expect(parsed(sandbox, [...bytes, 0xff, 0xff], out)).toBe(bytes.length);
    for (const [offset, value] of Object.entries(fields)) {
      expect(sandbox.core.views.i32[(out + Number(offset)) / 4], `field ${offset}`).toBe(value);
    }
    expect(sandbox.trespasses()).toEqual([]);
  });

  test.each(cases)('is truncated at every byte before its last: %s', (_name, { bytes }) => {
    const sandbox = new Sandbox(module);
    const out = sandbox.buffer(PAGE_HEADER_BYTES);
    for (let length = 0; length < bytes.length; length++) {
      const status = parsed(sandbox, bytes.slice(0, length), out);
      expect(status, `${length} bytes`).toBe(-STATUS_TRUNCATED);
    }
    expect(sandbox.trespasses()).toEqual([]);
  });

  test.each(cases)('with any byte changed is refused, or still whole: %s', (_name, { bytes }) => {
    for (let at = 0; at < bytes.length; at++) {
      const sandbox = new Sandbox(module, 2 ** 20);
      const out = sandbox.buffer(PAGE_HEADER_BYTES);
      for (let value = 0; value < 256; value++) {
        const changed = bytes.with(at, value);
        const status = parsed(sandbox, changed, out);
        expectWhole(sandbox, status, out, `byte ${at} is ${value}`);
      }
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  test('of noise never traps', () => {
    const prng = createPrng();
    for (let round = 0; round < 200; round++) {
      const sandbox = new Sandbox(module, 2 ** 20);
      const out = sandbox.buffer(PAGE_HEADER_BYTES);
      const noise = Array.from({ length: prng.int(0, 80) }, () => prng.int(0, 256));
      expectWhole(sandbox, parsed(sandbox, noise, out), out, `round ${round}, seed ${prng.seed}`);
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  test('without one of the fields that it must have is refused', () => {
    const sandbox = new Sandbox(module);
    const out = sandbox.buffer(PAGE_HEADER_BYTES);
    const kinds = [
      { type: 0, id: 5, needed: [i32(1, 9), i32(2, 0), i32(3, 3), i32(4, 3)] },
      { type: 2, id: 7, needed: [i32(1, 9), i32(2, 0)] },
      { type: 3, id: 8, needed: [9, 0, 9, 0, 0, 0].map((value, i) => i32(i + 1, value)) },
    ];
    for (const { type, id, needed } of kinds) {
      const outer = [i32(1, type), i32(2, 4), i32(3, 4), struct(id, needed)];
      expect(parsed(sandbox, thrift(outer), out)).toBe(thrift(outer).length);
      for (const missing of outer) {
        const rest = outer.filter((field) => field !== missing);
        expect(parsed(sandbox, thrift(rest), out), `type ${type}`).toBe(-STATUS_CORRUPT);
      }
      for (const missing of needed) {
        const inner = struct(
          id,
          needed.filter((field) => field !== missing),
        );
        const status = parsed(sandbox, thrift([...outer.slice(0, 3), inner]), out);
        expect(status, `type ${type} without field ${missing[0]}`).toBe(-STATUS_CORRUPT);
      }
    }
  });

  test('asks for sane arguments', () => {
    const { kernels } = new Sandbox(module).core;
    expect(kernels.pageHeader(65_536, -1, 70_000)).toBe(-STATUS_BAD_ARGUMENT);
    expect(kernels.pageHeader(65_536, 10, 70_001)).toBe(-STATUS_BAD_ARGUMENT);
  });
});

/** A header that is accepted has a type, and lengths and counts that can be. */
function expectWhole(sandbox: Sandbox, status: number, out: number, at: string): void {
  if (status < 0) {
    expect([STATUS_TRUNCATED, STATUS_CORRUPT], at).toContain(-status);
    return;
  }
  const field = (offset: number): number => sandbox.core.views.i32[(out + offset) / 4]!;
  expect([0, 1, 2, 3], at).toContain(field(PAGE_TYPE));
  for (const offset of [PAGE_BYTES, PAGE_COMPRESSED_BYTES]) {
    expect(field(offset), at).toBeGreaterThanOrEqual(0);
  }
  if (field(PAGE_TYPE) === 1) return;
  expect(field(PAGE_VALUES), at).toBeGreaterThanOrEqual(0);
  expect(field(PAGE_NULLS), at).toBeLessThanOrEqual(field(PAGE_VALUES));
  const levels = field(PAGE_DEFINITION_BYTES) + field(PAGE_REPETITION_BYTES);
  expect(levels, at).toBeLessThanOrEqual(field(PAGE_COMPRESSED_BYTES));
}
