import type { DuckDBConnection } from '@duckdb/node-api';

/** What a tape looks like, measured the same way on recordings and on generated ones. */
export interface Calibration {
  readonly rows: number;
  readonly messages: number;
  readonly rowsAMessage: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly rowsASecond: number;
  /** Of all rows: quantity 0. */
  readonly deletes: number;
  /** Of the deletes: the book did not hold the level. */
  readonly deletesUnknown: number;
  /**
   * Of all rows: at most so many ticks from the touch of their side before or after their message,
   * or between the two.
   */
  readonly within10: number;
  readonly within64: number;
  readonly within1000: number;
  /** Message ends: the spread is 1 or 2 ticks; it is below 0; the best bid moved. */
  readonly spreadUpTo2: number;
  readonly crossed: number;
  readonly bidMoved: number;
}

/** Rows of one instrument in file order; prices in ticks. */
export interface CalibrationRows {
  readonly sequence: BigInt64Array;
  readonly tsRecvNs: BigInt64Array;
  readonly isBid: Uint8Array;
  readonly tick: Int32Array;
  /** 1 where the row removes its level. */
  readonly isDelete: Uint8Array;
}

/** Levels that the book starts with, as ticks. */
export interface CalibrationSeed {
  readonly bids: readonly number[];
  readonly asks: readonly number[];
}

/** One side of a book: which ticks have a level, and the best of them. */
class Side {
  readonly #levels: Set<number>;
  /** 1 for asks, -1 for bids: the way from the best outwards. */
  readonly #outward: number;
  best: number;

  constructor(ticks: readonly number[], outward: number) {
    this.#levels = new Set(ticks);
    this.#outward = outward;
    this.best = outward < 0 ? Math.max(...ticks) : Math.min(...ticks);
  }

  /** @returns whether the level was there before */
  apply(tick: number, isDelete: boolean): boolean {
    if (!isDelete) {
      const existed = this.#levels.has(tick);
      this.#levels.add(tick);
      if ((this.best - tick) * this.#outward > 0) this.best = tick;
      return existed;
    }
    const existed = this.#levels.delete(tick);
    if (existed && tick === this.best && this.#levels.size > 0) {
      while (!this.#levels.has(this.best)) this.best += this.#outward;
    }
    return existed;
  }

  /** Ticks behind the nearest of two touches, 0 between them. */
  distance(tick: number, touchBefore: number): number {
    const before = (tick - touchBefore) * this.#outward;
    const after = (tick - this.best) * this.#outward;
    if (Math.min(before, after) <= 0 && Math.max(before, after) >= 0) return 0;
    return Math.min(Math.abs(before), Math.abs(after));
  }
}

export function calibrate(rows: CalibrationRows, seed: CalibrationSeed): Calibration {
  const [bids, asks] = [new Side(seed.bids, -1), new Side(seed.asks, 1)];
  const count = rows.tick.length;
  const sizes: number[] = [];
  const tally = {
    deletes: 0,
    unknown: 0,
    w10: 0,
    w64: 0,
    w1000: 0,
    narrow: 0,
    crossed: 0,
    moved: 0,
  };
  for (let start = 0, end = 0; start < count; start = end) {
    const [bidBefore, askBefore] = [bids.best, asks.best];
    for (end = start; end < count && sameMessage(rows, start, end); end++) {
      const isDelete = rows.isDelete[end] === 1;
      const existed = (rows.isBid[end] === 1 ? bids : asks).apply(rows.tick[end]!, isDelete);
      if (isDelete) tally.deletes++;
      if (isDelete && !existed) tally.unknown++;
    }
    for (let i = start; i < end; i++) {
      const isBid = rows.isBid[i] === 1;
      const far = (isBid ? bids : asks).distance(rows.tick[i]!, isBid ? bidBefore : askBefore);
      if (far <= 10) tally.w10++;
      if (far <= 64) tally.w64++;
      if (far <= 1000) tally.w1000++;
    }
    const spread = asks.best - bids.best;
    if (spread > 0 && spread <= 2) tally.narrow++;
    if (spread < 0) tally.crossed++;
    if (bids.best !== bidBefore) tally.moved++;
    sizes.push(end - start);
  }
  sizes.sort((a, b) => a - b);
  const messages = sizes.length;
  const quantile = (share: number): number => sizes[Math.floor((messages - 1) * share)]!;
  const seconds = Number(rows.tsRecvNs[count - 1]! - rows.tsRecvNs[0]!) / 1e9;
  return {
    rows: count,
    messages,
    rowsAMessage: { p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) },
    rowsASecond: count / seconds,
    deletes: tally.deletes / count,
    deletesUnknown: tally.unknown / tally.deletes,
    within10: tally.w10 / count,
    within64: tally.w64 / count,
    within1000: tally.w1000 / count,
    spreadUpTo2: tally.narrow / messages,
    crossed: tally.crossed / messages,
    bidMoved: tally.moved / messages,
  };
}

function sameMessage(rows: CalibrationRows, a: number, b: number): boolean {
  return rows.sequence[a] === rows.sequence[b] && rows.tsRecvNs[a] === rows.tsRecvNs[b];
}

/** Rows of a query with columns sequence, recv, is_bid, tick and is_delete, in its order. */
export async function readCalibrationRows(
  db: DuckDBConnection,
  sql: string,
): Promise<CalibrationRows> {
  const reader = await db.runAndReadAll(sql);
  const columns = reader.getColumnsObject() as Record<string, unknown[]>;
  const flags = (name: string): Uint8Array => Uint8Array.from(columns[name]!, (x) => (x ? 1 : 0));
  return {
    sequence: BigInt64Array.from(columns.sequence as bigint[]),
    tsRecvNs: BigInt64Array.from(columns.recv as bigint[]),
    isBid: flags('is_bid'),
    tick: Int32Array.from(columns.tick as (number | bigint)[], Number),
    isDelete: flags('is_delete'),
  };
}

/** Ticks of a query with columns is_bid and tick. */
export async function readCalibrationSeed(
  db: DuckDBConnection,
  sql: string,
): Promise<CalibrationSeed> {
  const reader = await db.runAndReadAll(sql);
  const rows = reader.getRowObjects() as { is_bid: boolean; tick: number | bigint }[];
  const side = (isBid: boolean): number[] =>
    rows.filter((row) => row.is_bid === isBid).map((row) => Number(row.tick));
  return { bids: side(true), asks: side(false) };
}

/** Compressed bytes of a Parquet file's columns, divided by its rows. */
export async function bytesARow(db: DuckDBConnection, file: string): Promise<number> {
  const reader = await db.runAndReadAll(
    `SELECT sum(total_compressed_size)::DOUBLE AS bytes,
       (SELECT num_rows FROM parquet_file_metadata('${file}'))::DOUBLE AS row_count
     FROM parquet_metadata('${file}')`,
  );
  const [row] = reader.getRowObjects() as { bytes: number; row_count: number }[];
  return row!.bytes / row!.row_count;
}
