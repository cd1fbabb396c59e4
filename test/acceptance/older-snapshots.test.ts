import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_MS = 1_767_229_200_000;

/** A message: its ids and the quantity that it sets; a snapshot: its id, and the one that it has. */
type Line =
  | readonly [first: number, last: number, qty: number]
  | readonly [id: number, qty: number];

/** What the audit says of a capture of these lines, 10 ms apart. */
async function auditOf(market: 'spot' | 'futures', lines: readonly Line[]) {
  const text = lines.map((line, i) => {
    const ms = START_MS + i * 10;
    const bids = [['99', String(line.at(-1))]];
    const book = { lastUpdateId: line[0], bids, asks: [['101', '1']] };
    if (line.length === 2) return `${ms}000000 ${JSON.stringify(book)}\n`;
    const [U, u] = line;
    const own = market === 'spot' ? {} : { T: ms, pu: U - 1 };
    const data = { e: 'depthUpdate', E: ms, ...own, s: 'BTCUSDT', U, u, b: bids, a: [] };
    return `${ms}000000 ${JSON.stringify({ stream: 'btcusdt@depth@100ms', data })}\n`;
  });
  const root = temporaryFolder();
  writeFileSync(join(root, 'btcusdt.txt'), text.join(''));
  await depthmillDone(['run', join(root, 'btcusdt.txt'), '-o', join(root, 'out')]);
  return readAudit(join(root, 'out')).instruments[0]!;
}

describe.each(['spot', 'futures'] as const)(
  '%s: a snapshot older than the one before it',
  (market) => {
    const end = [[116, 120, 4], [121, 125, 5]] as const; // biome-ignore format: one line

    it('loses nothing, and the book goes on', async () => {
      const start = [[101, 105, 1], [120, 4]] as const; // biome-ignore format: one line
      const covered = [[106, 110, 2], [111, 115, 3]] as const; // biome-ignore format: one line
      const plain = await auditOf(market, [...start, ...covered, ...end]);
      for (const lines of [
        [...start, ...covered, [110, 2], ...end],
        [...start, ...covered, [110, 2], [110, 2], ...end],
        [...start, ...covered, [105, 1], ...end],
        [...start, ...covered, ...end, [110, 2]],
        [...start, [110, 2], ...covered, ...end],
      ] as const) {
        const label = JSON.stringify(lines);
        const { gaps, quality, digest } = await auditOf(market, lines);
        expect(gaps, label).toEqual([]);
        expect(quality.map(({ state }) => state), label).toEqual(['unseeded']); // biome-ignore format: one line
        expect(digest, label).toBe(plain.digest);
      }
    });
  },
);

describe('a snapshot older than the one before it', () => {
  const start = [[101, 105, 1], [105, 1]] as const; // biome-ignore format: one line

  it('hides no loss in front of the first', async () => {
    const lines = [[107, 110, 2], [110, 2], [111, 115, 3], [107, 1], [116, 120, 4]] as const; // biome-ignore format: one line
    const { gaps } = await auditOf('spot', [...start, ...lines]);
    expect(gaps).toMatchObject([{ sequence_before: '105', sequence_after: '107', missing: '1' }]);
  });

  it('hides none behind itself', async () => {
    const lines = [[120, 4], [106, 110, 2], [110, 2], [122, 125, 5]] as const; // biome-ignore format: one line
    const { gaps, quality } = await auditOf('spot', [...start, ...lines]);
    expect(gaps).toMatchObject([{ sequence_before: '110', sequence_after: '122', missing: '11' }]);
    expect(quality.at(-1)).toMatchObject({ state: 'suspect', reason: 'loss' });
  });
});

describe.each(['spot', 'futures'] as const)(
  '%s: a second snapshot within the second of a message that did not join the first',
  (market) => {
    const missing = (count: string) => (market === 'spot' ? count : null);

    it('makes up for the loss between the two, which is told', async () => {
      for (const [lines, count] of [
        [
          [
            [105, 1],
            [108, 110, 2],
            [110, 2],
            [111, 115, 3],
          ],
          '2',
        ],
        [
          [
            [105, 1],
            [108, 110, 2],
            [111, 115, 3],
            [112, 3],
            [116, 120, 4],
          ],
          '2',
        ],
        [
          [
            [105, 1],
            [108, 110, 2],
            [120, 4],
            [111, 115, 3],
            [116, 120, 4],
            [121, 125, 5],
          ],
          '2',
        ],
        [
          [
            [105, 1],
            [108, 110, 2],
            [109, 2],
            [120, 4],
            [111, 120, 3],
            [121, 125, 5],
          ],
          '2',
        ],
      ] as const) {
        // biome-ignore format: one line
        const label = JSON.stringify(lines);
        const { gaps, quality } = await auditOf(market, lines);
        expect(gaps, label).toMatchObject([
          {
            kind: 'gap',
            sequence_before: '105',
            sequence_after: '108',
            missing: missing(count),
            ts_recv_before: `${START_MS}000000`,
            ts_recv_after: `${START_MS + 10}000000`,
            reason: 'the ids do not continue; a snapshot has made up for it',
          },
        ]);
        expect(quality, label).toMatchObject([
          { state: 'suspect', reason: 'loss', sequence_from: '105' },
        ]);
      }
    });

    it('shows none where what was missing comes late, or the messages begin behind it', async () => {
      for (const lines of [
        [
          [105, 1],
          [108, 110, 2],
          [110, 2],
          [106, 107, 1],
          [111, 115, 3],
        ],
        [
          [105, 1],
          [108, 110, 2],
          [106, 107, 1],
          [110, 2],
          [111, 115, 3],
        ],
        [
          [105, 1],
          [103, 106, 1],
          [110, 2],
          [107, 110, 2],
          [111, 115, 3],
        ],
        [
          [105, 1],
          [110, 2],
          [109, 112, 2],
          [113, 115, 3],
        ],
      ] as const) {
        // biome-ignore format: one line
        const { gaps, quality } = await auditOf(market, lines);
        expect({ gaps, quality }, JSON.stringify(lines)).toEqual({ gaps: [], quality: [] });
      }
    });
  },
);
