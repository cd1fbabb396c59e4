import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_MS = 1_767_225_600_000;

/** A thin market: every third second it has no bid, and every third bid and ask meet. */
async function auditOf(withIds: boolean, badQuotes: number) {
  const [depth, quotes]: [string[], string[]] = [[], []];
  for (let second = 0; second < 60; second++) {
    const [bid, ask, bidQty] = [second % 3 === 1 ? 101 : 100, 101, second % 3 === 2 ? 0 : 5];
    const at = `${START_MS + second * 1_000}${withIds ? `,${second + 1}` : ''}`;
    const old = second % 3 === 1 ? 100 : 101;
    depth.push(`${at},bid,${bid},${bidQty},${second === 0}`, `${at},ask,${ask},7,${second === 0}`);
    if (second > 0) depth.push(`${at},bid,${old},0,false`);
    quotes.push(`${at},${bidQty === 0 ? ',' : `${bid},${bidQty}`},${ask},7`);
  }
  for (let bad = 0; bad < badQuotes; bad++) quotes[bad * 3] = quotes[bad * 3]!.replace(/7$/, '-7');
  const root = temporaryFolder();
  const times = `ts_recv${withIds ? ',sequence' : ''}`;
  const write = (name: string, columns: string, lines: readonly string[]): void =>
    writeFileSync(
      join(root, `${name}.csv`),
      `symbol,${times},${columns}\n${lines.map((line) => `X,${line}\n`).join('')}`,
    );
  write('depth', 'side,price,qty,is_snapshot', depth);
  write('quotes', 'bid_price,bid_qty,ask_price,ask_qty', quotes);
  const out = join(temporaryFolder(), 'out');
  const policy = withIds ? ['--policy', 'contiguous'] : [];
  await depthmillDone(['run', root, '-o', out, ...policy]);
  return readAudit(out).instruments[0]!;
}

describe('quotes of a book that is locked or has one side', () => {
  it.each([[true], [false]])('say too little, and are not invalid (ids: %s)', async (withIds) => {
    const { witness, verdict } = await auditOf(withIds, 0);
    expect(witness).toMatchObject([{ compared: 20, agreed: 20, passed: 40, invalid: 0 }]);
    expect(verdict).toBe('usable');
  });

  it('are invalid where they cannot be a book', async () => {
    const { witness, verdict } = await auditOf(true, 10);
    expect(witness).toMatchObject([{ compared: 10, agreed: 10, passed: 40, invalid: 10 }]);
    expect(verdict).toBe('inconclusive');
  });
});
