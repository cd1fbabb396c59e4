import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FLAG_DEPTH_UNKNOWN, FLAG_MAYBE_BAD_BOOK } from '#src/abi/flags.js';
import { agreementByTime, type TimedState } from '../oracle/witness-states.js';
import { createPrng, type Prng } from '../prng.js';
import {
  CAPTURES,
  type CaptureLine,
  captureLines,
  pipsOf,
  TextBook,
} from '../support/capture-messages.js';
import { openDuckdb } from '../support/duckdb.js';
import { instrumentIn, levelsLine, readAudit, readBook } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const root = temporaryFolder();
/** Exchange time for which the best prices may be wrong before a quote shows it. */
const UNSEEN_NS = 300_000_000n;

const DEPTH = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';
const QUOTES =
  'exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount';

/** Times in µs, as Tardis has them. */
const START_US = 1_767_229_200_000_000;

interface Market {
  readonly depth: string[];
  readonly quotes: string[];
  readonly states: TimedState[];
  readonly rows: TimedState[];
}

const bestText = (bidQty: number, askQty: number): string => `${bidQty} ${askQty}`;

/** Only the sizes of two levels change; a quote shows a state of the book, near or far, or none. */
function randomMarket(
  prng: Prng,
  symbol: string,
  steps: { message: number; quote: number },
): Market {
  const market: Market = { depth: [], quotes: [], states: [], rows: [] };
  const step = (most: number): number => prng.int(1, most) * 1_000;
  for (let [message, time] = [0, START_US]; message < 150; message++, time += step(steps.message)) {
    const [bid, ask] = [prng.int(1, 4), prng.int(1, 4)];
    for (const [side, price, qty] of [
      ['bid', 100, bid],
      ['ask', 101, ask],
    ]) {
      market.depth.push(
        `x,${symbol},${time},${time + 5_000},${message === 0},${side},${price},${qty}`,
      );
    }
    market.states.push({ time: BigInt(time) * 1_000n, best: bestText(bid, ask) });
  }
  const end = Number(market.states.at(-1)!.time / 1_000n) + 200_000;
  for (let time = START_US - 300_000; time < end; time += step(steps.quote)) {
    const near = market.states.filter((state) => state.time <= BigInt(time) * 1_000n).at(-1);
    const isNear = near !== undefined && prng.chance(0.6);
    const best = isNear ? near.best : bestText(prng.int(1, 4), prng.int(1, 4));
    const [bid, ask] = best.split(' ');
    market.quotes.push(`x,${symbol},${time},${time + 3_000},${ask},101,100,${bid}`);
    market.rows.push({ time: BigInt(time) * 1_000n, best });
  }
  return market;
}

describe('quotes without ids', () => {
  it('agree where any state within 100 ms does, and nowhere else', {
    timeout: 60_000,
  }, async () => {
    const prng = createPrng();
    const markets = new Map<string, Market>();
    for (const message of [20, 120, 400]) {
      for (const quote of [10, 90, 500]) {
        const symbol = `M${message}Q${quote}`;
        markets.set(symbol, randomMarket(prng, symbol, { message, quote }));
      }
    }
    const text = (table: 'depth' | 'quotes', header: string): string =>
      `${[header, ...[...markets.values()].flatMap((market) => market[table])].join('\n')}\n`;
    writeFileSync(join(root, 'depth.csv'), text('depth', DEPTH));
    writeFileSync(join(root, 'quotes.csv'), text('quotes', QUOTES));
    const out = join(root, 'out');
    const inputs = ['depth.csv', 'quotes.csv'].map((name) => join(root, name));
    await depthmillDone(['run', ...inputs, '-o', out, '--json']);
    const audit = readAudit(out);
    for (const [symbol, { states, rows }] of markets) {
      const { witness } = instrumentIn(audit, 'x', symbol);
      const expected = agreementByTime(states, rows);
      expect({ symbol, seed: prng.seed, ...witness[0] }).toMatchObject(expected);
      expect(witness[0]!.compared + witness[0]!.passed).toBe(rows.length);
    }
  });
});

