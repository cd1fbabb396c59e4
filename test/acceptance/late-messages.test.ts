import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StreamRow } from '../oracle/stream-rows.js';
import { idsInDoubt, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { writeStream } from '../support/stream-fixture.js';

const START_NS = 1_767_229_200_000_000_000n;

/** Messages of ids that only must not fall, 1 ms apart: `id,side,price,qty`, `true` for a snapshot's. */
async function outcomeOf(messages: readonly (readonly string[])[], ...more: string[]) {
  const root = temporaryFolder();
  const lines = messages.flatMap((rows, ms) =>
    rows.map((row) => {
      const [id, side, price, qty, isSnapshot = 'false'] = row.split(',');
      return `${START_NS + BigInt(ms) * 1_000_000n},x,X,${id},${side},${price},${qty},${isSnapshot}`;
    }),
  );
  const head = 'ts_recv,exchange,symbol,sequence,side,price,qty,is_snapshot';
  const [input, out] = [join(root, 'in.csv'), join(root, 'out')];
  writeFileSync(input, `${[head, ...lines].join('\n')}\n`);
  await depthmillDone(['run', input, '-o', out, ...more]);
  const [audit] = readAudit(out).instruments;
  return {
    inDoubt: await idsInDoubt(out),
    dropped: audit!.accounting.dropped,
    outOfOrder: audit!.out_of_order,
    reasons: audit!.quality.map(({ reason }) => reason),
  };
}

const SNAPSHOT = ['10,bid,99,1,true', '10,ask,101,1,true'];

// It is dropped, since ids must not fall; but the book has never had it, and that is known.
describe('a message that comes late where ids only must not fall', () => {
  it('puts what it sets in doubt until that is set again', async () => {
    const late = ['12,bid,98,3', '12,ask,102,3'];
    const messages = [
      SNAPSHOT,
      ['11,bid,97,1'],
      ['13,ask,103,1'],
      late,
      ['14,bid,97,2'],
      ['15,bid,98,0'],
      ['16,ask,102,4'],
      ['17,bid,97,1'],
    ];
    for (const batchRows of ['1', '100000']) {
      expect(await outcomeOf(messages, '--batch-rows', batchRows)).toEqual({
        inDoubt: [14n, 15n],
        dropped: { stale: 2 },
        outOfOrder: 1,
        reasons: ['stale_level'],
      });
    }
  });

  it('ends its doubt with the message that sets it again, wherever row groups end', async () => {
    const levels = [[10, 99], [10, 101], [13, 103], [12, 98], [14, 97]] as const; // biome-ignore format: one line
    const again = [[15, 98], [15, 97], [15, 96], [16, 97], [17, 97]] as const; // biome-ignore format: one line
    const rows = [...levels, ...again].map(([id, price], at): StreamRow => {
      const last = BigInt(id);
      const tsRecv = START_NS + last * 1_000_000n;
      const ids = { first: last, last, prev: 0n, isSnapshot: at < 2 };
      const level = {
        isBid: price < 100,
        pricePips: BigInt(price) * 10n ** 8n,
        qtyPips: 10n ** 8n,
      };
      return { tsRecv, tsEvent: tsRecv, ...ids, ...level };
    });
    const fixture = {
      exchange: 'TEST',
      symbol: 'X',
      dt: '2026-01-01',
      policy: 'monotonic',
    } as const;
    for (const rowGroupRows of [7, 100]) {
      const root = temporaryFolder();
      await writeStream(join(root, 'in'), fixture, rows, { rowGroupRows });
      const options = ['--batch-rows', String(rowGroupRows)];
      await depthmillDone(['run', join(root, 'in'), '-o', join(root, 'out'), ...options]);
      const { quality } = readAudit(join(root, 'out')).instruments[0]!;
      const doubts = quality.map(({ reason, sequence_to: to }) => `${reason} to ${to}`);
      expect(doubts, `${rowGroupRows} rows`).toEqual(['stale_level to 15']);
    }
  });

  it('is not healed by a snapshot from before it, and is by a later one', async () => {
    const messages = (id: number) => [
      SNAPSHOT,
      ['11,bid,97,1'],
      ['13,ask,103,1'],
      ['12,bid,98,3'],
      [`${id},bid,99,1,true`, `${id},ask,101,1,true`],
      ['14,bid,97,2'],
    ];
    expect((await outcomeOf(messages(11))).inDoubt).toEqual([13n, 14n]);
    expect((await outcomeOf(messages(13))).inDoubt).toEqual([]);
  });

  it('is none where it came before: a duplicate changes nothing', async () => {
    const messages = [SNAPSHOT, ['11,bid,97,1'], ['12,bid,98,3'], ['11,bid,97,1'], ['13,bid,96,1']];
    const { inDoubt, dropped } = await outcomeOf(messages);
    expect({ inDoubt, dropped }).toEqual({ inDoubt: [], dropped: { duplicate: 1 } });
  });

  it('of more levels than are kept in mind is in doubt until a snapshot comes', async () => {
    const late = Array.from({ length: 300 }, (_, level) => `12,bid,${level + 1},1`);
    const again = Array.from({ length: 300 }, (_, level) => `14,bid,${level + 1},2`);
    const messages = [SNAPSHOT, ['11,bid,97,1'], ['13,ask,103,1'], late, again, ['15,ask,104,1']];
    const { inDoubt, reasons } = await outcomeOf(messages);
    expect(inDoubt).toEqual([14n, 15n]);
    expect(reasons).toEqual(['stale_message']);
    const later = ['16,bid,99,1,true', '16,ask,101,1,true'];
    expect((await outcomeOf([...messages, later, ['17,bid,98,1']])).inDoubt).toEqual([14n, 15n]);
  });
});
