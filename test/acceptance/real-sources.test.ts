import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { FLAG_MAYBE_BAD_BOOK, FLAG_SNAPSHOT, FLAG_SYNTHETIC } from '#src/abi/flags.js';
import { columnsOf, int64, openDuckdb } from '../support/duckdb.js';
import { readTruthBest } from '../support/flat-source.js';
import { flatFile, INSTRUMENTS, type Instrument } from '../support/instruments.js';
import { type BookLines, levelsLine, readAudit, readBook } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

// The recordings as their users hold them, text and all: the best prices that the exchange
// published, and one digest whatever the source.

const MARKED = FLAG_MAYBE_BAD_BOOK | FLAG_SNAPSHOT | FLAG_SYNTHETIC;

/** Rows that agree with the exchange, at least, of rows that can be compared. */
interface Wanted {
  readonly agreed: number;
  readonly compared: number;
}

interface Market {
  readonly instrument: Instrument;
  readonly capture: string;
  readonly tardis: string;
  /** Without a mark, by id; from Tardis, by the ordinal of the message. */
  readonly byId: Wanted;
  readonly byOrdinal: Wanted;
}

const [SPOT, USDM, CM] = INSTRUMENTS as [Instrument, Instrument, Instrument];

const MARKETS: readonly Market[] = [
  {
    instrument: SPOT,
    capture: 'spot',
    tardis: 'binance_incremental_book_L2_2024-08-08_BTCUSDT',
    byId: { agreed: 6_490, compared: 6_492 },
    byOrdinal: { agreed: 6_491, compared: 6_493 },
  },
  {
    instrument: USDM,
    capture: 'usdm',
    tardis: 'binance-futures_incremental_book_L2_2024-08-08_ETHUSDT',
    byId: { agreed: 6_579, compared: 6_579 },
    byOrdinal: { agreed: 6_580, compared: 6_580 },
  },
  {
    instrument: CM,
    capture: 'cm',
    tardis: 'binance-delivery_incremental_book_L2_2024-08-08_ETHUSD_PERP',
    byId: { agreed: 39_131, compared: 39_131 },
    byOrdinal: { agreed: 39_133, compared: 39_133 },
  },
];

const root = temporaryFolder();
let db: DuckDBConnection;

/** Runs an input; its book, and the digest at its end. */
async function booked(input: string, { hasIds = true } = {}) {
  const out = join(root, basename(input));
  await depthmillDone(['run', input, '-o', out, '--no-sync', '--tables', 'book,gaps']);
  const { instruments } = readAudit(out);
  expect(instruments.flatMap(({ gaps }) => gaps)).toEqual([]);
  const book = await readBook(db, out, 1, '**', { hasIds });
  return { book, digest: instruments.at(-1)!.digest };
}

/** Published best prices against those of a book, in which `rowOf` finds the message's row. */
async function compare(
  { instrument }: Market,
  { levels }: BookLines,
  rowOf: (sequence: bigint) => number | undefined,
): Promise<Wanted> {
  let [agreed, compared] = [0, 0];
  for (const { sequence, bid, ask } of await readTruthBest(db, instrument)) {
    const row = rowOf(sequence);
    if (row === undefined) continue;
    compared++;
    if (levels[row] === levelsLine([bid], [ask], 1)) agreed++;
  }
  return { agreed, compared };
}

/** Ids of the messages above the snapshot, in the order in which they were received. */
async function idsAboveSnapshot(instrument: Instrument): Promise<readonly bigint[]> {
  const file = (table: string) => `read_csv('${flatFile(instrument, table)}', all_varchar = true)`;
  const columns = await columnsOf(
    db,
    `SELECT CAST(last_update_id AS BIGINT) AS id FROM (SELECT *, row_number() OVER () AS n
       FROM ${file('deltas')})
     WHERE CAST(last_update_id AS BIGINT) >
       (SELECT max(CAST(last_update_id AS BIGINT)) FROM ${file('snapshots')}) ORDER BY n`,
  );
  const ids = int64(columns, 'id');
  return ids.filter((id, row) => id !== ids[row - 1]);
}

