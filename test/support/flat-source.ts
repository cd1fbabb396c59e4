import type { DuckDBConnection } from '@duckdb/node-api';
import { type Level, PriceLevels } from '../oracle/price-levels.js';
import { columnsOf, int64, textPipsSql } from './duckdb.js';
import { flatFile, type Instrument } from './instruments.js';

const pips = (column: string): string => `${textPipsSql(column)} AS ${column}`;

/** The best prices that the exchange published for a message, by the message's last id. */
export interface PublishedBest {
  readonly sequence: bigint;
  readonly bid: Level;
  readonly ask: Level;
}

export async function readTruthBest(
  db: DuckDBConnection,
  instrument: Instrument,
): Promise<PublishedBest[]> {
  const names = ['bid_price', 'bid_qty', 'ask_price', 'ask_qty'];
  const columns = await columnsOf(
    db,
    `SELECT CAST(last_update_id AS BIGINT) AS id, ${names.map(pips).join(', ')}
     FROM read_csv('${flatFile(instrument, 'truth_bbo')}', all_varchar = true)`,
  );
  const [bidPrice, bidQty, askPrice, askQty] = names.map((name) => int64(columns, name)) as [
    bigint[],
    bigint[],
    bigint[],
    bigint[],
  ];
  return int64(columns, 'id').map((sequence, row) => ({
    sequence,
    bid: { pricePips: bidPrice[row]!, qtyPips: bidQty[row]! },
    ask: { pricePips: askPrice[row]!, qtyPips: askQty[row]! },
  }));
}

/** The top of the full book after a message. */
export interface FullTop {
  readonly sequence: bigint;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/**
 * Rebuilds the book from the exchange's own snapshot of 1,000 levels and the raw deltas with their
 * id chains: MODEL section 4, "Joining a snapshot". Throws where the chain breaks: these recordings
 * have no gaps (data/README.md).
 */
export async function* rebuildFullBook(
  db: DuckDBConnection,
  instrument: Instrument,
  depth: number,
): AsyncGenerator<FullTop> {
  const snapshot = await columnsOf(
    db,
    `SELECT CAST(last_update_id AS BIGINT) AS id, side, ${pips('price')}, ${pips('qty')}
     FROM read_csv('${flatFile(instrument, 'snapshots')}', all_varchar = true)`,
  );
  const bids = new PriceLevels(true);
  const asks = new PriceLevels(false);
  const price = int64(snapshot, 'price');
  const qty = int64(snapshot, 'qty');
  price.forEach((pricePips, row) => {
    (snapshot.side![row] === 'bid' ? bids : asks).set(pricePips, qty[row]!);
  });
  const snapshotId = int64(snapshot, 'id')[0]!;

  const deltas = await columnsOf(
    db,
    `SELECT CAST(first_update_id AS BIGINT) AS first, CAST(last_update_id AS BIGINT) AS last,
       CAST(coalesce(prev_update_id, '-1') AS BIGINT) AS prev, side, ${pips('price')}, ${pips('qty')}
     FROM read_csv('${flatFile(instrument, 'deltas')}', all_varchar = true)`,
  );
  const [first, last, prev, deltaPrice, deltaQty] = ['first', 'last', 'prev', 'price', 'qty'].map(
    (name) => int64(deltas, name),
  ) as [bigint[], bigint[], bigint[], bigint[], bigint[]];
  let applied: bigint | null = null;
  for (let row = 0; row < last.length; ) {
    let end = row + 1;
    while (end < last.length && last[end] === last[row] && first[end] === first[row]) end++;
    const id = last[row]!;
    if (id > snapshotId) {
      const isNext =
        instrument.joining === 'chain'
          ? applied === null
            ? prev[row]! <= snapshotId
            : prev[row] === applied
          : applied === null
            ? first[row]! <= snapshotId + 1n
            : first[row] === applied + 1n;
      if (!isNext)
        throw new Error(`the chain of ids breaks at ${id} (row ${row}), after ${applied}`);
      for (; row < end; row++) {
        (deltas.side![row] === 'bid' ? bids : asks).set(deltaPrice[row]!, deltaQty[row]!);
      }
      applied = id;
      yield { sequence: id, bids: bids.top(depth), asks: asks.top(depth) };
    }
    row = end;
  }
}
