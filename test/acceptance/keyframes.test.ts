import { readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateTape } from '#src/generate/generate-tape.js';
import { type BookMoment, bookAt } from '#src/worker/book-at.js';
import { lastRowAt, replayDepth } from '../oracle/depth-replay.js';
import { createPrng } from '../prng.js';
import { openDuckdb } from '../support/duckdb.js';
import { type KeyframeRows, readKeyframes } from '../support/keyframe-rows.js';
import { writeLakeBook, writeLakeDeltas } from '../support/lake-fixture.js';
import {
  type DepthColumns,
  filesBelow,
  instrumentIn,
  readAudit,
  readDepth,
  readManifest,
} from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { randomLake } from '../support/random-lake.js';
import { differingPaths } from '../support/same-bytes.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const MOMENTS = 200;
const KEYFRAME_ROWS = 32_768;
const DEPTH_SHARE = 0.05;

const root = temporaryFolder();
const lake = join(root, 'lake');
const out = join(root, 'out');
const bare = join(root, 'bare');
const prng = createPrng();
const where = `seed ${prng.seed}`;

/** Generated without a fault, and random markets that go wrong in every way. */
const GENERATED = { exchange: 'BINANCE', symbol: 'SYM-0001-USDT', dt: '2026-01-01' };
const WRONG = ['LOSSY', 'DEEP'].map((symbol) => ({ exchange: 'TEST', symbol, dt: '2026-01-01' }));
const SYNTHETIC = [GENERATED, ...WRONG];

interface Instrument {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
}

const partition = ({ exchange, symbol, dt }: Instrument): string =>
  `exchange=${exchange}/symbol=${symbol}/dt=${dt}`;

async function run(input: string, to: string, ...options: readonly string[]): Promise<void> {
  const args = ['--no-sync', '--tables', 'depth,keyframes', ...options];
  await depthmillDone(['run', input, '-o', to, ...args]);
}

let db: DuckDBConnection;

beforeAll(async () => {
  db = await openDuckdb();
  await generateTape({ out: lake, events: 250_000, layout: 'lake' });
  const faults = { messages: 25_000, loss: 0.02, refusal: 0.002, witness: 0.02, invalid: 0.03 };
  for (const [k, instrument] of WRONG.entries()) {
    const market = randomLake(prng, { ...faults, depth: k === 0 ? 15 : 120 });
    await writeLakeDeltas(lake, instrument, market.lakeRows);
    await writeLakeBook(lake, instrument, market.lakeWitnesses);
  }
  await run(lake, out, '--workers', '2');
}, 120_000);

describe.each(SYNTHETIC)('keyframes of $symbol', (instrument) => {
  let depth: DepthColumns;
  let keyframes: KeyframeRows[];
  const rows = (): number[] => keyframes.map(({ row }) => Number(row));

  beforeAll(async () => {
    depth = await readDepth(db, out, partition(instrument));
    keyframes = await readKeyframes(db, out, partition(instrument));
  });

  it(`are the books that a replay has there (${where})`, () => {
    expect(keyframes.length).toBeGreaterThan(3);
    const replayed = replayDepth(depth, rows());
    for (const [k, { row, bids, asks, digest, state }] of replayed.entries()) {
      const keyframe = keyframes[k]!;
      expect({ ...keyframe, part: 0 }, where).toEqual({
        keyframe: k,
        tsRecv: depth.tsRecv[row],
        tsEvent: depth.tsEvent[row],
        sequence: depth.sequence[row],
        state,
        part: 0,
        row: BigInt(row),
        digest,
        bids,
        asks,
      });
    }
  });

  it(`lead, from each of them on, to the book at the end (${where})`, () => {
    const { digest } = instrumentIn(readAudit(out), instrument.exchange, instrument.symbol);
    const last = depth.flags.length - 1;
    for (const { row, bids, asks } of keyframes) {
      const [end] = replayDepth(depth, [last], { row: Number(row), bids, asks });
      expect(end?.digest ?? digest, `from row ${row}, ${where}`).toBe(digest);
    }
  });

  it('stand every 32,768 rows at most, and at the end, which the manifest names', () => {
    const places = rows();
    const apart = places.map((row, k) => row - (places[k - 1] ?? -1));
    expect(Math.max(...apart)).toBeLessThan(2 * KEYFRAME_ROWS);
    expect(places.at(-1)).toBe(depth.flags.length - 1);
    const [part] = readManifest(out).parts.filter(({ path }) =>
      path.startsWith(`depth/${partition(instrument)}`),
    );
    expect(part?.keyframe).toBe(keyframes.length - 1);
    expect(part?.digest).toBe(keyframes.at(-1)?.digest);
  });

  it('take less than 5 % of the bytes of depth', () => {
    const bytes = (table: string): number => {
      const folder = join(out, table, partition(instrument));
      return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    };
    expect(bytes('keyframes') / bytes('depth')).toBeLessThan(DEPTH_SHARE);
  });
});

