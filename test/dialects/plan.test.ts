import { describe, expect, test } from 'vitest';
import type { InputOptions } from '#src/dialects/options.js';
import { type InputPlan, planInputs } from '#src/dialects/plan.js';
import {
  type FixtureColumn,
  type LakeRow,
  lakeColumns,
  parquetFixture,
} from '../support/parquet-fixture.js';
import { openReader } from './decode-file.js';
import { MemoryHost } from './memory-host.js';

const DAY_NS = 86_400_000_000_000n;
const T0 = 1_723_161_255_208_000_000n;
const SELECTION = { exchanges: [], symbols: [], fromNs: null, toNs: null, limit: null };

/** A plan of files that hold these bytes, with the host that counts what was read. */
async function plan(
  files: Readonly<Record<string, Uint8Array>>,
  asked: Partial<InputOptions> = {},
): Promise<{ plan: InputPlan; host: MemoryHost }> {
  const host = new MemoryHost(openReader);
  for (const [path, bytes] of Object.entries(files)) host.add(path, bytes);
  const options = { dialect: null, map: {}, policy: null, selection: SELECTION, ...asked };
  return { plan: await planInputs(host.found, options, host), host };
}

function lake(...stamps: bigint[]): Uint8Array {
  const rows = stamps.map(
    (stamp): LakeRow => ({
      timestamp: stamp,
      receipt_timestamp: stamp,
      sequence_number: 1n,
      side_is_bid: true,
      price: 1,
      size: 1,
    }),
  );
  return parquetFixture(lakeColumns(rows));
}

function generic(stamps: bigint[], more: FixtureColumn[] = []): Uint8Array {
  return parquetFixture([
    { name: 'local_ts', type: 'int64', values: stamps },
    { name: 'price', type: 'double', values: stamps.map(() => 1) },
    { name: 'qty', type: 'double', values: stamps.map(() => 1) },
    { name: 'is_bid', type: 'bool', values: stamps.map(() => true) },
    ...more,
  ]);
}

const hive = (table: string, dt: string, name: string, symbol = 'BTC%2FUSDT'): string =>
  `${table}/exchange=X/symbol=${symbol}/dt=${dt}/${name}`;

const namesOf = (found: InputPlan): string[] =>
  found.days.map(({ exchange, symbol, dt }) => `${exchange} ${symbol} ${dt}`);

describe('order', () => {
  test('days by exchange, symbol and day; shards by number, not by path or time', async () => {
    const files = {
      [hive('book_delta_v2', '2024-08-09', '1.snappy.parquet')]: lake(T0 + DAY_NS),
      [hive('book_delta_v2', '2024-08-08', '10.snappy.parquet')]: lake(T0 - 5n),
      [hive('book_delta_v2', '2024-08-08', '2.snappy.parquet')]: lake(T0),
      [hive('book_delta_v2', '2024-08-08', '1.snappy.parquet')]: lake(T0 + 9n),
      [hive('book_delta_v2', '2024-08-08', '1.snappy.parquet', 'AAA')]: lake(T0),
    };
    const { plan: found, host } = await plan(files);
    expect(namesOf(found)).toEqual([
      'X AAA 2024-08-08',
      'X BTC/USDT 2024-08-08',
      'X BTC/USDT 2024-08-09',
    ]);
    const paths = found.days[1]!.files.depth.map((file) => file.path.split('/').at(-1));
    expect(paths).toEqual(['1.snappy.parquet', '2.snappy.parquet', '10.snappy.parquet']);
    expect(host.rowGroupsRead).toBe(0);
  });

  test('a shard that is missing is a hole, also the first; one that holds no rows is not', async () => {
    const files = {
      [hive('book_delta_v2', '2024-08-08', '2.snappy.parquet')]: lake(T0),
      [hive('book_delta_v2', '2024-08-08', '3.snappy.parquet')]: lake(),
      [hive('book_delta_v2', '2024-08-08', '6.snappy.parquet')]: lake(T0 + 1n),
    };
    const { plan: found } = await plan(files);
    const facts = found.holes.map(({ table, missingFirst, missingLast, pathAfter }) => [
      table,
      missingFirst,
      missingLast,
      pathAfter.split('/').at(-1),
    ]);
    expect(facts).toEqual([
      ['depth', 1, 1, '2.snappy.parquet'],
      ['depth', 4, 5, '6.snappy.parquet'],
    ]);
    expect(found.skipped).toMatchObject([{ reason: 'the file holds no rows' }]);
  });

  test('a shard that --from leaves out is no hole', async () => {
    const files = {
      [hive('book_delta_v2', '2024-08-08', '1.snappy.parquet')]: lake(T0),
      [hive('book_delta_v2', '2024-08-08', '2.snappy.parquet')]: lake(T0 + 100n),
    };
    const selection = { ...SELECTION, fromNs: T0 + 50n };
    const { plan: found } = await plan(files, { selection });
    expect(found.days[0]!.files.depth).toHaveLength(1);
    expect(found.holes).toEqual([]);
  });

  test('other names go by their first receipt time', async () => {
    const files = {
      [hive('d', '2024-08-08', 'a.parquet')]: generic([T0 + 9n]),
      [hive('d', '2024-08-08', 'b.parquet')]: generic([T0 + 3n]),
      [hive('d', '2024-08-08', 'c.parquet')]: generic([T0 + 5n]),
    };
    const { plan: found } = await plan(files);
    const paths = found.days[0]!.files.depth.map((file) => file.path.split('/').at(-1));
    expect(paths).toEqual(['b.parquet', 'c.parquet', 'a.parquet']);
  });

  test('days between the first and the last that no file has are listed', async () => {
    const dts = ['2024-02-27', '2024-03-01', '2024-03-02', '2024-03-04'];
    const files = Object.fromEntries(
      dts.map((dt) => [hive('book_delta_v2', dt, '1.snappy.parquet'), lake(T0)]),
    );
    const { plan: found } = await plan(files);
    expect(found.missingDays).toEqual([
      { exchange: 'X', symbol: 'BTC/USDT', days: ['2024-02-28', '2024-02-29', '2024-03-03'] },
    ]);
  });
});

