import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';
import { CProgram } from '#src/bench/c-program.js';
import { createPrng } from '../prng.js';

// What has a kernel of ours is compared with it, byte for byte, by the bench itself; here the ways
// there and back meet, at lengths that a bench does not have.

const compiled = CProgram.compile();
const program = typeof compiled === 'string' ? null : compiled;
afterAll(() => program?.close());

const ROUNDS = { roundsMax: 1, budgetMs: 0 };

/** Output of a case over `input`. */
const run = (name: string, input: ArrayBufferView, count: number): Uint8Array =>
  program!.run({ name, input: [input], count }, ROUNDS).output;

test('without a program there is a reason', () => {
  const hasCompiler = spawnSync('cc', ['--version']).status === 0;
  const reason = typeof compiled === 'string' ? compiled : 'none';
  expect(reason).toMatch(program !== null ? /^none$/ : hasCompiler ? /fails/ : /no compiler/);
});

describe.skipIf(program === null)('the program in C', () => {
  const prng = createPrng();

  test.each([0, 1, 2, 31, 32, 33, 256, 257, 258, 1_000])('delta: %i values', (count) => {
    for (const bits of [0n, 1n, 7n, 16n, 17n, 32n, 33n, 57n, 64n]) {
      const values = BigInt64Array.from({ length: count }, () =>
        BigInt.asIntN(Number(bits), prng.i64()),
      );
      const encoded = run('delta_encode', values, count);
      const decoded = run('delta_decode', encoded, count);
      const found = new BigInt64Array(decoded.buffer as ArrayBuffer);
      expect(found, `${bits} bits, seed ${prng.seed}`).toEqual(values);
    }
  });

  test.each([0, 1, 14, 15, 16, 1_000, 65_535, 65_536, 65_537, 200_000])(
    'snappy: %i bytes',
    (byteLength) => {
      for (const variety of [1, 2, 5, 256]) {
        const bytes = Uint8Array.from({ length: byteLength }, () => prng.int(0, variety));
        const compressed = run('snappy_compress', bytes, byteLength);
        const found = run('snappy_decompress', compressed, byteLength);
        expect(Buffer.compare(found, bytes), `${variety} values, seed ${prng.seed}`).toBe(0);
      }
    },
  );

  test('a case that is not there is an error', () => {
    expect(() => run('nothing', new Uint8Array(1), 1)).toThrow('no such case');
  });
});
