import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { copyBatch, openInput } from '#src/index.js';
import { type LakeFixture, lakeRow, writeLakeDeltas } from '../support/lake-fixture.js';
import { temporaryFolder } from '../support/product.js';

const FIXTURE: LakeFixture = { exchange: 'TEST', symbol: 'A-B', dt: '2026-01-01' };
const START = 1_767_225_600_000_000_000n;
const ROWS = 100_000;

const row = (i: number) => ({
  tsRecv: START + BigInt(i) * 1_000_000n,
  tsEvent: START + BigInt(i) * 1_000_000n - 5_000_000n,
  sequence: 10n + BigInt(i),
  isBid: i % 3 === 0,
  pricePips: BigInt(100_00 + (i % 500)) * 1_000_000n,
  qtyPips: BigInt(i % 7) * 100_000_000n,
});

describe('openInput', () => {
  let root: string;
  beforeAll(async () => {
    root = join(temporaryFolder(), 'lake');
    const rows = Array.from({ length: ROWS }, (_, i) => lakeRow(row(i)));
    await writeLakeDeltas(root, FIXTURE, rows, { rowGroupRows: 30_000 });
  });

  it('gives every row once, in order, as exact integers', async () => {
    let at = 0;
    for await (const batch of openInput(root).batches()) {
      const column = (name: string) => batch.getChild(name)!.toArray() as BigInt64Array;
      const [prices, quantities, ids] = ['price_pips', 'qty_pips', 'sequence'].map(column);
      const sides = batch.getChild('is_bid')!;
      expect(batch.schema.metadata.get('depthmill.symbol')).toBe('A-B');
      for (let i = 0; i < batch.numRows; i += 997) {
        const expected = row(at + i);
        expect(prices![i]).toBe(expected.pricePips);
        expect(quantities![i]).toBe(expected.qtyPips);
        expect(ids![i]).toBe(expected.sequence);
        expect(sides.get(i)).toBe(expected.isBid);
      }
      at += batch.numRows;
    }
    expect(at).toBe(ROWS);
  });

  it('shows the shared memory itself; a copy stays as it is', async () => {
    const seen: { buffer: ArrayBufferLike; copied: bigint; first: bigint }[] = [];
    const copies = [];
    for await (const batch of openInput(root).batches()) {
      const ids = batch.getChild('sequence')!.toArray() as BigInt64Array;
      const copy = copyBatch(batch);
      copies.push(copy);
      seen.push({ buffer: ids.buffer, copied: copy.getChildAt(2)!.get(0), first: ids[0]! });
    }
    expect(new Set(seen.map(({ buffer }) => buffer)).size).toBe(1);
    expect(seen[0]!.buffer).toBeInstanceOf(SharedArrayBuffer);
    for (const [i, copy] of copies.entries()) {
      expect(copy.getChild('sequence')!.get(0)).toBe(seen[i]!.first);
      expect(copy.getChild('is_bid')!.get(1)).not.toBeNull();
    }
  });

  it('takes what the selection says', async () => {
    const fromNs = START + 1_000_000n * 50_000n;
    const selection = { exchanges: [], symbols: ['A-*'], fromNs, toNs: null, limit: 10 };
    const ids: bigint[] = [];
    for await (const batch of openInput(root, { selection }).batches()) {
      ids.push(...(batch.getChild('sequence')!.toArray() as BigInt64Array));
    }
    expect(ids).toEqual(Array.from({ length: 10 }, (_, i) => 50_010n + BigInt(i)));
  });

  it('tells the days and fails with a code for what is not there', async () => {
    expect(await openInput(root).days()).toEqual([
      { exchange: 'TEST', symbol: 'A-B', dt: '2026-01-01', scales: { price: 8, qty: 8 } },
    ]);
    const missing = openInput(join(root, 'nothing')).batches();
    await expect(missing.next()).rejects.toMatchObject({ code: 'ERR_INPUT_NOT_FOUND' });
  });
});
