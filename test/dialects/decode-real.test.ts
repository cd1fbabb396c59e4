import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { InputOptions } from '#src/dialects/options.js';
import { type InputPlan, planInputs } from '#src/dialects/plan.js';
import type { PlanHost } from '#src/dialects/probe.js';
import type { InstrumentDay, PlannedFile } from '#src/dialects/types.js';
import { discoverInputs } from '#src/io/file-discover.js';
import { openFileSource } from '#src/io/file-source.js';
import { readFooter } from '#src/parquet/footer.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { type DecodedFile, decodeFile, openReader } from './decode-file.js';

const HOST: PlanHost = { openSource: openFileSource, readFooter, openReader };

async function plan(input: string, asked: Partial<InputOptions> = {}): Promise<InputPlan> {
  const files = await discoverInputs([sharedData(input)]);
  const selection = { exchanges: [], symbols: [], fromNs: null, toNs: null, limit: null };
  return planInputs(files, { dialect: null, map: {}, policy: null, selection, ...asked }, HOST);
}

async function decode(day: InstrumentDay, file: PlannedFile): Promise<DecodedFile> {
  const reader = await openReader(await openFileSource(file.path));
  const decoded = await decodeFile(reader, day, file);
  await reader.close();
  return decoded;
}

/** Rows of a csv.gz by column; no cell of these files is quoted. */
function readCsv(path: string): Map<string, string[]> {
  const text = gunzipSync(readFileSync(sharedData(path))).toString();
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const columns = new Map(head.split(',').map((name) => [name, [] as string[]]));
  const lists = [...columns.values()];
  for (const line of lines) {
    const cells = line.split(',');
    for (const [index, list] of lists.entries()) list.push(cells[index]!);
  }
  return columns;
}

/** Decimal text times 10^8, exactly, by moving the point. */
function pips(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(8, '0').slice(0, 8));
}

/** What the flat csv says of the columns of a depth slot. */
function flatDepth(path: string): Map<string, (bigint | boolean | number)[]> {
  const csv = readCsv(path);
  const of = <T>(name: string, read: (text: string) => T): T[] => csv.get(name)!.map(read);
  return new Map<string, (bigint | boolean | number)[]>([
    ['ts_recv', of('local_ts', BigInt)],
    ['ts_event', of('event_ts', (text) => BigInt(text) * 1_000_000n)],
    ['sequence', of('last_update_id', BigInt)],
    ['sequence_first', of('first_update_id', BigInt)],
    ['is_bid', of('side', (text) => text === 'bid')],
    ['price_pips', of('price', pips)],
    ['qty_pips', of('qty', pips)],
  ]);
}

/** First row in which a column differs, in words; null when all are the same. */
function firstDifference(
  found: DecodedFile['columns'],
  expected: ReadonlyMap<string, readonly unknown[]>,
  rowCount: number,
): string | null {
  for (const [name, values] of found) {
    if (values.length !== rowCount) return `${name} has ${values.length} rows`;
    const wanted = expected.get(name);
    if (wanted === undefined) continue;
    for (let row = 0; row < rowCount; row++) {
      if (values[row] === wanted[row]) continue;
      return `${name} of row ${row} is ${values[row]}, expected ${wanted[row]}`;
    }
  }
  return null;
}

const SETS = [
  ['BINANCE', 'binance-spot-BTCUSDT-20240808', 298_111, 19_904],
  ['BINANCE_FUTURES', 'binance-usdm-ETHUSDT-20240808', 428_662, 14_076],
  ['BINANCE_DELIVERY', 'binance-cm-ETHUSD_PERP-20240808', 437_922, 3_595],
] as const;

