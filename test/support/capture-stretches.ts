import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Level, PriceLevels } from '../oracle/price-levels.js';
import type { StreamMessage, StreamPolicy } from '../oracle/stream-rows.js';
import type { Prng } from '../prng.js';
import { sharedData } from './shared-data.js';

// Short stretches of the real recordings, each with a snapshot to begin with: what the exchange
// would have answered there, from the whole book rebuilt in the plainest way.

const NS_A_MS = 1_000_000n;
const PIPS_DIGITS = 8;

/** One update as it was recorded. */
export interface CaptureUpdate extends StreamMessage {
  /** What stands behind the time. */
  readonly json: string;
}

export interface CaptureMarket {
  readonly name: 'spot' | 'usdm' | 'cm';
  readonly policy: StreamPolicy;
  readonly symbol: string;
  readonly updates: readonly CaptureUpdate[];
  /** Trades and tickers, as whole lines. */
  readonly others: readonly { readonly tsRecv: bigint; readonly line: string }[];
  /** The snapshot that the recording itself has. */
  readonly snapshot: { readonly id: bigint; readonly levels: readonly Change[] };
}

export interface Change {
  readonly isBid: boolean;
  readonly pricePips: bigint;
  readonly qtyPips: bigint;
}

/** A whole book after one of a market's updates. */
export interface WholeBook {
  readonly id: bigint;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

const FILES = {
  spot: ['spot/btcusdt_20240808', 'spot/btcusdt_20240809'],
  usdm: ['usdm/ethusdt_20240808'],
  cm: ['cm/ethusd_perp_20240808', 'cm/ethusd_perp_20240809'],
} as const;

export const CAPTURE_MARKETS = Object.keys(FILES) as readonly CaptureMarket['name'][];

/** @param updatesMax read so many updates only: a short run needs no more */
export function loadCapture(name: CaptureMarket['name'], updatesMax: number): CaptureMarket {
  const updates: CaptureUpdate[] = [];
  const others: { tsRecv: bigint; line: string }[] = [];
  let snapshot: CaptureMarket['snapshot'] | null = null;
  for (const file of FILES[name]) {
    const text = gunzipSync(readFileSync(sharedData(`captures/${file}.gz`))).toString();
    for (const line of text.trimEnd().split('\n')) {
      const json = line.slice(line.indexOf(' ') + 1);
      if (updates.length === updatesMax) break;
      if (json.includes('"depthUpdate"')) updates.push(updateOf(line, json));
      else if (json.startsWith('{"lastUpdateId"')) snapshot = snapshotOf(json);
      else others.push({ tsRecv: BigInt(line.slice(0, line.indexOf(' '))), line });
    }
  }
  const symbol = /"s":"([^"]+)"/.exec(updates[0]!.json)![1]!;
  const policy = name === 'spot' ? 'contiguous' : 'chain';
  return { name, policy, symbol, updates, others, snapshot: snapshot! };
}

function updateOf(line: string, json: string): CaptureUpdate {
  // Ids and times beyond 2^53 stay texts.
  const { data } = JSON.parse(json.replaceAll(/:(\d+)/g, ':"$1"'));
  const tsRecv = BigInt(line.slice(0, line.indexOf(' ')));
  const tsEvent = BigInt(data.T ?? data.E) * NS_A_MS;
  const first = BigInt(data.U);
  const ids = { first, last: BigInt(data.u), prev: BigInt(data.pu ?? first - 1n) };
  const stamp = { tsRecv, tsEvent, ...ids, isSnapshot: false };
  const rows = [...changesOf(data.b, true), ...changesOf(data.a, false)];
  const none = { isBid: false, pricePips: 0n, qtyPips: 0n };
  return {
    json,
    ...stamp,
    rows: (rows.length > 0 ? rows : [none]).map((row) => ({ ...stamp, ...row })),
  };
}

function snapshotOf(json: string): CaptureMarket['snapshot'] {
  const { lastUpdateId, bids, asks } = JSON.parse(json.replaceAll(/:(\d+)/g, ':"$1"'));
  return {
    id: BigInt(lastUpdateId),
    levels: [...changesOf(bids, true), ...changesOf(asks, false)],
  };
}

const changesOf = (levels: readonly [string, string][], isBid: boolean): Change[] =>
  levels.map(([price, qty]) => ({ isBid, pricePips: pips(price), qtyPips: pips(qty) }));

function pips(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(PIPS_DIGITS, '0'));
}

export function textOfPips(value: bigint): string {
  const digits = value.toString().padStart(PIPS_DIGITS + 1, '0');
  return `${digits.slice(0, -PIPS_DIGITS)}.${digits.slice(-PIPS_DIGITS)}`;
}