describe.skipIf(!hasSharedData)('real recordings from several sources', () => {
  const digests = new Map<string, string>();
  beforeAll(async () => {
    db = await openDuckdb();
  });

  const cases = MARKETS.flatMap((market) =>
    [`captures/${market.capture}`, `flat/${market.instrument.flatFolder}`].map(
      (input) => [input, market] as const,
    ),
  );

  it.each(cases)('%s: unmarked rows are what the exchange published', async (input, market) => {
    const { book, digest } = await booked(sharedData(input));
    digests.set(input, digest);
    const rows = book.flags.flatMap((flags, row) => ((flags & MARKED) === 0 ? [row] : []));
    const rowOf = new Map(rows.map((row) => [book.sequence[row]!, row]));
    const found = await compare(market, book, (sequence) => rowOf.get(sequence));
    console.log(`${input}: ${found.agreed} of ${found.compared} rows without a mark`);
    expect(found.compared).toBe(market.byId.compared);
    expect(found.agreed).toBeGreaterThanOrEqual(market.byId.agreed);
  });

  it.each(MARKETS)('tardis/$tardis: rows are what the exchange published', async (market) => {
    const input = `tardis/${market.tardis}.csv.gz`;
    const { book, digest } = await booked(sharedData(input), { hasIds: false });
    digests.set(input, digest);
    const ids = await idsAboveSnapshot(market.instrument);
    const rows = book.flags.flatMap((flags, row) => ((flags & FLAG_SNAPSHOT) === 0 ? [row] : []));
    expect(rows.length).toBe(ids.length);
    expect(rows.filter((row) => (book.flags[row]! & FLAG_MAYBE_BAD_BOOK) !== 0)).toEqual([]);
    const rowOf = new Map(ids.map((id, ordinal) => [id, rows[ordinal]!]));
    const found = await compare(market, book, (sequence) => rowOf.get(sequence));
    console.log(`${input}: ${found.agreed} of ${found.compared} rows`);
    expect(found.compared).toBe(market.byOrdinal.compared);
    expect(found.agreed).toBeGreaterThanOrEqual(market.byOrdinal.agreed);
  });

  it.each(['double.zstd', 'decimal.snappy', 'string.gzip'])(
    'parquet-variants/deltas.%s, from the flat snapshot on: the same book',
    async (variant) => {
      const input = join(root, variant);
      const day = join(input, 'exchange=binance/symbol=BTCUSDT/dt=2024-08-08');
      mkdirSync(day, { recursive: true });
      const file = sharedData(`parquet-variants/deltas.${variant}.parquet`);
      copyFileSync(file, join(day, '1.parquet'));
      const warm = ['--warm-start', flatFile(SPOT, 'snapshots')];
      const { stdout } = await depthmillDone(['audit', input, '--json', ...warm]);
      const [audit] = JSON.parse(stdout).instruments;
      expect(audit).toMatchObject({ dialect: 'generic', gaps: [] });
      digests.set(`${SPOT.flatFolder} as ${variant}`, audit.digest);
      expect(audit.digest).toBe(digests.get(`flat/${SPOT.flatFolder}`));
    },
  );

  it.each(MARKETS)('$instrument.exchange: capture, flat and tardis end alike', (market) => {
    const { capture, tardis, instrument } = market;
    const names = [
      `captures/${capture}`,
      `flat/${instrument.flatFolder}`,
      `tardis/${tardis}.csv.gz`,
    ];
    const found = names.map((name) => digests.get(name));
    console.log(`${instrument.exchange}: ${found.join(', ')}`);
    expect(found.every((digest) => digest !== undefined)).toBe(true);
    expect(new Set(found).size).toBe(1);
  });
});

describe.skipIf(!hasSharedData)('vendor samples and recordings', () => {
  async function auditOf(...inputs: string[]) {
    const { stdout } = await depthmillDone(['audit', ...inputs.map(sharedData), '--json']);
    const { instruments, failures } = JSON.parse(stdout);
    expect(failures).toEqual([]);
    return instruments;
  }

  it('T_DEPTH: the snapshot and the updates, which do not join, are told apart by a gap', async () => {
    const [audit, ...others] = await auditOf('vendor-fixtures/binance');
    expect(others).toEqual([]);
    expect(audit).toMatchObject({ symbol: 'BTCUSDT', policy: 'chain', verdict: 'degraded' });
    expect(audit.gaps).toMatchObject([
      {
        kind: 'gap',
        proven: true,
        sequence_before: '2098021528332',
        sequence_after: '2098041693435',
        row: 0,
      },
    ]);
    expect(audit.gaps[0].file).toContain('btcusdt-depth-update.csv');
    expect(audit.quality).toMatchObject([{ state: 'suspect', reason: 'loss' }]);
    console.log('T_DEPTH: 1 gap, between the snapshot and the updates');
  });

  it('Binance futures with their REST snapshots: four books, and no break', async () => {
    const instruments = await auditOf(
      'recordings/BINANCE_FUTURES.ws.1.0.gz',
      'recordings/BINANCE_FUTURES.http.0.0.gz',
    );
    const messages = { AKROUSDT: 189, CTKUSDT: 181, KEEPUSDT: 133, SUSHIUSDT: 254 };
    for (const audit of instruments) {
      const { symbol, duplicates, out_of_order: late, rows_trusted: trusted } = audit;
      console.log(`${symbol}: ${audit.messages} messages, ${audit.gaps.length} gaps`);
      expect(audit).toMatchObject({ policy: 'chain', gaps: [], verdict: 'usable' });
      expect({ duplicates, late }).toEqual({ duplicates: 0, late: 0 });
      expect(trusted).toBeGreaterThan(0.99 * audit.accounting.rows_out);
      expect(audit.messages).toBe(messages[symbol as keyof typeof messages]);
    }
    expect(instruments.map(({ symbol }: { symbol: string }) => symbol)).toEqual(
      Object.keys(messages),
    );
  });
});