describe('what rows have to tell', () => {
  test('the unit of a time and the day of a plain file', async () => {
    const { plan: found, host } = await plan({ 'x/abc.parquet': generic([0n, T0 / 1_000_000n]) });
    expect(namesOf(found)).toEqual(['unknown abc 2024-08-08']);
    expect(found.days[0]!.files.depth[0]!.rows!.tsRecv).toEqual({
      column: 'local_ts',
      unitNs: 1_000_000,
    });
    expect(host.rowGroupsRead).toBe(1);
  });

  test('the instruments of a file that holds several, with their row groups', async () => {
    const symbols = ['A', 'A', 'B', 'A', 'B', 'B'];
    const columns: FixtureColumn = { name: 'symbol', type: 'utf8', values: symbols };
    const host = new MemoryHost(openReader);
    const stamps = symbols.map(() => T0);
    const bytes = parquetFixture(
      [
        { name: 'local_ts', type: 'int64', values: stamps },
        { name: 'price', type: 'double', values: stamps.map(() => 1) },
        { name: 'qty', type: 'double', values: stamps.map(() => 1) },
        { name: 'is_bid', type: 'bool', values: stamps.map(() => true) },
        columns,
      ],
      { rowGroupRows: 2 },
    );
    host.add('x.parquet', bytes);
    const options = { dialect: null, map: {}, policy: null, selection: SELECTION };
    const found = await planInputs(host.found, options, host);
    const facts = found.days.map(({ symbol, files }) => {
      const { rowFilter, rowGroupIndexes, rowCountMax } = files.depth[0]!;
      return [symbol, rowFilter, rowGroupIndexes, rowCountMax];
    });
    expect(facts).toEqual([
      ['A', { exchange: null, symbol: 'A' }, [0, 1], 4],
      ['B', { exchange: null, symbol: 'B' }, [1, 2], 4],
    ]);
  });

  test('a symbol column with one symbol needs no filter', async () => {
    const symbol: FixtureColumn = { name: 'symbol', type: 'utf8', values: ['A', 'A'] };
    const { plan: found } = await plan({ 'x.parquet': generic([T0, T0], [symbol]) });
    expect(found.days[0]).toMatchObject({ symbol: 'A' });
    expect(found.days[0]!.files.depth[0]).toMatchObject({ symbol: 'A', rowFilter: null });
  });
});

describe('files that cannot be used', () => {
  const good = { [hive('book_delta_v2', '2024-08-08', '1.snappy.parquet')]: lake(T0) };

  test('fail alone, each with its path and code', async () => {
    const whole = lake(T0);
    const { plan: found } = await plan({
      ...good,
      'text.parquet': new TextEncoder().encode('this is no Parquet file at all'),
      'cut.parquet': whole.slice(0, whole.byteLength - 20),
      'strange.parquet': parquetFixture([{ name: 'a', type: 'int64', values: [1n] }]),
      'untimed.parquet': generic([5n]),
    });
    expect(found.days).toHaveLength(1);
    expect(found.failures.map(({ path, error }) => [path, error.code])).toEqual([
      ['text.parquet', 'ERR_PARQUET_NOT_PARQUET'],
      ['cut.parquet', 'ERR_PARQUET_TRUNCATED'],
      ['strange.parquet', 'ERR_INPUT_DIALECT'],
      ['untimed.parquet', 'ERR_INPUT_SCHEMA'],
    ]);
  });

  test('fail when they cannot go into one stream with the others of their day', async () => {
    const id: FixtureColumn = { name: 'update_id', type: 'int64', values: [1n] };
    const { plan: found } = await plan({
      [hive('d', '2024-08-08', 'a.parquet')]: generic([T0], [id]),
      [hive('d', '2024-08-08', 'b.parquet')]: generic([T0 + 1n]),
    });
    expect(found.days[0]!.files.depth).toHaveLength(1);
    expect(found.failures).toMatchObject([
      { path: hive('d', '2024-08-08', 'b.parquet'), error: { code: 'ERR_INPUT_SCHEMA' } },
    ]);
  });

  test('nothing but failures is a plan without days', async () => {
    const { plan: found } = await plan({ 'text.parquet': new Uint8Array(100) });
    expect(found).toMatchObject({ days: [], failures: [{ path: 'text.parquet' }] });
  });

  test('nothing but empty files, or tables that are not used, is an error', async () => {
    const dt = '2024-08-08';
    await expect(plan({ [hive('book_delta_v2', dt, '1.parquet')]: lake() })).rejects.toMatchObject({
      code: 'ERR_INPUT_NO_ROWS',
    });
    await expect(plan({ [hive('funding', dt, '1.parquet')]: lake(T0) })).rejects.toMatchObject({
      code: 'ERR_INPUT_EMPTY',
      message: expect.stringContaining('funding'),
    });
  });

  test('a mistake in --map fails all', async () => {
    await expect(plan(good, { map: { nonsense: 'x' } })).rejects.toMatchObject({
      code: 'ERR_USAGE_MAP',
    });
  });
});
