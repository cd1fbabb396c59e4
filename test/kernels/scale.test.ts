import { describe, expect, it } from 'vitest';
import { DECIMALS_BYTES } from '#src/abi/scale.js';
import {
  chooseScale,
  doubleProblem,
  doublesRange,
  mergeRanges,
  scaleDoubles,
  scaleFloats,
} from '#src/core/scale.js';
import { decimalsOf, doublePips, floatPips } from '../oracle/scale.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

/** The double `steps` representable values away. */
function stepped(value: number, steps: bigint): number {
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  return new Float64Array(new BigInt64Array([bits[0]! + steps]).buffer)[0]!;
}

/** Values at which a rule changes: powers of two, the limits of each path, ties, no numbers. */
function edges(scale: number): number[] {
  const values = [0, -0, Number.NaN, Infinity, -Infinity, 5e-324, 1e-18, 1e-19, 1e300, 0.1, 0.3];
  // Two shortest texts are equally near here; the even one counts.
  values.push(2 ** 50 + 0.25, 2 ** 50 + 0.75, 2 ** 49 + 0.125, 0.1 + 0.2, 1 / 3);
  for (const power of [49, 50, 51, 52, 53, 54, 60, 62, 63, 64]) {
    for (const steps of [-3n, -2n, -1n, 0n, 1n, 2n, 3n]) {
      values.push(stepped(2 ** power, steps), stepped(2 ** power / 10 ** scale, steps));
    }
  }
  for (let power = -20; power <= 20; power++) {
    for (const steps of [-1n, 0n, 1n]) values.push(stepped(10 ** power, steps));
  }
  for (let power = -61; power <= 64; power++) values.push(2 ** power, stepped(2 ** power, -1n));
  return values.flatMap((value) => [value, -value]);
}

/** Decimals of many magnitudes and lengths, and doubles that are none. */
function randomDouble(prng: Prng): number {
  const kind = prng.int(0, 6);
  if (kind === 0) return Number(prng.i64()) / 10 ** prng.int(0, 19);
  if (kind === 1) return (prng.unit() - 0.5) * 10 ** prng.int(-12, 20);
  if (kind === 2) return Math.floor(prng.unit() * 2 ** prng.int(1, 64));
  const digits = Math.floor(prng.unit() * 10 ** prng.int(1, 17));
  return Number(`${prng.chance(0.2) ? '-' : ''}${digits}e-${prng.int(0, 12)}`);
}

/** Scales `values` in the sandbox and compares each pip, bad bit and the count with the oracle. */
function expectScaled(sandbox: Sandbox, values: Float64Array, scale: number, note: string): void {
  const ptr = sandbox.put(values, { skew: 8 });
  const bitmapPtr = sandbox.buffer(Math.ceil(values.length / 8));
  const badCount = scaleDoubles(sandbox.core, ptr, values.length, scale, bitmapPtr);
  const pips = sandbox.core.views.i64At(ptr, values.length);
  const bits = new BigInt64Array(values.buffer, values.byteOffset, values.length);
  const bitmap = sandbox.core.views.bytes(bitmapPtr, Math.ceil(values.length / 8));
  let expectedBad = 0;
  for (let i = 0; i < values.length; i++) {
    const expected = doublePips(values[i]!, scale);
    const isBad = ((bitmap[i >> 3]! >> (i & 7)) & 1) === 1;
    if (expected === null) expectedBad++;
    if (isBad !== (expected === null) || pips[i] !== (expected ?? bits[i])) {
      expect.fail(
        `${note}: ${values[i]} at scale ${scale}: ${isBad ? 'bad' : pips[i]}, oracle ${expected}`,
      );
    }
  }
  expect(badCount).toBe(expectedBad);
  expect(sandbox.trespasses()).toEqual([]);
}

describe.each(BUILDS)('scaleF64 ($build)', ({ build, module }) => {
  const rounds = build === 'release' ? 200_000 : 20_000;

  it('accepts exactly the decimals at every rule border, at every scale', () => {
    for (let scale = 0; scale <= 18; scale++) {
      expectScaled(new Sandbox(module), Float64Array.from(edges(scale)), scale, 'edges');
    }
  });

  it.each([
    [6e7, 9e7],
    [1e9, 9e10],
  ])('takes random decimals in [%f, %f] as decimal arithmetic does', (from, to) => {
    const prng = createPrng();
    const values = Float64Array.from({ length: rounds }, () =>
      Number((from + prng.unit() * (to - from)).toFixed(prng.int(0, 9))),
    );
    expectScaled(new Sandbox(module, 2 ** 25), values, 8, `seed ${prng.seed}`);
  });

  it('agrees with the oracle on mixed columns of every length', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      const values = Float64Array.from({ length }, () => randomDouble(prng));
      expectScaled(new Sandbox(module), values, prng.int(0, 19), `seed ${prng.seed}`);
    }
    const many = Float64Array.from({ length: rounds / 4 }, () => randomDouble(prng));
    for (const scale of [0, 3, 8, 11, 18]) {
      expectScaled(new Sandbox(module), many, scale, `seed ${prng.seed}`);
    }
  });

  it('finds one bad or large value wherever it stands among good ones', () => {
    for (const odd of [Number.NaN, 0.123456789123, 123456789012.5, 1.5e11, Infinity, 31234567.25]) {
      for (let at = 0; at < 33; at++) {
        const values = Float64Array.from({ length: 33 }, (_, i) => 61837.63 + i / 100);
        values[at] = odd;
        expectScaled(new Sandbox(module), values, 8, `${odd} at ${at}`);
      }
    }
  });

  it('refuses a bad address or scale', () => {
    const { core } = new Sandbox(module);
    for (const [ptr, scale] of [
      [65_540, 8],
      [65_536, -1],
      [65_536, 19],
    ] as const) {
      expect(() => scaleDoubles(core, ptr, 1, scale, 70_000)).toThrow(
        expect.objectContaining({ code: 'ERR_KERNEL' }),
      );
    }
  });
});

