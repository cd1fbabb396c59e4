import { join } from 'node:path';
import type { DeltaRow, WitnessRow } from '../oracle/lake-rows.js';
import {
  type FixtureColumn,
  type FixtureOptions,
  type LakeRow,
  writeLakeFixture,
  writeParquetFixture,
} from './parquet-fixture.js';

// Small Lake folders from rows in pips, so that one list of rows feeds the product and the oracle.

/** Levels a side of the table `book`. */
export const WITNESS_DEPTH = 20;

const PIPS_PER_UNIT = 1e8;

export interface LakeFixture {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
}

export function lakeFixtureFile(root: string, table: string, fixture: LakeFixture): string {
  const { exchange, symbol, dt } = fixture;
  const partition = `exchange=${exchange}/symbol=${symbol}/dt=${dt}`;
  return join(root, table, partition, '1.snappy.parquet');
}

/** A delta row as the vendor writes it. Pips must be whole cents, so that a double holds them. */
export function lakeRow(row: DeltaRow): LakeRow {
  return {
    timestamp: row.tsEvent,
    receipt_timestamp: row.tsRecv,
    sequence_number: row.sequence,
    side_is_bid: row.isBid,
    price: Number(row.pricePips) / PIPS_PER_UNIT,
    size: Number(row.qtyPips) / PIPS_PER_UNIT,
  };
}

export async function writeLakeDeltas(
  root: string,
  fixture: LakeFixture,
  rows: readonly LakeRow[],
  options: FixtureOptions = {},
): Promise<string> {
  const path = lakeFixtureFile(root, 'book_delta_v2', fixture);
  await writeLakeFixture(path, rows, options);
  return path;
}

/** Writes a `book` file; levels that a row does not have are NaN, as the vendor pads them. */
export async function writeLakeBook(
  root: string,
  fixture: LakeFixture,
  witnesses: readonly WitnessRow[],
  { table = 'book', depth = WITNESS_DEPTH } = {},
): Promise<void> {
  const stamp = (name: string, of: (row: WitnessRow) => bigint): FixtureColumn => ({
    name,
    type: 'int64',
    values: witnesses.map(of),
  });
  const columns = [
    stamp('timestamp', (row) => row.tsEvent),
    stamp('receipt_timestamp', (row) => row.tsRecv),
    stamp('sequence_number', (row) => row.sequence),
  ];
  for (const side of ['bids', 'asks'] as const) {
    for (let i = 0; i < depth; i++) {
      const prefix = `${side === 'bids' ? 'bid' : 'ask'}_${i}`;
      const levels = witnesses.map((row) => row[side][i]);
      const values = (of: 'pricePips' | 'qtyPips') =>
        levels.map((level) => (level === undefined ? NaN : Number(level[of]) / PIPS_PER_UNIT));
      columns.push({ name: `${prefix}_price`, type: 'double', values: values('pricePips') });
      columns.push({ name: `${prefix}_size`, type: 'double', values: values('qtyPips') });
    }
  }
  await writeParquetFixture(lakeFixtureFile(root, table, fixture), columns);
}
