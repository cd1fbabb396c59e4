import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FLAG_BAD_TS } from '#src/abi/flags.js';
import { runCli } from '../cli/spawn-cli.js';
import { openDuckdb } from '../support/duckdb.js';
import { BAD, failureBeside, GOOD, goodRows } from '../support/failures.js';
import { writeLakeDeltas } from '../support/lake-fixture.js';
import { readAudit, readDepth } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

describe('values that the scale cannot hold', () => {
  it.each([
    ['a price with more decimals', { price: 99.123 }, '--price-scale', '3'],
    ['a quantity with more decimals', { size: 0.0625 }, '--qty-scale', '4'],
  ])('%s: its instrument fails once, and the others are fine', async (_, odd, option, holds) => {
    const root = temporaryFolder();
    const rows = goodRows(600);
    for (const i of [550, 560]) rows[i] = { ...rows[i]!, ...odd };
    await writeLakeDeltas(join(root, 'lake'), BAD, rows, { rowGroupRows: 200 });
    const failure = await failureBeside(root, [option, '2']);
    expect(failure.code).toBe('ERR_SCALE');
    expect(failure.symbol).toBe('BAD');
    expect(failure.message).toContain('550');
    expect(failure.message).toMatch(new RegExp(`\\b${holds}\\b`));
  });

  it('a value beyond int64 at the scale', async () => {
    const root = temporaryFolder();
    const rows = goodRows(600);
    rows[550] = { ...rows[550]!, size: 1e12 };
    await writeLakeDeltas(join(root, 'lake'), BAD, rows, { rowGroupRows: 200 });
    const failure = await failureBeside(root, ['--qty-scale', '8']);
    expect(failure).toMatchObject({ code: 'ERR_SCALE', symbol: 'BAD' });
  });

  it('is found when planned where the scale is left to depthmill', async () => {
    const root = temporaryFolder();
    const rows = goodRows(600);
    rows[10] = { ...rows[10]!, price: 0.00000000123 };
    await writeLakeDeltas(join(root, 'lake'), BAD, rows);
    const out = join(root, 'out');
    await depthmillDone(['run', join(root, 'lake'), '-o', out, '--json']);
    expect(readAudit(out).instruments[0]!.scales).toEqual({ price: 11, qty: 8 });
  });
});

describe('rows that are bad in themselves', () => {
  it('warn with exit code 0, and 3 under --strict', async () => {
    const root = temporaryFolder();
    const rows = goodRows(100);
    rows[50] = { ...rows[50]!, price: null };
    await writeLakeDeltas(join(root, 'lake'), GOOD, rows);
    const run = (name: string, ...options: string[]) =>
      runCli(['run', join(root, 'lake'), '-o', join(root, name), ...options]);
    const lenient = await run('lenient');
    expect(lenient.exitCode, lenient.stderr).toBe(0);
    expect(`${lenient.stdout}${lenient.stderr}`).toMatch(/1 rows? (?:was|were) rejected/);
    expect((await run('strict', '--strict')).exitCode).toBe(3);
    expect(readAudit(join(root, 'lenient')).instruments[0]!.accounting).toMatchObject({
      rows_in: 100,
      rejected: { ERR_ROW_NULL: 1 },
      rows_out: 99,
    });
  });

  it('without an id, a side or any time are rejected too', async () => {
    const root = temporaryFolder();
    const rows = goodRows(100);
    rows[20] = { ...rows[20]!, sequence_number: null };
    rows[40] = { ...rows[40]!, side_is_bid: null };
    rows[60] = { ...rows[60]!, receipt_timestamp: null, timestamp: null };
    await writeLakeDeltas(join(root, 'lake'), GOOD, rows);
    const out = join(root, 'out');
    await depthmillDone(['run', join(root, 'lake'), '-o', out, '--json']);
    const { accounting } = readAudit(out).instruments[0]!;
    expect(accounting).toMatchObject({ rows_in: 100, rows_out: 97 });
    // No time at all is none (ERR_ROW_TIME); a value that is missing is null.
    expect(accounting.rejected).toEqual({ ERR_ROW_NULL: 2, ERR_ROW_TIME: 1 });
  });

  it('without one of their times take the other, and say so', async () => {
    const root = temporaryFolder();
    const rows = goodRows(100);
    rows[20] = { ...rows[20]!, receipt_timestamp: null };
    rows[40] = { ...rows[40]!, timestamp: null };
    await writeLakeDeltas(join(root, 'lake'), GOOD, rows);
    const out = join(root, 'out');
    await depthmillDone(['run', join(root, 'lake'), '-o', out, '--json']);
    const { tsRecv, tsEvent, flags } = await readDepth(await openDuckdb(), out);
    const marked = flags.flatMap((flag, row) => ((flag & FLAG_BAD_TS) === 0 ? [] : [row]));
    expect(marked).toEqual([20, 40]);
    expect(tsRecv).toEqual(goodRows(100).map((row) => row.receipt_timestamp));
    expect(tsEvent).toEqual(goodRows(100).map((row) => row.timestamp));
  });

  it.each([[], ['--limit', '5'], ['--batch-rows', '3']])(
    'with a time of 0 or -1 are named, refused or not (%s)',
    async (...options) => {
      const root = temporaryFolder();
      const rows = goodRows(12);
      rows[1] = { ...rows[1]!, timestamp: 0n };
      rows[3] = { ...rows[3]!, receipt_timestamp: -1n, size: -1 };
      rows[9] = { ...rows[9]!, timestamp: -1n };
      await writeLakeDeltas(join(root, 'lake'), GOOD, rows);
      const args = ['audit', join(root, 'lake'), '--json', ...options];
      const { instruments } = JSON.parse((await depthmillDone(args)).stdout);
      const { counts, listed } = instruments[0].row_faults;
      const expected = options[0] === '--limit' ? [1, 3] : [1, 3, 9];
      expect(counts).toEqual({ stamp_missing: expected.length });
      expect(listed.map(({ row }: { row: number }) => row)).toEqual(expected);
      expect(listed[0]).toMatchObject({
        table: 'depth',
        reason: 'timestamp is 0, which is no time',
      });
      expect(instruments[0].accounting.rejected).toEqual({ ERR_ROW_QTY_NEGATIVE: 1 });
    },
  );
});
