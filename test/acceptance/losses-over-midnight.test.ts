import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const MIDNIGHT_MS = 1_767_312_000_000;
const stamp = (ms: number): string => `${MIDNIGHT_MS + ms}000000`;

/** Lines of a capture of Binance spot, each with the milliseconds from midnight. */
type Line = readonly [number, object];

const update = (ms: number, first: number, last: number, bid: string): Line => {
  const ids = { U: first, u: last };
  const data = { e: 'depthUpdate', E: MIDNIGHT_MS + ms, s: 'BTCUSDT', ...ids, b: [[bid, '1']], a: [] }; // biome-ignore format: one line
  return [ms, { stream: 'btcusdt@depth@100ms', data }];
};
const snapshot = (ms: number, lastUpdateId: number): Line => [
  ms,
  { lastUpdateId, bids: [['99', '1']], asks: [['101', '1']] },
];

const FIRST_DAY = [
  update(-5_000, 101, 105, '99'),
  snapshot(-4_990, 105),
  update(-100, 106, 107, '98'),
];

function capture(folder: string, days: Readonly<Record<string, readonly Line[]>>): string {
  mkdirSync(folder, { recursive: true });
  for (const [day, lines] of Object.entries(days)) {
    const text = lines.map(([ms, json]) => `${stamp(ms)} ${JSON.stringify(json)}\n`).join('');
    writeFileSync(join(folder, `btcusdt_${day}.gz`), gzipSync(text));
  }
  return folder;
}

/** What the audit says of the last day. */
async function lastDayOf(input: string, ...options: string[]) {
  const out = join(temporaryFolder(), 'out');
  await depthmillDone(['run', input, '-o', out, ...options]);
  return readAudit(out).instruments.at(-1)!;
}

describe('messages lost over midnight', () => {
  const lossy = [update(50, 109, 109, '97'), update(150, 110, 110, '96')];
  const gap = {
    kind: 'gap',
    proven: true,
    sequence_before: '107',
    sequence_after: '109',
    missing: '1',
    ts_recv_before: stamp(-100),
    ts_recv_after: stamp(50),
  };
  const doubt = {
    ts_recv_from: stamp(-100),
    ts_recv_to: stamp(150),
    state: 'suspect',
    reason: 'loss',
    sequence_from: '107',
    sequence_to: '110',
  };

  it('are a gap, and a doubt, from the last message of the day before', async () => {
    const root = temporaryFolder();
    const { gaps, quality } = await lastDayOf(
      capture(root, { '20260101': FIRST_DAY, '20260102': lossy }),
    );
    expect(gaps).toMatchObject([gap]);
    expect(quality).toEqual([doubt]);
  });

  it('are so behind a warm start', async () => {
    const root = temporaryFolder();
    const first = capture(join(root, 'first'), { '20260101': FIRST_DAY });
    const second = capture(join(root, 'second'), { '20260102': lossy });
    const { gaps, quality } = await lastDayOf(second, '--warm-start', first);
    expect(gaps).toMatchObject([gap]);
    expect(quality).toEqual([doubt]);
  });

  it('are none where the ids go on', async () => {
    const root = temporaryFolder();
    const whole = [update(50, 108, 109, '97'), update(150, 110, 110, '96')];
    const days = { '20260101': FIRST_DAY, '20260102': whole };
    const { gaps, quality, last } = await lastDayOf(capture(root, days));
    expect({ gaps, quality }).toEqual({ gaps: [], quality: [] });
    expect(last).toMatchObject({ ts_recv: stamp(150), sequence: '110' });
  });

  it('are a gap where the day begins with a snapshot that makes up for it', async () => {
    const root = temporaryFolder();
    const second = [snapshot(10, 112), update(50, 113, 113, '97')];
    const { gaps, quality } = await lastDayOf(
      capture(root, { '20260101': FIRST_DAY, '20260102': second }),
    );
    expect(gaps).toMatchObject([
      {
        ...gap,
        sequence_after: '113',
        missing: '5',
        reason: 'the ids do not continue; a snapshot has made up for it',
      },
    ]);
    expect(quality).toEqual([]);
  });

  it('are a gap where the day before ends with such a snapshot', async () => {
    const first = [...FIRST_DAY, snapshot(-50, 112)];
    for (const [second, after] of [
      [[update(50, 111, 115, '97')], 111],
      [[update(10, 111, 112, '97'), update(50, 113, 115, '97')], 111],
      [[snapshot(10, 115), update(50, 116, 116, '97')], 116],
    ] as const) {
      const root = temporaryFolder();
      const days = { '20260101': first, '20260102': second };
      const { gaps, quality } = await lastDayOf(capture(root, days));
      expect(gaps).toMatchObject([
        {
          ...gap,
          sequence_after: `${after}`,
          missing: `${after - 108}`,
          ts_recv_after: expect.stringMatching(/^17673120000[15]0000000$/),
          reason: 'the ids do not continue; a snapshot has made up for it',
        },
      ]);
      expect(quality).toEqual([]);
    }
  });

  it('are none where messages behind that snapshot, or in it, go on from those before it', async () => {
    const first = [...FIRST_DAY, snapshot(-50, 112)];
    for (const second of [
      [update(50, 108, 115, '97')],
      [update(10, 108, 112, '97'), update(50, 113, 115, '97')],
    ]) {
      const root = temporaryFolder();
      const days = { '20260101': first, '20260102': second };
      const { gaps, quality } = await lastDayOf(capture(root, days));
      expect({ gaps, quality }).toEqual({ gaps: [], quality: [] });
    }
  });

  it('are none where that snapshot and what it covers go on from the day before', async () => {
    for (const second of [
      [snapshot(10, 107), update(50, 108, 108, '97')],
      [snapshot(10, 112), update(20, 108, 112, '96'), update(50, 113, 113, '97')],
      [snapshot(10, 105), update(20, 106, 107, '98'), update(50, 108, 113, '97')],
    ]) {
      const root = temporaryFolder();
      const days = { '20260101': FIRST_DAY, '20260102': second };
      const { gaps, quality } = await lastDayOf(capture(root, days));
      expect({ gaps, quality }).toEqual({ gaps: [], quality: [] });
    }
  });
});

