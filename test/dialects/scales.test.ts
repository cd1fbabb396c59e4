import { describe, expect, test } from 'vitest';
import { instantiateCore } from '#src/core/core.js';
import { compileCore } from '#src/core/load-node.js';
import { DECODE_SCRATCH_BYTES } from '#src/dialects/decode.js';
import { metadataEntries } from '#src/dialects/metadata.js';
import type { ScaleRule } from '#src/dialects/options.js';
import { planInputs } from '#src/dialects/plan.js';
import type { PlanHost } from '#src/dialects/probe.js';
import { chooseScales, scaleDays } from '#src/dialects/scales.js';
import type { InstrumentDay, Scales } from '#src/dialects/types.js';
import { discoverInputs } from '#src/io/file-discover.js';
import { openFileSource } from '#src/io/file-source.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';
import { readFooter } from '#src/parquet/footer.js';
import { type FixtureColumn, parquetFixture } from '../support/parquet-fixture.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { openReader } from './decode-file.js';
import { MemoryHost } from './memory-host.js';

const T0 = 1_723_161_255_208_000_000n;
const PLAN_OPTIONS = {
  dialect: null,
  map: {},
  policy: null,
  selection: { exchanges: [], symbols: [], fromNs: null, toNs: null, limit: null },
} as const;

const core = instantiateCore(compileCore(), createSharedMemory(65_536 + DECODE_SCRATCH_BYTES));
const scratch = { ptr: 65_536, byteLength: DECODE_SCRATCH_BYTES };

interface Asked {
  readonly price?: readonly ScaleRule[];
  readonly qty?: readonly ScaleRule[];
  readonly symbol?: string;
}

async function choose(
  host: PlanHost,
  days: readonly InstrumentDay[],
  asked: Asked = {},
): Promise<Scales> {
  const symbol = asked.symbol ?? days[0]!.symbol;
  const rules = { priceScale: asked.price ?? [], qtyScale: asked.qty ?? [] };
  const own = days.filter((day) => day.symbol === symbol);
  return chooseScales(own, rules, { host, core, scratch });
}

type Values = FixtureColumn['values'];

function events(type: FixtureColumn['type'], prices: Values, qtys: Values): FixtureColumn[] {
  return [
    { name: 'local_ts', type: 'int64', values: prices.map(() => T0) },
    { name: 'price', type, values: prices },
    { name: 'qty', type, values: qtys },
    { name: 'is_bid', type: 'bool', values: prices.map(() => true) },
  ];
}

async function scalesOf(
  columns: readonly FixtureColumn[],
  asked: Asked & { rowGroupRows?: number; keyValue?: ReadonlyMap<string, string> } = {},
): Promise<Scales> {
  const host = new MemoryHost(openReader);
  const { rowGroupRows, keyValue } = asked;
  const fixture = { ...(rowGroupRows ? { rowGroupRows } : {}), ...(keyValue ? { keyValue } : {}) };
  host.add('x.parquet', parquetFixture(columns, fixture));
  const plan = await planInputs(host.found, PLAN_OPTIONS, host);
  for (const failure of plan.failures) throw failure.error;
  return choose(host, plan.days, asked);
}

