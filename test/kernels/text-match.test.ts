import { describe, expect, it } from 'vitest';
import { TEXT_TABLE_BYTES, TextTable } from '#src/core/text-match.js';
import { unpackBits } from '../oracle/rows.js';
import { createPrng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const MEANING_TRUE = ['bid', 'buy', 'b', 'BID'];
const MEANING_FALSE = ['ask', 'sell', 'a', 'a text of twenty-eight byte'];
const STRANGE = ['', 'bi', 'bids', 'Bid', 'ask ', 'ß', 'null', 'a text of twenty-eight bytes more'];

describe.each(BUILDS)('matchTexts ($build)', ({ module }) => {
  it('tells the words apart, and marks each row that is none of them', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      const rows = Array.from({ length }, () =>
        prng.pick([...MEANING_TRUE, ...MEANING_FALSE, ...STRANGE]),
      );
      const encoded = rows.map((row) => new TextEncoder().encode(row));
      const offsets = [0];
      for (const bytes of encoded) offsets.push(offsets.at(-1)! + bytes.length);
      const sandbox = new Sandbox(module);
      const bitmapBytes = Math.ceil(length / 8);
      const outPtr = sandbox.buffer(bitmapBytes, { fill: 0xff });
      const badPtr = sandbox.buffer(bitmapBytes);
      const table = new TextTable(sandbox.core, sandbox.buffer(TEXT_TABLE_BYTES), {
        meaningTrue: MEANING_TRUE,
        meaningFalse: MEANING_FALSE,
      });
      const column = {
        textPtr: sandbox.put(Uint8Array.from(encoded.flatMap((bytes) => [...bytes])), { skew: 1 }),
        offsetsPtr: sandbox.put(Int32Array.from(offsets)),
        rowCount: length,
      };
      const badCount = table.match(column, outPtr, badPtr);
      const { views } = sandbox.core;
      const note = `seed ${prng.seed}, length ${length}`;
      expect(unpackBits(views.bytes(outPtr, bitmapBytes), length), note).toEqual(
        rows.map((row) => MEANING_TRUE.includes(row)),
      );
      const bad = rows.map((row) => STRANGE.includes(row));
      expect(unpackBits(views.bytes(badPtr, bitmapBytes), length), note).toEqual(bad);
      expect(badCount).toBe(bad.filter(Boolean).length);
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  it('takes no table that cannot be', () => {
    const sandbox = new Sandbox(module);
    const tablePtr = sandbox.buffer(TEXT_TABLE_BYTES);
    const words = (count: number, text: string): string[] => Array(count).fill(text);
    for (const meaningTrue of [words(9, 'bid'), words(1, 'x'.repeat(29))]) {
      expect(
        () => new TextTable(sandbox.core, tablePtr, { meaningTrue, meaningFalse: [] }),
      ).toThrow(expect.objectContaining({ code: 'ERR_INVARIANT' }));
    }
  });
});
