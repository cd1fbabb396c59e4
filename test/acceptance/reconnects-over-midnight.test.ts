import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type InstrumentJson, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const HEADER = 'exchange,symbol,local_ts,update_id,side,price,qty,is_snapshot';
const MIDNIGHT_MS = 1_767_312_000_000;
const stamp = (ms: number): string => `${MIDNIGHT_MS + ms}000000`;

/** A message of the exchange: milliseconds from midnight, its id ('' without ids), rows. */
type Message = readonly [number, number | '', ...string[]];
const change = (ms: number, id: number | ''): Message => [ms, id, 'bid,98,1,false'];
const snapshot = (ms: number, id: number | ''): Message => [
  ms,
  id,
  'bid,99,1,true',
  'ask,101,1,true',
];

const firstDay = (hasIds: boolean): Message[] => [
  snapshot(-3_000, hasIds ? 10 : ''),
  change(-2_000, hasIds ? 11 : ''),
  change(-1_000, hasIds ? 12 : ''),
];

/** What the audit says of the second of two days, of a stream whose exchange sends snapshots. */
async function secondDay(
  exchange: string,
  messages: readonly Message[],
  ...options: string[]
): Promise<InstrumentJson & { readonly reconnects: number; readonly resets: number }> {
  const root = temporaryFolder();
  for (const [index, day] of [firstDay(messages[0]![1] !== ''), messages].entries()) {
    const lines = day.flatMap(([ms, id, ...rows]) =>
      rows.map((row) => `${exchange},X,${stamp(ms)},${id},${row}`),
    );
    writeFileSync(join(root, `${index}.csv`), `${[HEADER, ...lines].join('\n')}\n`);
  }
  const out = join(temporaryFolder(), 'out');
  await depthmillDone(['run', root, '-o', out, '--dialect', 'generic', ...options]);
  return readAudit(out).instruments[1] as Awaited<ReturnType<typeof secondDay>>;
}

const CONTIGUOUS = ['--policy', 'contiguous'];

describe('a new connection on a day that goes on from the one before', () => {
  it('shows by the first snapshot behind its messages', async () => {
    const messages = [change(1_000, 13), snapshot(2_000, 20), change(3_000, 21)];
    const { gaps, reconnects, quality } = await secondDay('bybit', messages, ...CONTIGUOUS);
    const [from, to] = [stamp(1_000), stamp(2_000)];
    const ids = { sequence_before: '13', sequence_after: '20', missing: '6' };
    const times = { ts_recv_before: from, ts_recv_after: to };
    expect(gaps).toMatchObject([{ kind: 'reconnect', proven: true, ...ids, ...times }]);
    expect(reconnects).toBe(1);
    expect(quality).toMatchObject([{ ts_recv_from: from, ts_recv_to: to, reason: 'reconnect' }]);
  });

  it('shows by ids that fall to a new start', async () => {
    const messages = [change(1_000, 13), snapshot(2_000, 1), change(3_000, 2)];
    const { gaps, resets } = await secondDay('bybit', messages, ...CONTIGUOUS);
    expect(gaps).toMatchObject([{ kind: 'reset', sequence_before: '13', sequence_after: '1' }]);
    expect(resets).toBe(1);
  });

  it('shows where there are no ids, but for the snapshot with which a day begins', async () => {
    for (const [ms, kinds] of [
      [60_000, ['reconnect']],
      [2_000, []],
    ] as const) {
      const messages = [change(1_000, ''), snapshot(ms, ''), change(ms + 1_000, '')];
      const { gaps } = await secondDay('kraken', messages);
      expect(gaps.map(({ kind }) => kind).filter((kind) => kind !== 'silence')).toEqual(kinds);
    }
  });

  it('shows by a snapshot at its beginning where ids count what is missing', async () => {
    for (const [id, missing] of [
      [20, ['7']],
      [13, []],
      [12, []],
    ] as const) {
      const messages = [snapshot(1_000, id), change(2_000, id + 1)];
      const { gaps, quality } = await secondDay('bybit', messages, ...CONTIGUOUS);
      expect(gaps.map((gap) => gap.missing)).toEqual(missing);
      expect(quality).toEqual([]);
    }
  });
});
