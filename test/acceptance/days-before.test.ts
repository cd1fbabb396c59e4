import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPrng, type Prng } from '../prng.js';
import { lakeRow, writeLakeBook, writeLakeDeltas } from '../support/lake-fixture.js';
import { type InstrumentJson, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const root = temporaryFolder();
const HEADER = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';
const MIDNIGHT_US = 1_767_312_000_000_000;

type Levels = Map<number, number>;
interface Book {
  readonly bid: Levels;
  readonly ask: Levels;
}

const rowsOf = (symbol: string, timeUs: number, isSnapshot: boolean, book: Book): string[] =>
  (['bid', 'ask'] as const).flatMap((side) =>
    [...book[side]].map(([price, qty]) =>
      ['x', symbol, timeUs, timeUs, isSnapshot, side, price, qty].join(),
    ),
  );

function randomBook(prng: Prng): Book {
  const side = (from: number): Levels =>
    new Map(Array.from({ length: 40 }, (_, level) => [from + level, prng.int(1, 5)]));
  return { bid: side(100), ask: side(150) };
}

/** Some levels of a book set anew, or removed; the best one of a side now and then. */
function changed(prng: Prng, book: Book, share: number): { book: Book; changes: Book } {
  const next: Book = { bid: new Map(book.bid), ask: new Map(book.ask) };
  const changes: Book = { bid: new Map(), ask: new Map() };
  for (const side of ['bid', 'ask'] as const) {
    for (const price of book[side].keys()) {
      if (!prng.chance(share)) continue;
      const qty = prng.int(0, 5);
      changes[side].set(price, qty);
      if (qty === 0) next[side].delete(price);
      else next[side].set(price, qty);
    }
  }
  return { book: next, changes };
}

/** The plain way: every price of either book is looked at. */
function expectedOf(last: Book, first: Book) {
  let [equal, differing] = [0, 0];
  for (const side of ['bid', 'ask'] as const) {
    for (const price of new Set([...last[side].keys(), ...first[side].keys()])) {
      if (last[side].get(price) === first[side].get(price)) equal++;
      else differing++;
    }
  }
  const best = (book: Book): string => {
    const bid = Math.max(...book.bid.keys());
    const ask = Math.min(...book.ask.keys());
    return [bid, book.bid.get(bid), ask, book.ask.get(ask)].join();
  };
  return {
    levels_equal: equal,
    levels_differing: differing,
    best_equal: best(last) === best(first),
  };
}

function writeDay(name: string, rows: readonly string[]): string {
  const path = join(root, `${name}.csv`);
  writeFileSync(path, `${[HEADER, ...rows].join('\n')}\n`);
  return path;
}

const auditOf = async (name: string, inputs: readonly string[], ...options: string[]) => {
  const out = join(root, name);
  await depthmillDone(['run', ...inputs, '-o', out, '--json', ...options]);
  return readAudit(out).instruments;
};

type WithDayBefore = InstrumentJson & { readonly day_before: Record<string, unknown> | null };

describe("a day's first snapshot", () => {
  it('is compared with the last book of the day before', { timeout: 60_000 }, async () => {
    const prng = createPrng();
    const days: [string[], string[], string[]] = [[], [], []];
    const expected = new Map<string, (object | null)[]>();
    for (const [index, share] of [0, 0.02, 0.3, 1].entries()) {
      const symbol = `S${index}`;
      const start = randomBook(prng);
      const { book: last, changes } = changed(prng, start, 0.5);
      const at = MIDNIGHT_US - 1_000;
      days[0].push(
        ...rowsOf(symbol, at - 1_000, true, start),
        ...rowsOf(symbol, at, false, changes),
      );
      const { book: first } = changed(prng, last, share);
      days[1].push(...rowsOf(symbol, MIDNIGHT_US + 2_000, true, first));
      // The third day begins without one.
      const more = changed(prng, first, 0.5);
      days[2].push(...rowsOf(symbol, MIDNIGHT_US + 86_400_000_000, false, more.changes));
      const times = {
        ts_recv_before: `${at}000`,
        ts_recv_snapshot: `${MIDNIGHT_US + 2_000}000`,
        sequence_before: null,
        sequence_snapshot: null,
      };
      expected.set(symbol, [null, { ...times, ...expectedOf(last, first) }, null]);
    }
    const inputs = days.map((rows, day) => writeDay(`day${day}`, rows));
    for (const [name, workers] of [
      ['one', '1'],
      ['two', '2'],
    ] as const) {
      const found = (await auditOf(name, inputs, '--workers', workers)) as WithDayBefore[];
      for (const [symbol, values] of expected) {
        const own = found.filter((each) => each.symbol === symbol);
        expect(
          own.map(({ day_before: before }) => before),
          `${symbol}, seed ${prng.seed}`,
        ).toEqual(values);
      }
    }
  });

  it('is not made up where a day is missing', async () => {
    const prng = createPrng();
    const book = randomBook(prng);
    const inputs = [MIDNIGHT_US - 1_000, MIDNIGHT_US + 86_400_000_000].map((time, day) =>
      writeDay(`apart${day}`, rowsOf('S', time, true, book)),
    );
    const found = (await auditOf('apart', inputs)) as WithDayBefore[];
    expect(found.map(({ day_before: before }) => before)).toEqual([null, null]);
  });

  it('is the seed where a witness gives the first book', async () => {
    const lake = join(root, 'lake');
    const prng = createPrng();
    const qtys = Array.from({ length: 2 }, () => BigInt(prng.int(1, 9)));
    for (const [day, dt] of ['2026-01-01', '2026-01-02'].entries()) {
      const fixture = { exchange: 'BINANCE', symbol: 'A-B', dt };
      const start = 1_767_225_600_000_000_000n + BigInt(day) * 86_400_000_000_000n;
      const sequence = 1_000n + BigInt(day) * 100n;
      const levels = (sign: bigint, qtyPips: bigint) =>
        Array.from({ length: 20 }, (_, level) => ({
          pricePips: 10_000_000_000n + sign * 1_000_000n * BigInt(level + 1),
          qtyPips: level === 3 ? qtyPips * 100_000_000n : 200_000_000n,
        }));
      const [bids, asks] = [levels(-1n, qtys[day]!), levels(1n, 5n)];
      const stamp = { tsRecv: start, tsEvent: start, sequence };
      await writeLakeDeltas(lake, fixture, [lakeRow({ ...stamp, isBid: true, ...bids[0]! })]);
      await writeLakeBook(lake, fixture, [{ ...stamp, depth: 20, bids, asks }]);
    }
    const [first, second] = (await auditOf('lake-out', [lake])) as WithDayBefore[];
    const levels_differing = qtys[0] === qtys[1] ? 0 : 1;
    expect(first!.day_before).toBeNull();
    expect(second!.day_before).toMatchObject({
      sequence_before: '1000',
      sequence_snapshot: '1100',
      levels_equal: 40 - levels_differing,
      levels_differing,
      best_equal: true,
    });
  });

  it.skipIf(!hasSharedData)('is missing in a capture that goes on', async () => {
    const files = ['btcusdt_20240808.gz', 'btcusdt_20240809.gz'];
    const inputs = files.map((file) => sharedData(`captures/spot/${file}`));
    mkdirSync(root, { recursive: true });
    const found = (await auditOf('capture', inputs)) as WithDayBefore[];
    expect(found.map(({ day_before: before }) => before)).toEqual([null, null]);
  });
});
