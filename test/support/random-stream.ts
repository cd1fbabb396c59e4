import { type Level, PriceLevels } from '../oracle/price-levels.js';
import type { StreamPolicy, StreamRow } from '../oracle/stream-rows.js';
import type { Prng } from '../prng.js';

// Small random markets as an exchange sends them, with ids and snapshots, and with what goes wrong
// on the way. The market itself never errs; what a broken stream makes of it is the oracle's to say.

const TICK_PIPS = 1_000_000n;
const UNIT_PIPS = 100_000_000n;
const DAY_START_NS = 1_767_225_600_000_000_000n;

export interface StreamFaults {
  readonly policy: StreamPolicy;
  readonly messages: number;
  /** Probabilities, each for a message. */
  readonly loss: number;
  readonly duplicate: number;
  readonly swap: number;
  readonly truncation: number;
  /** Ids fall to a new start. */
  readonly reset: number;
  /** Probability that a snapshot is asked for behind a message; the first behind the third. */
  readonly snapshot: number;
  /** Messages that a snapshot is late at the most; below 0: it may be ahead of the stream by so many. */
  readonly lateness: readonly [from: number, to: number];
  /** Levels that a snapshot asks for; levels that the market holds at each side, about. */
  readonly snapshotLevels: number;
  readonly depth: number;
  /** Longest time between two messages. */
  readonly pauseNsMax: number;
}

type Change = Pick<StreamRow, 'isBid' | 'pricePips' | 'qtyPips'>;

interface Sent {
  readonly first: bigint;
  readonly last: bigint;
  readonly prev: bigint;
  readonly isSnapshot: boolean;
  readonly changes: readonly Change[];
}

/** Rows as a recorder writes them, in the order in which it received them. */
export function randomStream(prng: Prng, faults: StreamFaults): StreamRow[] {
  const sent = withFaults(prng, faults, sendAll(prng, faults));
  let tsRecv = DAY_START_NS;
  return sent.flatMap(({ changes, ...ids }) => {
    // Without ids a stamp is what tells messages apart; a snapshot may share that of the next one.
    const isSameStamp = faults.policy === 'snapshot' && ids.isSnapshot && prng.chance(0.5);
    const own = tsRecv;
    if (!isSameStamp) tsRecv += BigInt(prng.int(1_000_000, faults.pauseNsMax));
    const tsEvent = own - BigInt(prng.int(-5_000_000, 20_000_000));
    return changes.map((change) => ({ tsRecv: own, tsEvent, ...ids, ...change }));
  });
}

function sendAll(prng: Prng, faults: StreamFaults): Sent[] {
  const market = new Market(prng, faults);
  const sent: Sent[] = [];
  const snapshots: { readonly at: number; readonly snapshot: Sent }[] = [];
  for (let i = 0; i < faults.messages; i++) {
    const message = market.next();
    const isAsked = i === 2 ? faults.snapshot > 0 : prng.chance(faults.snapshot);
    if (isAsked) {
      const [from, to] = faults.lateness;
      snapshots.push({ at: i + prng.int(from, to + 1), snapshot: market.snapshot(message) });
    }
    sent.push(message);
  }
  const all: Sent[] = [];
  for (let i = 0; i < sent.length; i++) {
    all.push(sent[i]!);
    for (const { at, snapshot } of snapshots) if (at === i) all.push(snapshot);
  }
  return all;
}

function withFaults(prng: Prng, faults: StreamFaults, sent: readonly Sent[]): Sent[] {
  const received: Sent[] = [];
  for (let i = 0; i < sent.length; i++) {
    const message = sent[i]!;
    if (message.isSnapshot) {
      received.push(message);
      continue;
    }
    if (prng.chance(faults.loss)) continue;
    const next = sent[i + 1];
    if (next !== undefined && !next.isSnapshot && prng.chance(faults.swap)) {
      received.push(next, message);
      i++;
      continue;
    }
    const kept = prng.chance(faults.truncation) ? prng.int(1, message.changes.length + 1) : null;
    const cut = { ...message, changes: message.changes.slice(0, kept ?? undefined) };
    received.push(cut);
    if (prng.chance(faults.duplicate)) {
      // At once, or after the next ones.
      const behind = sent.slice(i + 1, i + 1 + prng.int(0, 4)).filter((each) => !each.isSnapshot);
      received.push(...behind, cut, ...behind.slice(0, prng.int(0, 2)));
      i += behind.length;
      for (; sent[i + 1]?.isSnapshot === true && behind.length > 0; i++)
        received.push(sent[i + 1]!);
    }
  }
  return received;
}

