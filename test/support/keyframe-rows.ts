import type { DuckDBConnection } from '@duckdb/node-api';
import type { Level } from '../oracle/price-levels.js';
import { columnsOf } from './duckdb.js';
import { rowsSql } from './outputs.js';

/** A keyframe as DuckDB reads it. */
export interface KeyframeRows {
  readonly keyframe: number;
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  readonly sequence: bigint;
  readonly state: string;
  readonly part: number;
  readonly row: bigint;
  readonly digest: string;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** All keyframes of a partition, in their order. */
export async function readKeyframes(
  db: DuckDBConnection,
  out: string,
  partition = '**',
  { hasIds = true } = {},
): Promise<KeyframeRows[]> {
  const sequence = hasIds ? 'sequence' : '0::BIGINT AS sequence';
  const names = `keyframe, ts_recv, ts_event, ${sequence}, state, part, row, digest, is_bid, price_pips, qty_pips`;
  const columns = await columnsOf(db, rowsSql(names, out, 'keyframes', partition));
  const keyframes: (KeyframeRows & { bids: Level[]; asks: Level[] })[] = [];
  for (const [at, keyframe] of (columns.keyframe as readonly number[]).entries()) {
    const last = keyframes.at(-1);
    const value = <T>(name: string): T => columns[name]![at] as T;
    const facts = {
      keyframe,
      tsRecv: value<bigint>('ts_recv'),
      tsEvent: value<bigint>('ts_event'),
      sequence: value<bigint>('sequence'),
      state: value<string>('state'),
      part: value<number>('part'),
      row: value<bigint>('row'),
      digest: value<string>('digest'),
    };
    if (last?.keyframe !== keyframe) keyframes.push({ ...facts, bids: [], asks: [] });
    const { bids, asks } = keyframes.at(-1)!;
    const side = value<boolean>('is_bid') ? bids : asks;
    side.push({ pricePips: value('price_pips'), qtyPips: value('qty_pips') });
  }
  return keyframes;
}