describe.skipIf(!hasSharedData)('lake', () => {
  test.each(SETS)('%s: every delta is the flat row, exactly', async (exchange, flat, rowCount) => {
    const { days } = await plan(`lake/book_delta_v2/exchange=${exchange}`);
    const decoded = await decode(days[0]!, days[0]!.files.depth[0]!);
    expect(decoded.result).toMatchObject({ rowsIn: rowCount, rowsDeselected: 0 });
    expect(decoded.rejects).toEqual([]);
    const expected = flatDepth(`flat/${flat}/deltas.csv.gz`);
    expect(firstDifference(decoded.columns, expected, rowCount)).toBeNull();
    expect(decoded.columns.get('flags')!.every((flags) => flags === 0)).toBe(true);
  });

  test.each(SETS)('%s: every trade is the flat row', async (exchange, flat, _depth, rowCount) => {
    const { days } = await plan(`lake/trades/exchange=${exchange}`);
    const { columns, rejects } = await decode(days[0]!, days[0]!.files.trades[0]!);
    expect(rejects).toEqual([]);
    const csv = readCsv(`flat/${flat}/trades.csv.gz`);
    const expected = new Map<string, unknown[]>([
      ['ts_recv', csv.get('local_ts')!.map(BigInt)],
      ['trade_id', csv.get('trade_id')!.map(BigInt)],
      ['price_pips', csv.get('price')!.map(pips)],
      ['qty_pips', csv.get('qty')!.map(pips)],
    ]);
    expect(firstDifference(columns, expected, rowCount)).toBeNull();
  });

  test('book rows are valid and in order', async () => {
    const { days } = await plan('lake/book/exchange=BINANCE');
    const { columns, result } = await decode(days[0]!, days[0]!.files.book[0]!);
    expect(result.rowsIn).toBe(651);
    expect(columns.get('bid_count')!.every((count) => count === 20)).toBe(true);
    expect(columns.get('ask_count')!.every((count) => count === 20)).toBe(true);
    const bids = columns.get('bid_0_price_pips') as bigint[];
    const asks = columns.get('ask_0_price_pips') as bigint[];
    expect(bids.every((bid, row) => bid > 0n && bid < asks[row]!)).toBe(true);
  });
});

describe.skipIf(!hasSharedData)('parquet-variants through generic', () => {
  test.each([
    ['deltas.double.zstd.parquet', 298_111],
    ['deltas.decimal.snappy.parquet', 298_111],
    ['deltas.string.gzip.parquet', 298_111],
    ['deltas50k.decimal38.v2.parquet', 50_000],
  ])('%s gives the rows of flat', async (name, rowCount) => {
    const { days } = await plan(`parquet-variants/${name}`);
    expect(days).toMatchObject([
      {
        exchange: 'unknown',
        symbol: 'BTCUSDT',
        dt: '2024-08-08',
        dialect: 'generic',
        policy: 'contiguous',
        messageKey: 'first_and_last',
        ids: { sequence: true, sequenceFirst: true, sequencePrev: false },
      },
    ]);
    const decoded = await decode(days[0]!, days[0]!.files.depth[0]!);
    expect(decoded.rejects).toEqual([]);
    const expected = flatDepth('flat/binance-spot-BTCUSDT-20240808/deltas.csv.gz');
    expect(firstDifference(decoded.columns, expected, rowCount)).toBeNull();
  });

  test('trades with declared timestamps; the maker tells the side', async () => {
    const { days } = await plan('parquet-variants/trades.tsns.zstd.parquet');
    const file = days[0]!.files.trades[0]!;
    expect(file.rows?.tsRecv?.unitNs).toBe(1);
    expect(file.rows?.tsEvent?.unitNs).toBe(1_000);
    const { columns } = await decode(days[0]!, file);
    const csv = readCsv('flat/binance-spot-BTCUSDT-20240808/trades.csv.gz');
    const isMaker = csv.get('buyer_is_maker')!;
    const expected = new Map<string, unknown[]>([
      ['ts_recv', csv.get('local_ts')!.map(BigInt)],
      ['trade_id', csv.get('trade_id')!.map(BigInt)],
      ['is_buy', isMaker.map((text) => !/^(?:true|1)$/i.test(text))],
      ['price_pips', csv.get('price')!.map(pips)],
      ['qty_pips', csv.get('qty')!.map(pips)],
    ]);
    expect(firstDifference(columns, expected, isMaker.length)).toBeNull();
  });

  test('a nested table is named with its types', async () => {
    const nested = await plan('parquet-variants/snapshots.nested.zstd.parquet');
    expect(nested.days).toEqual([]);
    expect(nested.failures[0]?.error.code).toBe('ERR_INPUT_DIALECT');
  });
});