/** A market that wanders, and numbers its changes. */
class Market {
  readonly #prng: Prng;
  readonly #faults: StreamFaults;
  readonly #bids = new PriceLevels(true);
  readonly #asks = new PriceLevels(false);
  #middleTicks = 6_000_000n;
  #id = 5_000_000_000_000n;
  /** Levels before the last message, for snapshots that lie inside it. */
  #before: { bids: Level[]; asks: Level[] } = { bids: [], asks: [] };

  constructor(prng: Prng, faults: StreamFaults) {
    this.#prng = prng;
    this.#faults = faults;
    for (let i = 0; i < faults.depth; i++) {
      this.#randomChange(true);
      this.#randomChange(false);
    }
  }

  next(): Sent {
    const prng = this.#prng;
    this.#before = this.#levels();
    if (prng.chance(this.#faults.reset)) this.#id -= 1_000_000_000n;
    const prev = this.#id;
    // Futures share their ids among all symbols: the next message begins somewhere above.
    const first = this.#faults.policy === 'chain' ? prev + BigInt(prng.int(1, 40)) : prev + 1n;
    this.#id = first + BigInt(prng.int(0, 20));
    this.#middleTicks += BigInt(prng.int(-6, 7));
    const changes: Change[] = [];
    for (const isBid of [true, false]) {
      for (const { pricePips } of this.#passed(isBid)) {
        changes.push({ isBid, pricePips, qtyPips: 0n });
        this.#side(isBid).set(pricePips, 0n);
      }
    }
    const count = prng.int(1, 9);
    for (let i = 0; i < count; i++) changes.push(this.#randomChange(prng.chance(0.5)));
    return this.#numbered({ first, last: this.#id, prev, isSnapshot: false, changes });
  }

  /** What a snapshot that was asked for now says; its id may lie inside the last message. */
  snapshot({ first, last }: Sent): Sent {
    const prng = this.#prng;
    const isInside = last > first && prng.chance(0.3);
    const id = isInside ? first + BigInt(prng.int(0, Number(last - first))) : last;
    const { bids, asks } = isInside ? this.#before : this.#levels();
    const isEmpty = prng.chance(0.05);
    const count = isEmpty ? 0 : this.#faults.snapshotLevels;
    // Now and then one side is thin, or not there.
    const bidCount = prng.chance(0.2) ? prng.int(0, count + 1) : count;
    const changes: Change[] = [
      ...bids.slice(0, bidCount).map((level) => ({ isBid: true, ...level })),
      ...asks.slice(0, count).map((level) => ({ isBid: false, ...level })),
    ];
    if (changes.length === 0) changes.push({ isBid: true, pricePips: 0n, qtyPips: 0n });
    return this.#numbered({ first: id, last: id, prev: id, isSnapshot: true, changes });
  }

  #numbered(message: Sent): Sent {
    const { policy } = this.#faults;
    if (policy === 'snapshot') return { ...message, first: 0n, last: 0n, prev: 0n };
    return policy === 'monotonic' ? { ...message, first: message.last } : message;
  }

  #levels(): { bids: Level[]; asks: Level[] } {
    return { bids: this.#bids.top(this.#bids.count), asks: this.#asks.top(this.#asks.count) };
  }

  /** Levels that the wandering middle left on the wrong side. */
  #passed(isBid: boolean): Level[] {
    const middlePips = this.#middleTicks * TICK_PIPS;
    const levels = this.#side(isBid).top(this.#side(isBid).count);
    return levels.filter(({ pricePips }) =>
      isBid ? pricePips >= middlePips : pricePips <= middlePips,
    );
  }

  #randomChange(isBid: boolean): Change {
    const prng = this.#prng;
    const away = BigInt(prng.int(1, 2 * this.#faults.depth));
    const pricePips = (this.#middleTicks + (isBid ? -away : away)) * TICK_PIPS;
    const isRemoval = this.#side(isBid).count > this.#faults.depth && prng.chance(0.7);
    const qtyPips = isRemoval ? 0n : (BigInt(prng.int(1, 5_000)) * UNIT_PIPS) / 100n;
    this.#side(isBid).set(pricePips, qtyPips);
    return { isBid, pricePips, qtyPips };
  }

  #side(isBid: boolean): PriceLevels {
    return isBid ? this.#bids : this.#asks;
  }
}