describe('auto', () => {
  test.each([
    ['8 where it holds all', [61_837.63, 0.00000001], [1.5, 0], { price: 8, qty: 8 }],
    ['more decimals where they are needed', [1.2e-10, 2], [1, 2], { price: 11, qty: 8 }],
    ['fewer where 8 would overflow', [1, 2], [1e11, 0.5], { price: 8, qty: 1 }],
    [
      '8 where nothing holds all: decoding names the row',
      [1, 2],
      [1e18, 0.5],
      { price: 8, qty: 8 },
    ],
    ['nulls, NaN and infinities ask nothing', [null, NaN], [Infinity, null], { price: 8, qty: 8 }],
  ])('%s', async (_what, prices, qtys, expected) => {
    expect(await scalesOf(events('double', prices, qtys))).toEqual(expected);
  });

  test('doubles of later row groups are known by their statistics', async () => {
    const prices = [1, 2, 3, 1.2e-10];
    const scales = await scalesOf(events('double', prices, [1, 1, 1, 1]), { rowGroupRows: 1 });
    expect(scales.price).toBe(11);
  });

  test('texts are read whole', async () => {
    const prices = ['1.10', '2', '3', '0.000000000123', 'no number', ''];
    const qtys = ['1', '1', '1', '1', '5.825e-05', '1'];
    expect(await scalesOf(events('utf8', prices, qtys), { rowGroupRows: 2 })).toEqual({
      price: 12,
      qty: 8,
    });
  });

  test('integers and floats are measured too', async () => {
    expect(await scalesOf(events('int64', [2n ** 40n], [1n]))).toEqual({ price: 0, qty: 8 });
    expect(await scalesOf(events('float', [0.1], [1.5]))).toEqual({ price: 8, qty: 8 });
  });

  test('an instrument is not measured by the others of its file', async () => {
    const columns = [
      ...events('utf8', ['1.1', '0.0000000001', '2.2'], ['1', '1', '1']),
      { name: 'symbol', type: 'utf8', values: ['A', 'B', 'A'] } as const,
    ];
    expect(await scalesOf(columns, { symbol: 'A' })).toEqual({ price: 8, qty: 8 });
    expect(await scalesOf(columns, { symbol: 'B' })).toEqual({ price: 10, qty: 8 });
  });
});

describe('rules', () => {
  const columns = events('double', [0.000000001], [1]);

  test('the last one that matches the symbol decides, price and quantity apart', async () => {
    const price = [
      { pattern: '*', scale: 4 },
      { pattern: 'x*', scale: 5 },
      { pattern: 'y*', scale: 6 },
    ];
    expect(await scalesOf(columns, { price })).toEqual({ price: 5, qty: 8 });
    const again = [...price, { pattern: '*', scale: 'auto' as const }];
    expect(await scalesOf(columns, { price: again })).toEqual({ price: 9, qty: 8 });
  });

  test('a rule for both needs no look at any row', async () => {
    const host = new MemoryHost(openReader);
    host.add('book_delta_v2/exchange=X/symbol=S/dt=2024-08-08/1.parquet', lakeBytes());
    const plan = await planInputs(host.found, PLAN_OPTIONS, host);
    const rule = [{ pattern: '*', scale: 3 }];
    const scales = await choose(host, plan.days, { price: rule, qty: rule });
    expect(scales).toEqual({ price: 3, qty: 3 });
    expect(host.rowGroupsRead).toBe(0);
  });
});

function lakeBytes(): Uint8Array {
  const columns = events('double', [1], [1]).map((column) =>
    column.name === 'local_ts'
      ? { ...column, name: 'receipt_timestamp' }
      : column.name === 'is_bid'
        ? { ...column, name: 'side_is_bid' }
        : column.name === 'qty'
          ? { ...column, name: 'size' }
          : column,
  );
  return parquetFixture(columns);
}

test('our own tables bring their scales', async () => {
  const keyValue = metadataEntries({
    version: '0.1.0',
    table: 'depth',
    exchange: 'X',
    symbol: 'S',
    dt: '2024-08-08',
    dialect: 'lake',
    policy: 'monotonic',
    priceScale: 2,
    qtyScale: 11,
    clock: 'recv',
  });
  const int64 = (name: string): FixtureColumn => ({ name, type: 'int64', values: [T0] });
  const columns: FixtureColumn[] = [
    ...['ts_recv', 'ts_event', 'price_pips', 'qty_pips'].map(int64),
    { name: 'is_bid', type: 'bool', values: [true] },
    { name: 'flags', type: 'int32', values: [0] },
  ];
  expect(await scalesOf(columns, { keyValue })).toEqual({ price: 2, qty: 11 });
});

describe.skipIf(!hasSharedData)('real inputs', () => {
  const host: PlanHost = { openSource: openFileSource, readFooter, openReader };

  test.each(['lake', 'parquet-variants/deltas50k.decimal38.v2.parquet'])('%s: 8', async (input) => {
    const files = await discoverInputs([sharedData(input)]);
    const { days } = await planInputs(files, PLAN_OPTIONS, host);
    const rules = { priceScale: [], qtyScale: [] };
    const scaled = await scaleDays(days, rules, { host, core, scratch });
    expect(scaled.failures).toEqual([]);
    expect(scaled.days.map(({ day }) => day)).toEqual(days);
    for (const { scales } of scaled.days) expect(scales).toEqual({ price: 8, qty: 8 });
  });
});
