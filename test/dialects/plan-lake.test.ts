import { describe, expect, test } from 'vitest';
import type { Selection } from '#src/dialects/options.js';
import { type InputPlan, planInputs } from '#src/dialects/plan.js';
import type { PlanHost } from '#src/dialects/probe.js';
import { discoverInputs } from '#src/io/file-discover.js';
import { openFileSource } from '#src/io/file-source.js';
import { readFooter } from '#src/parquet/footer.js';
import { statisticsOf } from '#src/parquet/footer-chunks.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const OPTIONS = {
  dialect: null,
  map: {},
  policy: null,
  selection: { exchanges: [], symbols: [], fromNs: null, toNs: null, limit: null },
} as const;

/** Lake's paths and names tell everything: planning must not read a single row. */
const HOST: PlanHost = {
  openSource: openFileSource,
  readFooter,
  openReader: () => Promise.reject(new Error('planning Lake files read rows')),
};

async function planLake(selection: Partial<Selection> = {}): Promise<InputPlan> {
  const files = await discoverInputs([sharedData('lake')]);
  return planInputs(files, { ...OPTIONS, selection: { ...OPTIONS.selection, ...selection } }, HOST);
}

describe.skipIf(!hasSharedData)('the real Lake inputs', () => {
  test('are three instruments with a file of each table, from footers alone', async () => {
    const plan = await planLake();
    const rows = plan.days.map(({ exchange, symbol, dt, files }) => [
      `${exchange} ${symbol} ${dt}`,
      files.depth.map((file) => file.rowCountMax),
      files.book.map((file) => file.rowCountMax),
      files.trades.map((file) => file.rowCountMax),
    ]);
    expect(rows).toEqual([
      ['BINANCE BTC-USDT 2024-08-08', [298_111], [651], [19_904]],
      ['BINANCE_DELIVERY ETH-USD-PERP 2024-08-08', [437_922], [648], [3_595]],
      ['BINANCE_FUTURES ETH-USDT-PERP 2024-08-08', [428_662], [346], [14_076]],
    ]);
    expect(plan).toMatchObject({ skipped: [], failures: [], holes: [], missingDays: [] });
    for (const day of plan.days) {
      expect(day).toMatchObject({
        dialect: 'lake',
        policy: 'monotonic',
        messageKey: 'recv_and_sequence',
        ids: { sequence: true, sequenceFirst: false, sequencePrev: false },
      });
    }
  });

  test('give way to patterns of exchanges and symbols', async () => {
    const symbols = async (selection: Partial<Selection>): Promise<string[]> =>
      (await planLake(selection)).days.map((day) => day.symbol);
    expect(await symbols({ symbols: ['ETH*'] })).toEqual(['ETH-USD-PERP', 'ETH-USDT-PERP']);
    expect(await symbols({ symbols: ['*USD-PERP', 'BTC-USDT'] })).toEqual([
      'BTC-USDT',
      'ETH-USD-PERP',
    ]);
    expect(await symbols({ exchanges: ['BINANCE'] })).toEqual(['BTC-USDT']);
  });

  test('lose the row groups before --from and from --to on', async () => {
    const whole = await planLake({ symbols: ['BTC-USDT'] });
    const depth = whole.days[0]!.files.depth[0]!;
    const at = depth.footer.columns.findIndex((info) => info.name === 'receipt_timestamp');
    const minOf = (index: number): bigint => statisticsOf(depth.footer, index, at).min as bigint;
    const part = await planLake({
      symbols: ['BTC-USDT'],
      fromNs: minOf(10),
      toNs: minOf(20),
    });
    const indexes = part.days[0]!.files.depth[0]!.rowGroupIndexes;
    expect(indexes.at(-1)).toBe(19);
    // The group before may end with the stamp that the tenth begins with.
    expect(indexes[0]).toBeGreaterThanOrEqual(9);
    expect(indexes[0]).toBeLessThanOrEqual(10);
  });

  test('a selection that takes nothing names what there is', async () => {
    await expect(planLake({ symbols: ['DOGE*'] })).rejects.toMatchObject({
      code: 'ERR_INPUT_NO_MATCH',
      message: expect.stringContaining('BINANCE BTC-USDT'),
    });
    await expect(planLake({ fromNs: 1_900_000_000_000_000_000n })).rejects.toMatchObject({
      code: 'ERR_INPUT_NO_MATCH',
      message: expect.stringContaining('2024-08-08'),
    });
  });
});
