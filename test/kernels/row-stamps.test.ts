import { describe, expect, it } from 'vitest';
import { FLAG_BAD_TS, FLAG_LAST } from '#src/abi/flags.js';
import { apart, broken, mixed, outside, over } from '../oracle/row-stamps.js';
import { createPrng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const BASE = 1_767_225_600_000_000_000n;

describe.each(BUILDS)('row-stamps ($build)', ({ module }) => {
  it('counts what plain loops count', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      const near = (): bigint => BASE + BigInt(prng.int(-20, 20));
      const recv = Array.from({ length }, near);
      const event = recv.map((stamp) => stamp + BigInt(prng.pick([0, 0, 1, -1, 7, -7, 8, -8])));
      const flags = recv.map(() => prng.pick([0, FLAG_LAST, FLAG_BAD_TS]));
      const ids = recv.map((_, row) => BigInt(row + (prng.chance(0.1) ? 1 : 0)));
      const sandbox = new Sandbox(module);
      const put = (values: readonly bigint[]): number =>
        sandbox.put(BigInt64Array.from(values), { skew: 8 });
      const [recvPtr, eventPtr, idPtr] = [put(recv), put(event), put(ids)];
      const flagsPtr = sandbox.put(Int32Array.from(flags), { skew: 4 });
      const { kernels } = sandbox.core;
      const where = `seed ${prng.seed}, length ${length}`;
      for (const limit of [0n, 7n, 20n]) {
        const [from, to] = [BASE - limit, BASE + limit];
        const counts = [
          kernels.stampsOutside(recvPtr, length, from, to),
          kernels.clocksApart(recvPtr, eventPtr, length, limit),
          kernels.stepsOver(recvPtr, length, limit),
        ];
        expect(counts, where).toEqual([
          outside(recv, from, to),
          apart(recv, event, limit),
          over(recv, limit),
        ]);
      }
      expect(kernels.stampsMixed(eventPtr, flagsPtr, length), where).toBe(mixed(event, flags));
      expect(kernels.idsBroken(idPtr, length), where).toBe(broken(ids));
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  it('holds at the ends of int64, where nothing is subtracted', () => {
    const sandbox = new Sandbox(module);
    const values = [-(1n << 63n), -1n, 0n, (1n << 63n) - 1n];
    const ptr = sandbox.put(BigInt64Array.from(values));
    const { kernels } = sandbox.core;
    expect(kernels.stampsOutside(ptr, 4, -(1n << 63n), (1n << 63n) - 1n)).toBe(1);
    expect(kernels.stampsOutside(ptr, 4, 0n, 1n)).toBe(3);
  });

  it('refuses what is not aligned', () => {
    const { kernels } = new Sandbox(module).core;
    expect(kernels.stampsOutside(65_540, 1, 0n, 1n)).toBeLessThan(0);
    expect(kernels.clocksApart(65_536, 65_540, 1, 1n)).toBeLessThan(0);
    expect(kernels.stampsMixed(65_536, 65_538, 1)).toBeLessThan(0);
    expect(kernels.idsBroken(65_540, 1)).toBeLessThan(0);
  });
});