/** The whole books after these updates (indices, ascending), by one replay of the market. */
export function wholeBooks(
  market: CaptureMarket,
  indices: readonly number[],
): Map<number, WholeBook> {
  const bids = new PriceLevels(true);
  const asks = new PriceLevels(false);
  const apply = ({ isBid, pricePips, qtyPips }: Change): void =>
    (isBid ? bids : asks).set(pricePips, qtyPips);
  for (const level of market.snapshot.levels) apply(level);
  const wanted = new Set(indices);
  const books = new Map<number, WholeBook>();
  for (const [index, { last, rows }] of market.updates.entries()) {
    if (last <= market.snapshot.id) continue;
    for (const row of rows) apply(row);
    if (!wanted.has(index)) continue;
    books.set(index, { id: last, bids: bids.top(bids.count), asks: asks.top(asks.count) });
  }
  return books;
}

/** A line of a stretch, with its place in time. */
export interface StretchLine {
  readonly tsRecv: bigint;
  readonly message: StreamMessage;
  /** Behind the time. */
  readonly json: string;
}

/** Where a stretch lies: indices of updates; a snapshot of the book after `of` stands behind `behind`. */
export interface StretchPlan {
  readonly start: number;
  readonly end: number;
  readonly snapshots: readonly {
    readonly of: number;
    readonly behind: number;
    readonly levels: number;
  }[];
}

export function planStretch(prng: Prng, market: CaptureMarket, lengthNs: bigint): StretchPlan {
  const { updates, snapshot } = market;
  const from = updates.findIndex(({ last }) => last > snapshot.id) + 1;
  const endNs = updates.at(-1)!.tsRecv - lengthNs;
  const startMax = updates.findLastIndex(({ tsRecv }) => tsRecv < endNs);
  const start = prng.int(from, startMax);
  let end = start;
  while (updates[end]!.tsRecv < updates[start]!.tsRecv + lengthNs) end++;
  const levels = prng.int(20, 400);
  const of = start + 2;
  const snapshots = [{ of, behind: of + prng.int(0, 3), levels }];
  if (prng.chance(0.5)) {
    // Of a later book, received a little late or ahead of the stream: it ends all doubt.
    const lateNs = updates[end]!.tsRecv - (lengthNs * BigInt(prng.int(5, 80))) / 100n;
    const later = updates.findIndex(({ tsRecv }) => tsRecv > lateNs);
    snapshots.push({ of: later, behind: later + prng.int(-3, 4), levels });
  }
  return { start, end, snapshots };
}

/** The lines of a stretch as they would have been recorded. */
export function stretchLines(
  market: CaptureMarket,
  { start, end, snapshots }: StretchPlan,
  books: ReadonlyMap<number, WholeBook>,
): StretchLine[] {
  return market.updates.slice(start, end).flatMap((update, index): StretchLine[] => {
    const { tsRecv, json } = update;
    const own = { tsRecv, json, message: update };
    const here = snapshots.filter(({ behind }) => behind === start + index);
    const behind = here.map(({ of, levels }) =>
      snapshotLine(market, books.get(of)!, { tsRecv: tsRecv + 1n, levels }),
    );
    return [own, ...behind];
  });
}

function snapshotLine(
  { name }: CaptureMarket,
  { id, bids, asks }: WholeBook,
  { tsRecv, levels }: { readonly tsRecv: bigint; readonly levels: number },
): StretchLine {
  // Spot's replies have no times: the receive time stands in their place.
  const eventMs = tsRecv / NS_A_MS;
  const times = name === 'spot' ? '' : `"E":${eventMs},"T":${eventMs},`;
  const tsEvent = name === 'spot' ? tsRecv : eventMs * NS_A_MS;
  const sides = { bids: bids.slice(0, levels), asks: asks.slice(0, levels) };
  const textOf = (side: readonly Level[]): string =>
    side
      .map(({ pricePips, qtyPips }) => `["${textOfPips(pricePips)}","${textOfPips(qtyPips)}"]`)
      .join();
  const json = `{"lastUpdateId":${id},${times}"bids":[${textOf(sides.bids)}],"asks":[${textOf(sides.asks)}]}`;
  const stamp = { tsRecv, tsEvent, first: id, last: id, prev: id, isSnapshot: true };
  const rows = [
    ...sides.bids.map((level) => ({ ...stamp, isBid: true, ...level })),
    ...sides.asks.map((level) => ({ ...stamp, isBid: false, ...level })),
  ];
  return { tsRecv, json, message: { ...stamp, rows } };
}

/** A line at another place of the recording: it has the time of that place. */
export function lineAt(line: StretchLine, tsRecv: bigint): StretchLine {
  const { message } = line;
  const rows = message.rows.map((row) => ({ ...row, tsRecv }));
  return { ...line, tsRecv, message: { ...message, tsRecv, rows } };
}
