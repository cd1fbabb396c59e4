import type { DuckDBConnection } from '@duckdb/node-api';
import { type DeltaRow, isValidWitness, type WitnessRow } from '../oracle/lake-rows.js';
import type { Level } from '../oracle/price-levels.js';
import { columnsOf, fileOrderSql, int64, pipsSql } from './duckdb.js';
import { type Instrument, lakeFile } from './instruments.js';

const WITNESS_DEPTH = 20;

/** All that a book needs of one instrument and day. */
export interface LakeDay {
  readonly deltas: readonly DeltaRow[];
  readonly witnesses: readonly WitnessRow[];
  /** Rows of `book` that must not be believed. */
  readonly invalid: number;
}

export async function readLakeDay(db: DuckDBConnection, instrument: Instrument): Promise<LakeDay> {
  const deltas = await readLakeDeltas(db, lakeFile(instrument, 'book_delta_v2'));
  return { deltas, ...(await readLakeBook(db, lakeFile(instrument, 'book'))) };
}

/** Rows of a `book_delta_v2` file in file order, read by DuckDB. */
export async function readLakeDeltas(db: DuckDBConnection, file: string): Promise<DeltaRow[]> {
  const select = `receipt_timestamp AS ts_recv, timestamp AS ts_event, sequence_number AS sequence,
    side_is_bid AS is_bid, ${pipsSql('price')} AS price, ${pipsSql('size')} AS qty`;
  const columns = await columnsOf(db, fileOrderSql(select, file));
  const [tsRecv, tsEvent, sequence, price, qty] = [
    'ts_recv',
    'ts_event',
    'sequence',
    'price',
    'qty',
  ].map((name) => int64(columns, name)) as [bigint[], bigint[], bigint[], bigint[], bigint[]];
  return tsRecv.map((recv, row) => ({
    tsRecv: recv,
    tsEvent: tsEvent[row]!,
    sequence: sequence[row]!,
    isBid: columns.is_bid![row] === true,
    pricePips: price[row]!,
    qtyPips: qty[row]!,
  }));
}

/** Valid rows of a `book` file in file order, and how many were invalid. */
export async function readLakeBook(
  db: DuckDBConnection,
  file: string,
): Promise<{ witnesses: WitnessRow[]; invalid: number }> {
  const levels = [];
  for (const side of ['bid', 'ask']) {
    for (let i = 0; i < WITNESS_DEPTH; i++) {
      for (const value of ['price', 'size']) {
        const column = `${side}_${i}_${value}`;
        // The vendor pads thin books with NaN.
        levels.push(`CASE WHEN isfinite(${column}) THEN ${pipsSql(column)} END AS ${column}`);
      }
    }
  }
  const select = `receipt_timestamp AS ts_recv, timestamp AS ts_event, sequence_number AS sequence,
    ${levels.join(', ')}`;
  const columns = await columnsOf(db, fileOrderSql(select, file));
  const rows = int64(columns, 'sequence').map((sequence, row) => ({
    tsRecv: columns.ts_recv![row] as bigint,
    tsEvent: columns.ts_event![row] as bigint,
    sequence,
    depth: WITNESS_DEPTH,
    bids: sideOf(columns, 'bid', row),
    asks: sideOf(columns, 'ask', row),
  }));
  const witnesses = rows.flatMap(({ bids, asks, ...stamp }) => {
    if (bids === null || asks === null) return [];
    const witness = { ...stamp, bids, asks };
    return isValidWitness(witness) ? [witness] : [];
  });
  return { witnesses, invalid: rows.length - witnesses.length };
}

/** Levels up to the padding; null where a level is missing before others that are not. */
function sideOf(
  columns: Record<string, readonly unknown[]>,
  side: string,
  row: number,
): Level[] | null {
  const levels: Level[] = [];
  let isPadding = false;
  for (let i = 0; i < WITNESS_DEPTH; i++) {
    const pricePips = columns[`${side}_${i}_price`]![row] as bigint | null;
    const qtyPips = columns[`${side}_${i}_size`]![row] as bigint | null;
    if (pricePips === null && qtyPips === null) {
      isPadding = true;
    } else if (pricePips === null || qtyPips === null || isPadding) {
      return null;
    } else {
      levels.push({ pricePips, qtyPips });
    }
  }
  return levels;
}