describe('tables of any source', () => {
  it('quotes by id and levels by time are each a witness of their own', async () => {
    const folder = join(root, 'generic/exchange=x/symbol=S/dt=2026-01-01');
    mkdirSync(folder, { recursive: true });
    const at = (second: number): string => `${START_US + second * 1_000_000}000`;
    const write = (name: string, rows: readonly (readonly unknown[])[]): void =>
      writeFileSync(join(folder, name), `${rows.map((row) => row.join()).join('\n')}\n`);
    write('depth.csv', [
      ['ts_recv', 'first_update_id', 'update_id', 'is_snapshot', 'side', 'price', 'qty'],
      [at(0), 10, 10, true, 'bid', 100, 1],
      [at(0), 10, 10, true, 'ask', 101, 1],
      [at(1), 11, 15, false, 'bid', 100, 2],
      [at(2), 16, 20, false, 'ask', 101, 3],
      [at(3), 21, 25, false, 'bid', 100, 4],
    ]);
    // The row of id 12 is passed, that of 20 is wrong.
    write('quotes.csv', [
      ['ts_recv', 'update_id', 'bid_price', 'bid_qty', 'ask_price', 'ask_qty'],
      [at(1), 12, 100, 7, 101, 1],
      [at(1), 14, 100, 2, 101, 1],
      [at(2), 20, 100, 2, 101, 9],
      [at(3), 21, 100, 4, 101, 3],
    ]);
    write('levels.csv', [
      ['ts_recv', 'bid_0_price', 'bid_0_qty', 'bid_1_price', 'bid_1_qty'].concat([
        'ask_0_price',
        'ask_0_qty',
        'ask_1_price',
        'ask_1_qty',
      ]),
      [at(1), 100, 2, '', '', 101, 1, '', ''],
      [at(3), 100, 5, '', '', 101, 3, '', ''],
    ]);
    const out = join(root, 'generic-out');
    await depthmillDone(['run', join(root, 'generic'), '-o', out, '--json']);
    const { witness, policy, gaps } = readAudit(out).instruments[0]!;
    expect({ policy, gaps }).toEqual({ policy: 'contiguous', gaps: [] });
    const [levels, quotes] = witness;
    // Nothing came behind the last row: whether any state agrees is not known.
    expect(levels).toMatchObject({ kind: 'book_snapshot_2', compared: 1, agreed: 1, passed: 1 });
    expect(quotes).toMatchObject({ kind: 'quotes', compared: 3, agreed: 2, passed: 1 });
  });
});

/**
 * Rows of `book` whose best prices are not `truth` at their ts_recv: how many, how many of those are
 * marked, and how many are not though they are wrong for longer than UNSEEN_NS.
 */
async function wrongRows(out: string, truth: ReadonlyMap<bigint, string>) {
  const ours = await readBook(await openDuckdb(), out, 1, '**', { hasIds: false });
  let wrongSince: bigint | null = null;
  const counts = { wrong: 0, unseen: 0, marked: 0, rightMarked: 0, rows: ours.levels.length };
  for (const [row, levels] of ours.levels.entries()) {
    const isMarked = (ours.flags[row]! & (FLAG_MAYBE_BAD_BOOK | FLAG_DEPTH_UNKNOWN)) !== 0;
    if (levels === truth.get(ours.tsRecv[row]!)) {
      wrongSince = null;
      if (isMarked) counts.rightMarked++;
      continue;
    }
    counts.wrong++;
    if (isMarked) counts.marked++;
    wrongSince ??= ours.tsEvent[row]!;
    if (!isMarked && ours.tsEvent[row]! - wrongSince > UNSEEN_NS) counts.unseen++;
  }
  return counts;
}

