import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_MS = 1_767_229_200_000;
const DEPTH = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';
const QUOTES =
  'exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount';
const NAME = '2026-01-01_BTCUSDT.csv';

/** At a time in ms from the start: the quantity of the best bid, 99; the best ask stays 101. */
type Bids = readonly (readonly [ms: number, qty: number])[];

/** A change every 100 ms in [from, to). */
const changes = (from: number, to: number): Bids =>
  Array.from({ length: (to - from) / 100 }, (_, i) => [from + i * 100, 1 + (from / 100 + i)]);

async function auditOf(texts: Readonly<Record<string, readonly string[]>>) {
  const root = temporaryFolder();
  const inputs = Object.entries(texts).map(([name, lines]) => {
    writeFileSync(join(root, name), `${lines.join('\n')}\n`);
    return join(root, name);
  });
  const out = join(root, 'out');
  await depthmillDone(['run', ...inputs, '-o', out]);
  const { witness, gaps, quality, verdict } = readAudit(out).instruments[0]!;
  const { compared, agreed, passed } = witness[0]!;
  const since = (stamp: string | null) => stamp && Number(BigInt(stamp) / 1_000_000n) - START_MS;
  return {
    witness: { compared, agreed, passed },
    gaps: gaps.map((gap) => ({
      proven: gap.proven,
      from: since(gap.ts_recv_before),
      to: since(gap.ts_recv_after),
    })),
    suspect: quality
      .filter(({ state }) => state === 'suspect')
      .map(({ ts_recv_from: from, ts_recv_to: to }) => [since(from), since(to)]),
    verdict,
  };
}

function tardis(depth: Bids, quotes: Bids) {
  const stamps = (ms: number): string => `${START_MS + ms - 2}000,${START_MS + ms}000`;
  const [first, ...others] = depth;
  return auditOf({
    [`binance_incremental_book_L2_${NAME}`]: [
      DEPTH,
      `binance,BTCUSDT,${stamps(first![0])},true,bid,99,${first![1]}`,
      `binance,BTCUSDT,${stamps(first![0])},true,ask,101,1`,
      ...others.map(([ms, qty]) => `binance,BTCUSDT,${stamps(ms)},false,bid,99,${qty}`),
    ],
    [`binance_quotes_${NAME}`]: [
      QUOTES,
      ...quotes.map(([ms, qty]) => `binance,BTCUSDT,${stamps(ms)},1,101,99,${qty}`),
    ],
  });
}

/** Each change has an id of its own; the first is that of the snapshot. */
function capture(depth: Bids, tickers: Bids) {
  const ns = (ms: number): string => `${START_MS + ms}000000`;
  const idOf = (ms: number): number => 100 + ms / 100;
  const lines = [
    ...depth.map(([ms, qty]) => {
      const [id, time] = [idOf(ms), START_MS + ms];
      const levels = `"b":[["99","${qty}"]],"a":[]`;
      return `${ns(ms)} {"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${time},"s":"BTCUSDT","U":${id},"u":${id},${levels}}}`;
    }),
    ...tickers.map(
      ([ms, qty]) =>
        `${ns(ms)} {"stream":"btcusdt@bookTicker","data":{"u":${idOf(ms)},"s":"BTCUSDT","b":"99","B":"${qty}","a":"101","A":"1"}}`,
    ),
  ];
  const snapshot = `${ns(-100)} {"lastUpdateId":99,"bids":[["99","1"]],"asks":[["101","1"]]}`;
  return auditOf({ 'btcusdt.txt': [snapshot, ...lines.sort()] });
}

describe.each([
  ['by time', tardis],
  ['by id', capture],
] as const)('changes that end before the day does, beside quotes %s', (_, run) => {
  it('leave a book that is not trusted up to the last quote but 5 s', async () => {
    const found = await run(changes(0, 10_000), changes(0, 60_000));
    expect(found).toMatchObject({
      // Behind 9.9 s: those to 14.9 s, and those behind 54.9 s, may wait for their message.
      gaps: [{ proven: false, from: 9_900, to: 15_000 }],
      suspect: [[9_900, 54_900]],
      verdict: 'degraded',
    });
    const { compared, agreed, passed } = found.witness;
    expect(compared - agreed).toBe(400);
    expect(compared + passed).toBe(600);
  });

  it('leave a book that is trusted where the quotes stay what it is', async () => {
    const last = 100;
    const quotes = changes(0, 60_000).map(([ms, qty]) => [ms, Math.min(qty, last)] as const);
    const found = await run(changes(0, 10_000), quotes);
    expect(found).toMatchObject({ gaps: [], suspect: [], verdict: 'usable' });
    expect(found.witness.agreed).toBe(found.witness.compared);
    expect(found.witness.compared).toBeGreaterThan(400);
  });

  it('are none where a quote differs within the last 5 s', async () => {
    const quotes: Bids = [...changes(0, 10_000), [40_000, 100], [58_000, 7], [60_000, 8]];
    expect(await run(changes(0, 10_000), quotes)).toMatchObject({ gaps: [], verdict: 'usable' });
  });
});

describe('a long pause in changes without ids', () => {
  it('is suspect where quotes change in it, though they agree again behind it', async () => {
    const depth = [...changes(0, 10_000), ...changes(40_000, 50_000)];
    const found = await tardis(depth, changes(0, 50_000));
    expect(found.gaps).toEqual([{ proven: false, from: 9_900, to: 9_900 }]);
    expect(found.suspect).toEqual([[9_900, 40_000]]);
    expect(found.verdict).toBe('degraded');
    // From 15 s to 34.8 s: the last one before the next message may be its.
    expect(found.witness.compared - found.witness.agreed).toBe(199);
    expect(found.witness.compared + found.witness.passed).toBe(500);
  });

  it('is none where they do not', async () => {
    const depth = [...changes(0, 10_000), ...changes(40_000, 50_000)];
    const isIn = (ms: number): boolean => ms > 9_900 && ms < 40_000;
    const quotes = changes(0, 50_000).map(([ms, qty]) => [ms, isIn(ms) ? 100 : qty] as const);
    const { witness, ...found } = await tardis(depth, quotes);
    expect(found).toEqual({ gaps: [], suspect: [], verdict: 'usable' });
    expect(witness.agreed).toBe(witness.compared);
  });
});