describe.each(BUILDS)('scaleF32 ($build)', ({ build, module }) => {
  it('takes floats by their own shortest text', () => {
    const prng = createPrng();
    const values = [0, -0, Number.NaN, Infinity, -Infinity, 0.1, 61837.63, 1e-7, 3e-45, 1.17e-38];
    for (let power = -62; power <= 64; power++) values.push(2 ** power, -(2 ** power));
    for (let i = 0; i < (build === 'release' ? 4_000 : 1_000); i++) values.push(randomDouble(prng));
    const floats = Float32Array.from(values);
    for (const scale of [0, 2, 8, 18]) {
      const sandbox = new Sandbox(module);
      const ptr = sandbox.put(floats, { skew: 4 });
      const outPtr = sandbox.buffer(8 * floats.length);
      const bitmapPtr = sandbox.buffer(Math.ceil(floats.length / 8));
      const badCount = scaleFloats(sandbox.core, ptr, floats.length, scale, outPtr, bitmapPtr);
      const expected = Array.from(floats, (value) => floatPips(value, scale));
      const pips = Array.from(sandbox.core.views.i64At(outPtr, floats.length));
      const wrong = pips.findIndex((value, i) => value !== (expected[i] ?? 0n));
      expect(wrong, `seed ${prng.seed}: ${floats[wrong]} at ${scale}: ${pips[wrong]}`).toBe(-1);
      expect(badCount).toBe(expected.filter((value) => value === null).length);
      expect(sandbox.trespasses()).toEqual([]);
    }
  });
});

describe.each(BUILDS)('f64Decimals ($build)', ({ module }) => {
  it('gives the most decimals and the scales that hold the largest value', () => {
    const prng = createPrng();
    const sandbox = new Sandbox(module);
    const scratchPtr = sandbox.buffer(DECIMALS_BYTES);
    const all = [...edges(8), ...Array.from({ length: 5_000 }, () => randomDouble(prng))];
    for (const value of all) {
      const ptr = 65_536;
      sandbox.core.views.f64[ptr / 8] = value;
      const { decimals } = doublesRange(sandbox.core, ptr, 1, scratchPtr);
      const expected = Number.isFinite(value) ? Math.min(19, decimalsOf(String(value))) : 0;
      expect(decimals, `seed ${prng.seed}: ${value}`).toBe(expected);
    }
    const column = Float64Array.from([0.5, Number.NaN, -1234.567, Infinity, 92233720368, 0.25]);
    const range = doublesRange(sandbox.core, sandbox.put(column), column.length, scratchPtr);
    expect(range).toEqual({ decimals: 3, scaleMax: 8 });
  });

  it('merges pieces into what the whole column asks', () => {
    const prng = createPrng();
    const sandbox = new Sandbox(module);
    const scratchPtr = sandbox.buffer(DECIMALS_BYTES);
    const values = Float64Array.from({ length: 999 }, () => randomDouble(prng));
    const ptr = sandbox.put(values);
    const whole = doublesRange(sandbox.core, ptr, 999, scratchPtr);
    const pieces = [0, 333, 666].map((at) =>
      doublesRange(sandbox.core, ptr + 8 * at, 333, scratchPtr),
    );
    expect(pieces.reduce(mergeRanges)).toEqual(whole);
    expect(sandbox.trespasses()).toEqual([]);
  });
});

describe('scales', () => {
  it('are 8 where it fits, else the smallest that holds all', () => {
    expect(chooseScale({ decimals: 2, scaleMax: 18 })).toBe(8);
    expect(chooseScale({ decimals: 11, scaleMax: 14 })).toBe(11);
    expect(chooseScale({ decimals: 0, scaleMax: 5 })).toBe(0);
    expect(chooseScale({ decimals: 6, scaleMax: 5 })).toBeNull();
    expect(chooseScale({ decimals: 19, scaleMax: 18 })).toBeNull();
  });

  it('name what is wrong with a value', () => {
    expect(doubleProblem(61837.63, 8)).toBeNull();
    expect(doubleProblem(Number.NaN, 8)).toEqual({ kind: 'not_finite' });
    expect(doubleProblem(1e-9, 8)).toEqual({
      kind: 'decimals',
      text: '0.000000001',
      decimals: 9,
    });
    expect(doubleProblem(2e11, 8)).toEqual({
      kind: 'overflow',
      text: '200000000000',
      scaleMax: 7,
    });
  });
});
