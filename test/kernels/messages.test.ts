import { describe, expect, it } from 'vitest';
import { FLAG_BAD_TS, FLAG_LAST } from '#src/abi/flags.js';
import { markMessages } from '#src/core/messages.js';
import { markedFlags } from '../oracle/sequence.js';
import { createPrng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

describe.each(BUILDS)('markMessages ($build)', ({ module }) => {
  it('ends a message where any part of the key changes', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      for (let round = 0; round < 8; round++) {
        const [one, two] = [prng.chance(0.2), prng.chance(0.5)];
        const [change1, change2] = [prng.pick([0, 0.1, 0.9]), prng.pick([0, 0.1, 0.9])];
        const key1 = [prng.i64()];
        const key2 = [prng.i64()];
        while (key1.length <= length) {
          key1.push(prng.chance(change1) ? prng.i64() : key1.at(-1)!);
          key2.push(prng.chance(change2) ? key2.at(-1)! + 1n : key2.at(-1)!);
        }
        const sandbox = new Sandbox(module);
        const flagsBefore = prng.pick([0, FLAG_BAD_TS]);
        const flagsPtr = sandbox.put(new Int32Array(length).fill(flagsBefore), { skew: 4 });
        const keys = {
          key1Ptr: sandbox.put(BigInt64Array.from(key1.slice(0, length)), { skew: 8 }),
          key2Ptr: one ? 0 : sandbox.put(BigInt64Array.from(key2.slice(0, length))),
          rowCount: length,
        };
        const next = two ? { key1: key1[length]!, key2: key2[length]! } : null;
        const ended = markMessages(sandbox.core, keys, next, flagsPtr);
        const texts: (string | null)[] = key1.map((k, i) => (one ? `${k}` : `${k}/${key2[i]}`));
        if (next === null) texts[length] = null;
        const expected = markedFlags(texts, flagsBefore);
        const flags = Array.from(sandbox.core.views.i32At(flagsPtr, length));
        expect(flags, `seed ${prng.seed}, length ${length}`).toEqual(expected);
        expect(ended).toBe(expected.filter((value) => (value & FLAG_LAST) !== 0).length);
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
  });

  it('refuses to mark without a key', () => {
    const { core } = new Sandbox(module);
    expect(() => markMessages(core, { key1Ptr: 0, key2Ptr: 0, rowCount: 1 }, null, 65_536)).toThrow(
      expect.objectContaining({ code: 'ERR_KERNEL' }),
    );
  });
});

describe.each(BUILDS)('messageEnd ($build)', ({ module }) => {
  it('is the row behind the next LAST row', () => {
    const sandbox = new Sandbox(module);
    const flagsPtr = sandbox.put(Int32Array.from([0, 128, 4, 32, 160, 0]));
    const ends = [0, 1, 2, 5].map((row) => sandbox.core.kernels.messageEnd(flagsPtr, row, 6));
    expect(ends).toEqual([2, 2, 5, -1]);
    expect(sandbox.core.kernels.messageEnd(flagsPtr, 2, 4)).toBe(-1);
  });
});