describe('trades lost over midnight', () => {
  /** Days of trades as data.binance.vision has them; each with the ids of its trades. */
  function dumps(name: string, days: Readonly<Record<string, readonly number[]>>): string {
    const root = join(temporaryFolder(), 'futures/um');
    mkdirSync(root, { recursive: true });
    for (const [day, ids] of Object.entries(days)) {
      const from = Date.parse(day);
      const ending = name === 'trades' ? '1.000' : '1,1';
      const lines = ids.map((id) => `${id},2.5,0.4,${ending},${from + id},true\n`);
      writeFileSync(join(root, `BTCUSDT-${name}-${day}.csv`), lines.join(''));
    }
    return root;
  }

  const trade = (id: number, day: string) => ({ id: `${id}`, ns: `${Date.parse(day) + id}000000` });

  it.each(['trades', 'aggTrades'])('are a gap of the day that ends it: %s', async (name) => {
    const days = { '2026-01-01': [5, 6], '2026-01-02': [9, 10] };
    const { gaps } = await lastDayOf(dumps(name, days));
    const [before, after] = [trade(6, '2026-01-01'), trade(9, '2026-01-02')];
    expect(gaps).toMatchObject([
      {
        kind: 'gap',
        proven: true,
        sequence_before: before.id,
        sequence_after: after.id,
        missing: '2',
        ts_recv_before: before.ns,
        ts_recv_after: after.ns,
        row: 0,
        reason: 'trade ids do not continue',
      },
    ]);
  });

  it('are none where the ids go on, or a day is missing in between', async () => {
    for (const days of [
      { '2026-01-01': [5, 6], '2026-01-02': [7] },
      { '2026-01-01': [5, 6], '2026-01-03': [9] },
    ]) {
      expect((await lastDayOf(dumps('trades', days))).gaps).toEqual([]);
    }
  });
});
