import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FLAG_DEPTH_UNKNOWN, FLAG_MAYBE_BAD_BOOK } from '#src/abi/flags.js';
import type { StreamRow } from '../oracle/stream-rows.js';
import { openDuckdb, rowOf } from '../support/duckdb.js';
import { type InstrumentJson, readAudit, tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { type StreamFixture, writeStream, writeStreamApart } from '../support/stream-fixture.js';

const START_NS = 1_767_225_600_000_000_000n;
const UNIT = 100_000_000n;

/** A bid and an ask of one message, or of one snapshot; ids of so many messages. */
function rowsOf(
  ms: number,
  [first, last]: readonly [number, number],
  { isSnapshot = false, price = 100n, levels = 1 } = {},
): StreamRow[] {
  const tsRecv = START_NS + BigInt(ms) * 1_000_000n;
  const stamp = { tsRecv, tsEvent: tsRecv, isSnapshot };
  const ids = { first: BigInt(first), last: BigInt(last), prev: BigInt(first - 1) };
  return [true, false].flatMap((isBid) =>
    Array.from({ length: levels }, (_, level) => ({
      ...stamp,
      ...ids,
      isBid,
      pricePips: (price + (isBid ? -1n : 1n) * BigInt(level + 1)) * UNIT,
      qtyPips: UNIT,
    })),
  );
}

const snapshot = (ms: number, id: number, options = {}): StreamRow[] =>
  rowsOf(ms, [id, id], { isSnapshot: true, ...options });

function auditOf(exchange: string, rows: readonly StreamRow[], ...options: string[]) {
  return auditOfStream({ exchange, policy: 'contiguous' }, rows, options);
}

async function auditOfStream(
  { exchange, policy }: Pick<StreamFixture, 'exchange' | 'policy'>,
  rows: readonly StreamRow[],
  options: readonly string[] = [],
) {
  const root = temporaryFolder();
  const fixture = { exchange, symbol: 'X', dt: '2026-01-01', policy };
  await writeStream(join(root, 'in'), fixture, rows);
  const out = join(root, 'out');
  const { stdout } = await depthmillDone(['run', join(root, 'in'), '-o', out, ...options]);
  const instrument = readAudit(out).instruments[0] as InstrumentJson & {
    readonly reconnects: number;
    readonly resets: number;
    readonly reasons: readonly string[];
  };
  return { stdout, out, instrument };
}

async function countOf(out: string, flag: number): Promise<unknown> {
  const db = await openDuckdb();
  try {
    const sql = `SELECT count(*) FILTER (flags & ${flag} != 0)::INT AS n FROM ${tableSql(out, 'book')}`;
    return (await rowOf(db, sql)).n;
  } finally {
    db.closeSync();
  }
}

describe('a snapshot that is ahead of all that follows', () => {
  const messages = (from: number, count: number): StreamRow[] =>
    Array.from({ length: count }, (_, i) => rowsOf(i * 10, [from + i, from + i])).flat();

  it('is a finding, and the day is not usable', async () => {
    const rows = [...snapshot(0, 1_000), ...messages(500, 200)];
    const { instrument, stdout } = await auditOf('BINANCE', rows);
    expect(instrument.gaps).toMatchObject([
      { kind: 'gap', proven: true, sequence_before: '1000', sequence_after: '699', missing: null },
    ]);
    expect(instrument.gaps[0]!.reason).toMatch(
      /ahead of all that follows: 200 messages up to id 699/,
    );
    expect(instrument.verdict).toBe('degraded');
    expect(instrument.accounting.dropped).toEqual({ stale: 400 });
    expect(stdout).toContain('degraded');
  });

  it('is none where the stream comes up with it', async () => {
    const { instrument } = await auditOf('BINANCE', [...snapshot(0, 600), ...messages(500, 200)]);
    expect(instrument).toMatchObject({ gaps: [], verdict: 'usable' });
  });

  it('is none at the end of a stream that was booked, within some seconds', async () => {
    const booked = [...snapshot(0, 499), ...messages(500, 200)];
    const late = (ms: number): StreamRow[] => rowsOf(ms, [700, 700]);
    const soon = await auditOf('BINANCE', [...booked, ...snapshot(3_000, 900), ...late(3_500)]);
    expect(soon.instrument).toMatchObject({ gaps: [], verdict: 'usable' });
    const never = await auditOf('BINANCE', [...booked, ...snapshot(3_000, 900), ...late(9_000)]);
    expect(never.instrument.gaps).toMatchObject([
      { sequence_before: '900', sequence_after: '700' },
    ]);
  });
});

describe('a snapshot that the exchange sends by itself', () => {
  const deep = { price: 100n, levels: 3 };
  // The third ask goes away: what is behind it is known only if the snapshot was the whole book.
  const removal = rowsOf(10, [8, 8]).filter(({ isBid }) => !isBid).map((row) => ({ ...row, pricePips: 103n * UNIT, qtyPips: 0n })); // biome-ignore format: one line

  it('is the whole book, and one that was asked for is known to its worst prices', async () => {
    const rows = [...snapshot(0, 7, deep), ...removal];
    for (const [exchange, unknown] of [
      ['BYBIT', 0],
      ['bybit-spot', 0],
      ['BINANCE', 1],
    ] as const) {
      const { out, instrument } = await auditOf(exchange, rows, '--book-depth', '3');
      expect(instrument.gaps, exchange).toEqual([]);
      expect(await countOf(out, FLAG_DEPTH_UNKNOWN), exchange).toBe(unknown);
    }
  });

  it('may repeat the last id, or follow it, without a new connection', async () => {
    const rows = [
      ...snapshot(0, 7),
      ...rowsOf(10, [8, 8]),
      ...snapshot(20, 8),
      ...rowsOf(30, [9, 9]),
      ...snapshot(40, 10),
      ...rowsOf(50, [11, 11]),
    ];
    const { instrument, out } = await auditOf('BYBIT', rows);
    expect(instrument).toMatchObject({ gaps: [], reconnects: 0, resets: 0, verdict: 'usable' });
    expect(await countOf(out, FLAG_MAYBE_BAD_BOOK)).toBe(0);
  });

  it('shows a new connection by a higher id, and a reset by a lower one', async () => {
    const rows = [
      ...snapshot(0, 7),
      ...rowsOf(10, [8, 8]),
      ...snapshot(20, 20, { price: 200n }),
      ...rowsOf(30, [21, 21], { price: 200n }),
      ...snapshot(40, 1, { price: 300n }),
      ...rowsOf(50, [2, 2], { price: 300n }),
    ];
    const { instrument } = await auditOf('BYBIT', rows);
    expect(instrument).toMatchObject({ reconnects: 1, resets: 1, duplicates: 0 });
    expect(instrument.accounting.dropped).toEqual({});
    expect(instrument.gaps).toMatchObject([
      { kind: 'reconnect', sequence_before: '8', sequence_after: '20', missing: '11' },
      { kind: 'reset', sequence_before: '21', sequence_after: '1', missing: null },
    ]);
    const { instrument: last } = await auditOf('BYBIT', rows.slice(-4));
    expect(instrument.digest).toBe(last.digest);
  });
});

describe('snapshots with nothing between them', () => {
  const feed = { exchange: 'TEST', policy: 'snapshot' } as const;

  it('are a feed of snapshots alone: each is the book, none a new connection', async () => {
    const rows = [0, 100, 200, 60_000].flatMap((ms, i) =>
      snapshot(ms, 1, { price: 100n + BigInt(10 * i) }),
    );
    const { instrument, out } = await auditOfStream(feed, rows);
    expect(instrument).toMatchObject({ messages: 4, gaps: [], reconnects: 0 });
    expect(await countOf(out, FLAG_MAYBE_BAD_BOOK)).toBe(0);
    const { instrument: last } = await auditOfStream(feed, rows.slice(-2));
    expect(instrument.digest).toBe(last.digest);
  });

  it('are one that was sent twice, within some seconds', async () => {
    const change = (ms: number): StreamRow[] => rowsOf(ms, [1, 1]);
    const twice = [...snapshot(0, 1), ...snapshot(200, 1), ...change(300)];
    const again = [...snapshot(400, 1), ...snapshot(600, 1), ...change(700), ...change(4_000)];
    const { instrument } = await auditOfStream(feed, [...twice, ...again]);
    expect(instrument).toMatchObject({ reconnects: 1, gaps: [{ kind: 'reconnect' }] });
    const late = [...twice, ...snapshot(400, 1), ...snapshot(5_400, 1), ...change(5_500)];
    const { instrument: apart } = await auditOfStream(feed, late);
    expect(apart.reconnects).toBe(2);
  });

  it('with ids that prove no loss neither, where the second is higher', async () => {
    const twice = [...snapshot(0, 7), ...snapshot(200, 9), ...rowsOf(300, [10, 10])];
    const okx = { exchange: 'OKX', policy: 'chain' } as const;
    const { instrument } = await auditOfStream(okx, twice);
    expect(instrument).toMatchObject({ gaps: [], reconnects: 0, verdict: 'usable' });
    const { instrument: counted } = await auditOf('BYBIT', twice);
    expect(counted.gaps).toMatchObject([{ kind: 'reconnect', missing: '1' }]);
  });
});

describe('an empty snapshot of the same stamp as the one before it', () => {
  it('empties the book, though without ids the two are one message', async () => {
    const feed = { exchange: 'TEST', policy: 'snapshot' } as const;
    const whole = snapshot(0, 0);
    const empty = [{ ...whole[0]!, pricePips: 0n, qtyPips: 0n }];
    const { instrument: alone } = await auditOfStream(feed, empty);
    const { instrument: behind } = await auditOfStream(feed, [...whole, ...empty]);
    expect(behind.digest).toBe(alone.digest);
  });
});

describe('a snapshot behind the last message', () => {
  it('makes up for a loss that is still waited for, in a table of its own as in the stream', async () => {
    const root = temporaryFolder();
    const fixture = { exchange: 'BINANCE', symbol: 'X', dt: '2026-01-01' } as const;
    const rows = [
      ...snapshot(0, 10),
      ...rowsOf(10, [11, 20]),
      // 21 to 30 are lost; the snapshot has them.
      ...rowsOf(20, [31, 40], { price: 101n }),
      ...snapshot(30, 30),
    ];
    const found = [];
    for (const [name, write] of [
      ['stream', writeStream],
      ['table', writeStreamApart],
    ] as const) {
      // biome-ignore format: one line
      await write(join(root, name), { ...fixture, policy: 'contiguous' }, rows);
      const out = join(root, `out-${name}`);
      await depthmillDone(['run', join(root, name), '-o', out]);
      const { digest, gaps, accounting } = readAudit(out).instruments[0]!;
      found.push({ digest, reasons: gaps.map(({ reason }) => reason), accounting });
    }
    expect(found[0]!.reasons).toEqual(['the ids do not continue; a snapshot has made up for it']);
    expect(found[1]).toEqual(found[0]);
  });
});
