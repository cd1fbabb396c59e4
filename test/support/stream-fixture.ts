import { join } from 'node:path';
import type { StreamPolicy, StreamRow } from '../oracle/stream-rows.js';
import { type FixtureColumn, type FixtureOptions, writeParquetFixture } from './parquet-fixture.js';

export interface StreamFixture {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  readonly policy: StreamPolicy;
}

const PIPS_PER_UNIT = 1e8;

/** A stream as one file in which a column tells the rows of snapshots. */
export async function writeStream(
  root: string,
  fixture: StreamFixture,
  rows: readonly StreamRow[],
  options: FixtureOptions = {},
): Promise<void> {
  const isSnapshot = rows.map((row) => row.isSnapshot);
  const columns: FixtureColumn[] = [
    ...columnsOf(rows, fixture.policy),
    { name: 'is_snapshot', type: 'bool', values: isSnapshot },
  ];
  await writeParquetFixture(pathOf(root, fixture, 'deltas'), columns, options);
}

/** The same as a file of changes and one of snapshots. */
export async function writeStreamApart(
  root: string,
  fixture: StreamFixture,
  rows: readonly StreamRow[],
  options: FixtureOptions = {},
): Promise<void> {
  const changes = columnsOf(
    rows.filter((row) => !row.isSnapshot),
    fixture.policy,
  );
  await writeParquetFixture(pathOf(root, fixture, 'deltas'), changes, options);
  const levels = rows.filter((row) => row.isSnapshot);
  if (levels.length === 0) return;
  const names = ['local_ts', 'event_ts', 'last_update_id', 'is_bid', 'price', 'qty'];
  const snapshots = columnsOf(levels, fixture.policy).filter(({ name }) => names.includes(name));
  const level: FixtureColumn = { name: 'level', type: 'int32', values: levels.map((_, i) => i) };
  await writeParquetFixture(pathOf(root, fixture, 'snapshots'), [...snapshots, level], options);
}

function pathOf(root: string, { exchange, symbol, dt }: StreamFixture, name: string): string {
  return join(root, `exchange=${exchange}/symbol=${symbol}/dt=${dt}`, `${name}.parquet`);
}

function columnsOf(rows: readonly StreamRow[], policy: StreamPolicy): FixtureColumn[] {
  const int64 = (name: string, of: (row: StreamRow) => bigint): FixtureColumn => ({
    name,
    type: 'int64',
    values: rows.map(of),
  });
  const double = (name: string, of: (row: StreamRow) => bigint): FixtureColumn => ({
    name,
    type: 'double',
    values: rows.map((row) => Number(of(row)) / PIPS_PER_UNIT),
  });
  const hasRange = policy === 'chain' || policy === 'contiguous';
  return [
    int64('local_ts', (row) => row.tsRecv),
    int64('event_ts', (row) => row.tsEvent),
    ...(policy === 'snapshot' ? [] : [int64('last_update_id', (row) => row.last)]),
    ...(hasRange ? [int64('first_update_id', (row) => row.first)] : []),
    ...(policy === 'chain' ? [int64('prev_update_id', (row) => row.prev)] : []),
    { name: 'is_bid', type: 'bool', values: rows.map((row) => row.isBid) },
    double('price', (row) => row.pricePips),
    double('qty', (row) => row.qtyPips),
  ];
}
