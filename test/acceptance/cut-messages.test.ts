import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const MIDNIGHT_MS = 1_767_312_000_000;
const HEADERS = {
  contiguous: 'symbol,local_ts,sequence_first,sequence,side,price,qty,is_snapshot',
  chain: 'symbol,local_ts,sequence_prev,sequence,side,price,qty,is_snapshot',
  monotonic: 'symbol,local_ts,sequence,side,price,qty,is_snapshot',
  snapshot: 'symbol,local_ts,side,price,qty,is_snapshot',
} as const;
type Policy = keyof typeof HEADERS;

/** A message: milliseconds from midnight, its first and last id, and rows. */
type Message = readonly [number, number, number, ...string[]];

const MESSAGES: readonly Message[] = [
  [-2_000, 10, 10, 'bid,99,1,true', 'ask,101,1,true'],
  [-1_000, 11, 12, 'bid,98,2,false'],
  // A recorder begins its next file behind the second row, or the fourth.
  [40, 13, 14, 'ask,101,0,false', 'ask,104,1,false', 'bid,102,1,false', 'bid,101,3,false'],
  [50, 15, 15, 'bid,98,0,false'],
  [60, 16, 18, 'ask,103,2,false'],
];

function linesOf(policy: Policy): string[] {
  return MESSAGES.flatMap(([ms, first, last, ...rows]) => {
    const ids = { contiguous: [first, last], chain: [first - 1, last], monotonic: [last], snapshot: [] }; // biome-ignore format: one line
    return rows.map((row) => ['X', MIDNIGHT_MS + ms, ...ids[policy], row].join(','));
  });
}

async function lastDayOf(policy: Policy, files: readonly (readonly string[])[], ...more: string[]) {
  const root = temporaryFolder();
  for (const [index, lines] of files.entries()) {
    writeFileSync(join(root, `${index}.csv`), `${[HEADERS[policy], ...lines].join('\n')}\n`);
  }
  const out = join(temporaryFolder(), 'out');
  await depthmillDone(['run', root, '-o', out, ...more]);
  return readAudit(out).instruments.at(-1)!;
}

describe('a message that comes again right behind itself', () => {
  it.each([['contiguous'], ['chain'], ['monotonic']] as const)(
    'is one message with its rows twice, and the book is the same (%s)',
    async (policy) => {
      const lines = linesOf(policy);
      const again = [...lines.slice(0, 7), ...lines.slice(3, 7), ...lines.slice(7)];
      const once = await lastDayOf(policy, [lines]);
      // In one file, and where the next one begins with it.
      for (const files of [[again], [again.slice(0, 7), again.slice(7)]]) {
        const twice = await lastDayOf(policy, files, '--batch-rows', '2');
        expect(twice).toMatchObject({ digest: once.digest, gaps: [], quality: [], duplicates: 0 });
        expect(twice.accounting).toMatchObject({ rejected: {}, dropped: {} });
      }
    },
  );
});

describe('a message whose rows two files of two days share', () => {
  it.each([['contiguous'], ['chain'], ['monotonic'], ['snapshot']] as const)(
    'is applied whole, and is no duplicate (%s)',
    async (policy) => {
      const lines = linesOf(policy);
      const whole = await lastDayOf(policy, [lines]);
      for (const cutAt of [5, 7]) {
        // The first file ends on the second day, and is of the first all the same.
        const cut = await lastDayOf(policy, [lines.slice(0, cutAt - 1), lines.slice(cutAt - 1)]);
        expect(cut.dt).toBe('2026-01-02');
        expect(cut).toMatchObject({ digest: whole.digest, gaps: [], quality: [], duplicates: 0 });
        expect(cut.accounting.dropped).toEqual({});
      }
    },
  );

  it('is the same whatever the units', async () => {
    const lines = linesOf('chain');
    const files = [lines.slice(0, 4), lines.slice(4)];
    expect(await lastDayOf('chain', files, '--batch-rows', '1')).toEqual(
      await lastDayOf('chain', files),
    );
  });
});
