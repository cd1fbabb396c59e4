import { BOOK_LIVE } from '#src/abi/book.js';
import { type BookOracle, type DepthRow, I64_MAX, I64_MIN, oracleDiff } from './book.js';
import type { Level } from './price-levels.js';

/** A row of a witness table; from the best level on. */
export interface WitnessLevels {
  readonly key: bigint;
  readonly bids: Level[];
  readonly asks: Level[];
}

export interface FollowOptions {
  /** Levels a side that the table has. */
  readonly levelCount: number;
  readonly keyMax: bigint;
  readonly keyOf: (row: DepthRow) => bigint;
  readonly suspectOnCross: boolean;
}

/** The next message and the next witness. */
export interface FollowPlace {
  readonly message: number;
  readonly witness: number;
}

/** What bookFollow must do with whole messages, in the plainest words. */
export function oracleFollow(
  oracle: BookOracle,
  messages: readonly DepthRow[][],
  witnesses: readonly WitnessLevels[],
  from: FollowPlace,
  options: FollowOptions,
): FollowPlace & { readonly stop: 'end' | 'host' } {
  let { message, witness } = from;
  while (message < messages.length) {
    const next = witnesses[witness];
    if (next === undefined || next.key > options.keyMax) return { message, witness, stop: 'host' };
    const comesNext = (): boolean =>
      message < messages.length && options.keyOf(messages[message]![0]!) <= next.key;
    if (!comesNext()) {
      if (!agreesPlainly(oracle, next, options.levelCount)) {
        return { message, witness, stop: 'host' };
      }
      witness++;
      continue;
    }
    while (comesNext()) oracle.apply(messages[message++]!);
    if (options.suspectOnCross && oracle.firstCrossTs !== 0n) {
      return { message, witness, stop: 'host' };
    }
  }
  return { message, witness, stop: 'end' };
}

/** Compares, and widens the known range where the witness agrees. */
function agreesPlainly(oracle: BookOracle, given: WitnessLevels, levelCount: number): boolean {
  const { bids, asks } = given;
  if (bids.length === 0 || asks.length === 0) return false;
  const [bestBid, bestAsk] = [oracle.bids.best, oracle.asks.best];
  const isCrossed = bestBid !== null && bestAsk !== null && bestBid.pricePips > bestAsk.pricePips;
  if (oracle.state !== BOOK_LIVE || isCrossed) return false;
  const limits = {
    bidPips: bids.length < levelCount ? I64_MIN : bids.at(-1)!.pricePips,
    askPips: asks.length < levelCount ? I64_MAX : asks.at(-1)!.pricePips,
  };
  if (oracleDiff(oracle, given, limits).rows.length > 0) return false;
  if (limits.bidPips < oracle.knownBidPips) oracle.knownBidPips = limits.bidPips;
  if (limits.askPips > oracle.knownAskPips) oracle.knownAskPips = limits.askPips;
  return true;
}