describe.skipIf(!hasSharedData)('messages that are missing from a stream without ids', () => {
  it('are seen by quotes while the best prices are wrong', { timeout: 120_000 }, async () => {
    const capture = CAPTURES[1]!;
    const { exchange, symbol } = capture;
    const file = `tardis/${exchange}_incremental_book_L2_2024-08-08_${symbol}.csv.gz`;
    const [header, ...lines] = gunzipSync(readFileSync(sharedData(file)))
      .toString()
      .trim()
      .split('\n');
    const groups = new Map<string, string[]>();
    for (const line of lines) {
      const time = line.split(',', 4)[3]!;
      groups.set(time, [...(groups.get(time) ?? []), line]);
    }
    const times = [...groups.keys()];
    const prng = createPrng();
    const lost = new Set<string>();
    for (let at = 300; at < times.length - 300; at += 500) {
      const hole = at + prng.int(0, 100);
      for (const time of times.slice(hole, hole + 5)) lost.add(time);
    }
    const folder = join(root, 'holes');
    const kept = lines.filter((line) => !lost.has(line.split(',', 4)[3]!));
    const depth = join(root, `${exchange}_incremental_book_L2_2024-08-08_${symbol}.csv`);
    writeFileSync(depth, `${[header, ...kept].join('\n')}\n`);
    const quotes = captureLines(capture.files)
      .filter(({ kind }) => kind === 'ticker')
      .map(({ tsRecv, fields: { T, A, a, b, B } }) =>
        [exchange, symbol, `${T}000`, tsRecv / 1_000n, A, a, b, B].join(),
      );
    const quotesFile = join(root, `${exchange}_quotes_2024-08-08_${symbol}.csv`);
    writeFileSync(quotesFile, `${[QUOTES, ...quotes].join('\n')}\n`);
    await depthmillDone(['run', depth, quotesFile, '-o', folder, '--json']);

    const truth = new Map<bigint, string>();
    const book = new TextBook();
    for (const [time, rows] of groups) {
      for (const row of rows) {
        const [, , , , , side, price, qty] = row.split(',') as string[];
        const levels = side === 'bid' ? book.bids : book.asks;
        levels.set(pipsOf(price!), pipsOf(qty!));
      }
      truth.set(BigInt(time) * 1_000n, levelsLine(book.bids.top(1), book.asks.top(1), 1));
    }
    const counts = await wrongRows(folder, truth);
    const { gaps } = instrumentIn(readAudit(folder), exchange, symbol);
    console.log(`${lost.size} messages lost (seed ${prng.seed}):`, counts, `${gaps.length} gaps`);
    expect(counts).toMatchObject({ unseen: 0 });
    expect(counts.wrong).toBeGreaterThan(50);
    expect(gaps.every(({ proven }) => !proven)).toBe(true);
    expect(gaps.length).toBeGreaterThan(0);
  });

  it('are proven in a capture, whose tickers tell when the best prices are right again', {
    timeout: 120_000,
  }, async () => {
    const [file] = CAPTURES[1]!.files;
    const lines = gunzipSync(readFileSync(sharedData(file!)))
      .toString()
      .trim()
      .split('\n');
    const isUpdate = (line: string): boolean => line.includes('"depthUpdate"');
    const updates = lines.filter(isUpdate);
    const prng = createPrng();
    const lost = new Set<string>();
    const holes = Array.from({ length: 12 }, (_, hole) => 300 + hole * 500 + prng.int(0, 100));
    for (const hole of holes) for (const line of updates.slice(hole, hole + 5)) lost.add(line);
    const input = join(root, 'usdm_ethusdt_20240808.txt');
    writeFileSync(input, `${lines.filter((line) => !lost.has(line)).join('\n')}\n`);
    const out = join(root, 'capture-holes');
    await depthmillDone(['run', input, '-o', out, '--json']);

    const truth = new Map<bigint, string>();
    const book = new TextBook();
    let id = -1n;
    const early: CaptureLine[] = [];
    for (const line of captureLines([file!])) {
      const { kind, tsRecv, fields } = line;
      if (kind === 'snapshot') {
        id = BigInt(fields.lastUpdateId!);
        book.set(fields.bids!, fields.asks!);
      } else if (id < 0n && kind === 'update') early.push(line);
      if (id < 0n || (kind !== 'snapshot' && kind !== 'update')) continue;
      for (const update of kind === 'snapshot' ? early : [line]) {
        if (BigInt(update.fields.u!) > id) book.set(update.fields.b, update.fields.a);
      }
      truth.set(tsRecv, levelsLine(book.bids.top(1), book.asks.top(1), 1));
    }
    const counts = await wrongRows(out, truth);
    const { gaps, witness, quality } = readAudit(out).instruments[0]!;
    console.log(`${lost.size} messages lost (seed ${prng.seed}):`, counts, witness);
    expect(gaps.filter(({ proven }) => proven)).toHaveLength(holes.length);
    // What a lost message left behind the best levels shows when it comes to the front.
    expect(counts.unseen).toBe(0);
    expect(counts.wrong - counts.marked).toBeLessThanOrEqual(holes.length);
    expect(quality.filter(({ state }) => state === 'suspect').length).toBeGreaterThan(0);
    expect(counts.rightMarked).toBeLessThan(0.1 * counts.rows);
  });
});
