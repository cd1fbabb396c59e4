import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FLAG_MAYBE_BAD_BOOK, FLAG_SNAPSHOT, FLAG_SYNTHETIC } from '#src/abi/flags.js';
import { openDuckdb } from '../support/duckdb.js';
import { readTruthBest } from '../support/flat-source.js';
import { flatFile, INSTRUMENTS, type Instrument, partitionOf } from '../support/instruments.js';
import { instrumentIn, levelsLine, readAudit, readBook } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

// The recordings as Parquet: how their text is read is shown elsewhere.

const FLAT_COLUMNS = {
  deltas: ['local_ts', 'event_ts', 'transact_ts', 'first_update_id', 'last_update_id', 'prev_update_id'],
  snapshots: ['local_ts', 'last_update_id', 'level'],
} as const; // biome-ignore format: a table

const TARDIS_FILES: Readonly<Record<string, string>> = {
  BINANCE: 'binance_incremental_book_L2_2024-08-08_BTCUSDT',
  BINANCE_FUTURES: 'binance-futures_incremental_book_L2_2024-08-08_ETHUSDT',
  BINANCE_DELIVERY: 'binance-delivery_incremental_book_L2_2024-08-08_ETHUSD_PERP',
};

/** Messages above the snapshot's id that arrive before it: no book is there yet. */
const EARLY_MESSAGES: Readonly<Record<string, number>> = {
  BINANCE: 1,
  BINANCE_FUTURES: 1,
  BINANCE_DELIVERY: 2,
};

const root = temporaryFolder();

async function copyCsv(instrument: Instrument, source: string, select: string, folder: string) {
  const target = join(root, folder, partitionOf(instrument));
  mkdirSync(target, { recursive: true });
  const db = await openDuckdb();
  await db.run(`COPY (SELECT ${select} FROM read_csv('${source}', all_varchar = true))
    TO '${target}/1.parquet' (FORMAT parquet, ROW_GROUP_SIZE 40000)`);
}

/** Rows of the published best prices for which the book says so, and says so without a mark. */
async function compareBest(instrument: Instrument, out: string) {
  const db = await openDuckdb();
  const book = await readBook(db, out, 1, partitionOf(instrument));
  const rowOf = new Map(book.sequence.map((sequence, row) => [sequence, row]));
  const wrong: bigint[] = [];
  let unmarked = 0;
  for (const { sequence, bid, ask } of await readTruthBest(db, instrument)) {
    const row = rowOf.get(sequence);
    if (row === undefined) continue;
    const marks = FLAG_MAYBE_BAD_BOOK | FLAG_SNAPSHOT | FLAG_SYNTHETIC;
    if ((book.flags[row]! & marks) !== 0) continue;
    unmarked++;
    if (book.levels[row] !== levelsLine([bid], [ask], 1)) wrong.push(sequence);
  }
  return { unmarked, wrong };
}

describe.skipIf(!hasSharedData)('books joined with a REST snapshot', () => {
  const out = join(root, 'out-flat');
  beforeAll(async () => {
    for (const instrument of INSTRUMENTS) {
      for (const table of ['deltas', 'snapshots'] as const) {
        const integers = FLAT_COLUMNS[table].map((name) => `CAST(${name} AS BIGINT) AS ${name}`);
        const select = [...integers, 'side', 'price', 'qty'].join(', ');
        await copyCsv(instrument, flatFile(instrument, table), select, `flat/${table}`);
      }
      const tardis = sharedData(`tardis/${TARDIS_FILES[instrument.exchange]}.csv.gz`);
      const integers = ['timestamp', 'local_timestamp'].map(
        (name) => `CAST(${name} AS BIGINT) AS ${name}`,
      );
      const select = [...integers, 'is_snapshot', 'side', 'price', 'amount'].join(', ');
      await copyCsv(instrument, tardis, select, 'tardis/incremental');
    }
    await depthmillDone(['run', join(root, 'flat'), '-o', out, '--json']);
    await depthmillDone(['run', join(root, 'tardis'), '-o', join(root, 'out-tardis'), '--json']);
    await depthmillDone(['run', join(out, 'depth'), '-o', join(root, 'out-again'), '--json']);
  }, 240_000);

  it.each(INSTRUMENTS)(
    '$exchange $symbol: have the best prices that the exchange published',
    async (instrument) => {
      const { exchange, symbol, lostTickers } = instrument;
      const audit = instrumentIn(readAudit(out), exchange, symbol);
      expect(audit).toMatchObject({ policy: instrument.joining, gaps: [], verdict: 'usable' });
      const { unmarked, wrong } = await compareBest(instrument, out);
      console.log(`${exchange} ${symbol}: ${unmarked - wrong.length} of ${unmarked} rows`);
      expect(wrong).toEqual(lostTickers);
      const published = { BINANCE: 6_493, BINANCE_FUTURES: 6_580, BINANCE_DELIVERY: 39_133 }[
        exchange
      ]!;
      expect(unmarked).toBe(published - EARLY_MESSAGES[exchange]!);
    },
  );

  it.each(INSTRUMENTS)(
    '$exchange $symbol: end as those of Tardis, and as those replayed from depth',
    ({ exchange, symbol }) => {
      const expected = instrumentIn(readAudit(out), exchange, symbol);
      const tardis = instrumentIn(readAudit(join(root, 'out-tardis')), exchange, symbol);
      const again = instrumentIn(readAudit(join(root, 'out-again')), exchange, symbol);
      expect(tardis).toMatchObject({ policy: 'snapshot', gaps: [], reconnects: 0 });
      expect(again).toMatchObject({ dialect: 'depthmill', gaps: [] });
      expect([tardis.digest, again.digest]).toEqual([expected.digest, expected.digest]);
    },
  );
});
