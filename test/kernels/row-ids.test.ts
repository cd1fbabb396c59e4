import { describe, expect, it } from 'vitest';
import { brokenIds } from '../oracle/stamps.js';
import { createPrng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

describe.each(BUILDS)('row-ids ($build)', ({ module }) => {
  it('counts what a plain loop counts', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      const ids = Array.from({ length }, (_, row) => BigInt(row + (prng.chance(0.1) ? 1 : 0)));
      const sandbox = new Sandbox(module);
      const ptr = sandbox.put(BigInt64Array.from(ids), { skew: 8 });
      const where = `seed ${prng.seed}, length ${length}`;
      expect(sandbox.core.kernels.idsBroken(ptr, length), where).toBe(brokenIds(ids));
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  it('refuses what is not aligned', () => {
    expect(new Sandbox(module).core.kernels.idsBroken(65_540, 1)).toBeLessThan(0);
  });
});
