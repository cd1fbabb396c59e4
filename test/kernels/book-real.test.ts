import { describe, expect, test } from 'vitest';
import { CADENCE_MESSAGE } from '#src/abi/book.js';
import { FLAG_LAST } from '#src/abi/flags.js';
import type { BookTableRow, DepthRow } from '../oracle/book.js';
import { columnsOf, int64, openDuckdb, textPipsSql } from '../support/duckdb.js';
import { readTruthBest } from '../support/flat-source.js';
import { flatFile, INSTRUMENTS, type Instrument } from '../support/instruments.js';
import { hasSharedData } from '../support/shared-data.js';
import { BookHarness } from './book-harness.js';
import { BUILDS } from './both-builds.js';

const DEPTH = 20;

/** The exchange's snapshot as one message, then each message that it does not hold yet. */
async function readMessages(instrument: Instrument): Promise<DepthRow[]> {
  const db = await openDuckdb();
  const read = (table: string): string =>
    `SELECT CAST(last_update_id AS BIGINT) AS id, side = 'bid' AS is_bid,
       ${textPipsSql('price')} AS price, ${textPipsSql('qty')} AS qty
     FROM read_csv('${flatFile(instrument, table)}', all_varchar = true)`;
  const rows: DepthRow[] = [];
  let snapshotId = -1n;
  for (const table of ['snapshots', 'deltas']) {
    const columns = await columnsOf(db, read(table));
    const [ids, prices, qtys] = ['id', 'price', 'qty'].map((name) => int64(columns, name));
    ids!.forEach((id, row) => {
      if (id <= snapshotId) return;
      const isLast = ids![row + 1] !== id;
      rows.push({
        tsRecv: id,
        tsEvent: id,
        sequence: id,
        isBid: columns.is_bid![row] === true,
        pricePips: prices![row]!,
        qtyPips: qtys![row]!,
        flags: isLast ? FLAG_LAST : 0,
      });
    });
    snapshotId = ids![0]!;
  }
  return rows;
}

describe.skipIf(!hasSharedData)('bookApply on real recordings', () => {
  test.each(INSTRUMENTS)('has the best prices that $symbol published', async (instrument) => {
    const options = {
      cadence: CADENCE_MESSAGE,
      depth: DEPTH,
      suspectOnCross: true,
      intervalNs: 1n,
      clockIsEvent: false,
    };
    const harness = new BookHarness(BUILDS[0].module, options, {
      slotRows: () => 512,
      outRows: () => 64,
      outRowsMax: 64,
      blockBytes: 131_072,
      blockBytesMax: 2 ** 21,
      grow: (bytes) => bytes * 2,
    });
    harness.seed();
    const rows = await readMessages(instrument);
    harness.apply(rows);
    const bySequence = new Map<bigint, BookTableRow>();
    for (const row of harness.rows) bySequence.set(row.sequence, row);
    const lost = new Set(instrument.lostTickers);
    const wrong: bigint[] = [];
    let compared = 0;
    for (const { sequence, bid, ask } of await readTruthBest(await openDuckdb(), instrument)) {
      const row = bySequence.get(sequence);
      if (row === undefined || lost.has(sequence)) continue;
      compared++;
      const ours = [row.bids[0], row.asks[0]].map((level) => [level?.pricePips, level?.qtyPips]);
      const theirs = [bid, ask].map((level) => [level.pricePips, level.qtyPips]);
      if (String(ours) !== String(theirs)) wrong.push(sequence);
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(6_000);
    // A whole feed never crosses at a message end, though its rows do inside of messages.
    expect(harness.head.crossedMessages).toBe(0n);
    expect(harness.rows).toHaveLength(Number(harness.head.messages));
    expect(harness.head.tickPips).toBe(1_000_000n);
  });
});