it('are the same bytes whatever the workers and batches', async () => {
  for (const options of [
    ['--workers', '1'],
    ['--workers', '3', '--batch-rows', '7777'],
  ]) {
    const other = join(root, `other-${options.length}`);
    await run(lake, other, ...options);
    expect(differingPaths(out, other)).toEqual([]);
  }
});

it('are written on demand only, and change no other file', async () => {
  await depthmillDone(['run', lake, '-o', bare, '--no-sync']);
  expect(filesBelow(bare).filter((path) => path.startsWith('keyframes/'))).toEqual([]);
  const depthFiles = (paths: readonly string[]) => paths.filter((path) => /^depth\//.test(path));
  expect(depthFiles(differingPaths(out, bare))).toEqual([]);
  expect(readManifest(bare).parts.every(({ keyframe }) => keyframe === null)).toBe(true);
});

/** What `book --at` says, against the replay of the rows. */
async function compareMoments(folder: string, instrument: Instrument): Promise<void> {
  const depth = await readDepth(db, folder, partition(instrument));
  const [first, last] = [depth.tsRecv[0]!, depth.tsRecv.at(-1)!];
  const moments = Array.from({ length: MOMENTS }, () => {
    const near = depth.tsRecv[prng.int(0, depth.tsRecv.length)]!;
    const share = BigInt(prng.int(0, 1_000_000));
    const between = first + ((last - first) * share) / 1_000_000n;
    return prng.chance(0.3) ? near + BigInt(prng.int(-1, 2)) : between;
  });
  const atEdges = [first - 1n, first, last - 1n, last, last + 1_000_000_000n];
  const wanted = [...moments, ...atEdges].map((atNs) => ({ atNs, row: lastRowAt(depth, atNs) }));
  const seen = wanted.filter(({ row }) => row >= 0).sort((a, b) => a.row - b.row);
  const books = replayDepth(
    depth,
    seen.map(({ row }) => row),
  );
  const byRow = new Map(books.map((book) => [book.row, book]));
  for (const { atNs, row } of wanted) {
    const moment = await momentOf(folder, instrument, atNs);
    const book = byRow.get(row);
    const top = prng.int(1, 30);
    expect({ atNs, ...shown(moment, top) }, where).toEqual({
      atNs,
      tsRecv: depth.tsRecv[row] ?? null,
      sequence: depth.sequence[row] ?? null,
      flags: depth.flags[row] ?? null,
      state: book?.state ?? 'unseeded',
      bids: book?.bids.slice(0, top) ?? [],
      asks: book?.asks.slice(0, top) ?? [],
      bidCount: book?.bids.length ?? 0,
      askCount: book?.asks.length ?? 0,
      digest: book?.digest ?? moment.digest,
    });
  }
}

const momentOf = (folder: string, instrument: Instrument, atNs: bigint): Promise<BookMoment> =>
  bookAt({
    out: folder,
    atNs,
    depth: 100,
    selection: {
      exchanges: [instrument.exchange],
      symbols: [instrument.symbol],
      fromNs: null,
      toNs: null,
      limit: null,
    },
  });

function shown({ last, state, bids, asks, bidCount, askCount, digest }: BookMoment, top: number) {
  return {
    tsRecv: last?.tsRecv ?? null,
    sequence: last?.sequence ?? null,
    flags: last?.flags ?? null,
    state,
    bids: bids.slice(0, top),
    asks: asks.slice(0, top),
    bidCount,
    askCount,
    digest,
  };
}

describe(`a book at ${MOMENTS} random moments is the replayed one (${where})`, () => {
  it.each(SYNTHETIC)('$symbol', { timeout: 60_000 }, (instrument) =>
    compareMoments(out, instrument),
  );

  it.each(SYNTHETIC)('$symbol, without keyframes', { timeout: 60_000 }, async (instrument) => {
    renameSync(join(out, 'keyframes'), join(out, 'hidden'));
    try {
      await compareMoments(out, instrument);
    } finally {
      renameSync(join(out, 'hidden'), join(out, 'keyframes'));
    }
  });

  it.skipIf(!hasSharedData)('of the recordings', { timeout: 120_000 }, async () => {
    const real = join(root, 'real');
    await run(sharedData('lake'), real);
    for (const { exchange, symbol, dt } of readAudit(real).instruments) {
      await compareMoments(real, { exchange, symbol, dt });
    }
  });
});
