import { FLAG_CLEAR, FLAG_LAST, FLAG_SNAPSHOT, FLAG_SYNTHETIC } from '../abi/flags.js';
import type { BookAt, BookSide } from '../audit/day-before.js';
import { WINDOW_NS } from '../book/message-order.js';
import type { Doubt, StreamPoint } from '../book/trust.js';
import type { Core } from '../core/core.js';
import type { Scales } from '../dialects/types.js';
import type { Arena } from '../memory/arena.js';
import type { BookApplier } from './book-applier.js';
import { bookAt } from './book-at.js';
import type { BookWriter } from './book-writer.js';
import type { DepthColumns, DepthSlots } from './depth-slots.js';
import type { LastSnapshot, SnapshotSpan } from './last-snapshot.js';
import type { BookSpec, Chunk } from './protocol.js';
import type { ReceivedRows } from './received-rows.js';
import type { MadeRow } from './synthetic-rows.js';
import type { WaitingMessage } from './waiting-messages.js';

/** A book at the end of one day, or of another output, as the next one begins with it. */
export interface CarriedBook extends BookAt {
  /** false: it is a snapshot with this id that no message has joined yet. */
  readonly isJoined: boolean;
  /** The last message that was received before that snapshot; null: none. */
  readonly seen: StreamPoint | null;
  /** Why it cannot be trusted; none: it was live. */
  readonly doubts: readonly Doubt[];
  /** As Trust has it. */
  readonly isHalfProven: boolean;
  /** The last snapshot before it, of which the next day may hold the rest; null: none. */
  readonly snapshot: LastSnapshot | null;
  /** It without the last messages, which wait for others; null: none does. */
  readonly waiting: WaitingBook | null;
}

/** A book, and the messages above it that wait for one with an id below theirs. */
export interface WaitingBook {
  readonly book: CarriedBook;
  /** In the order in which they were received. */
  readonly messages: readonly WaitingMessage[];
}

interface BookParts {
  readonly applier: BookApplier;
  readonly writer: BookWriter;
  readonly received: ReceivedRows;
}

interface TakeOverParts {
  readonly spec: BookSpec;
  readonly slots: DepthSlots;
  readonly applier: BookApplier;
  readonly received: ReceivedRows;
}

/** Where nothing proves that no message is missing, a longer silence between the days is a hole. */
const HOLE_NS = 5_000_000_000n;

/** The book as it stands; null before a seed. */
export function carriedBook(
  memory: { readonly core: Core; readonly arena: Arena },
  { applier, writer, received }: BookParts,
  waiting: WaitingBook | null,
): CarriedBook | null {
  if (!applier.trust.seeded) return null;
  return {
    ...bookAt(memory, writer.head, applier.here),
    isJoined: !received.isJoining,
    seen: received.seen,
    doubts: applier.trust.doubts,
    isHalfProven: applier.trust.isHalfProven,
    snapshot: received.lastSnapshot,
    waiting,
  };
}

/**
 * Ends the rows of a day.
 * @param carries the next day goes on from this one
 * @returns the book as it is while messages wait, null: none does; and which of the gaps are in front
 *   of such messages, [from, to)
 */
export async function endRows(
  memory: Parameters<typeof carriedBook>[0],
  parts: BookParts,
  carries: boolean,
): Promise<{ waiting: WaitingBook | null; gaps: { from: number; to: number } }> {
  const { received, applier } = parts;
  const { gaps } = applier.findings;
  await received.rowsEnd();
  const messages = carries ? received.waiting : [];
  const book = messages.length === 0 ? null : carriedBook(memory, parts, null);
  const from = gaps.length;
  await received.finish();
  const waiting = book === null ? null : { book, messages };
  return { waiting, gaps: { from, to: waiting === null ? from : gaps.length } };
}

/**
 * Begins a day with a carried book: one message of ours with the stamps of the first received one,
 * and the id that the book is of. Left out where the day begins with a snapshot (its ids still must
 * go on) that is not the rest of the last one, or where rows may be missing in between and no id
 * would show it. Where messages wait, it is the book before them, and they wait behind it.
 * @returns whether they do
 */
export async function takeOver(
  carried: CarriedBook,
  first: Chunk,
  parts: TakeOverParts,
): Promise<boolean> {
  const waiting = waitingHere(carried, first, parts);
  if (waiting === null) {
    await goOn(carried, first, parts);
    return false;
  }
  await goOn({ ...waiting.book, snapshot: null }, first, parts);
  const { slots, received } = parts;
  const tsRecv = slots.i64(slots.columns(first.slot).tsRecvPtr, 0);
  await received.goOnWaiting(waiting.messages, tsRecv);
  return true;
}

/** What waits where the day begins with changes, while there is time for what is waited for. */
function waitingHere(
  { waiting }: CarriedBook,
  { slot }: Chunk,
  { spec, slots }: TakeOverParts,
): WaitingBook | null {
  if (waiting === null) return null;
  const columns = slots.columns(slot);
  const [tsRecv, id] = [slots.i64(columns.tsRecvPtr, 0), slots.i64(columns.sequencePtr, 0)];
  const last = waiting.messages.at(-1)!;
  // The rest of a message that was received in two files is none of its own.
  const isCut = !spec.idsProveLines && last.tsRecv === tsRecv && last.last === id;
  const isInTime = tsRecv - waiting.messages[0]!.tsRecv < WINDOW_NS;
  const isSnapshot = (slots.flags(columns, 0) & FLAG_SNAPSHOT) !== 0;
  return isInTime && !isCut && !isSnapshot ? waiting : null;
}

async function goOn(book: CarriedBook, first: Chunk, parts: TakeOverParts): Promise<void> {
  const { spec, slots, applier, received } = parts;
  const columns = slots.columns(first.slot);
  const tsRecv = slots.i64(columns.tsRecvPtr, 0);
  const provesLoss = spec.policy === 'chain' || spec.policy === 'contiguous';
  const last = { tsRecv: book.tsRecv, sequence: spec.ids.sequence ? book.sequence : null };
  const isRest = isRestHere(book, columns, parts);
  const isSnapshot = (slots.flags(columns, 0) & FLAG_SNAPSHOT) !== 0;
  if (!isRest && isSnapshot && !isOlderHere(book, columns, parts)) {
    // Ids that are not below the last one say what was lost in between (decision 23).
    const before = book.isJoined ? last : (book.seen ?? { ...last, sequence: null });
    const isAhead = last.sequence !== null && slots.i64(columns.sequencePtr, 0) >= last.sequence;
    if (!provesLoss || before.sequence === null || !isAhead) return;
    received.snapshotFollows(before.sequence);
    applier.place.goesOnFrom(before);
    return;
  }
  const isFollowed = provesLoss || !book.isJoined || tsRecv - book.tsRecv <= HOLE_NS;
  if (!isFollowed) return;
  if (book.snapshot !== null) received.dayBegins(book.snapshot, isRest);
  const sequence = spec.ids.sequence ? (book.sequence ?? 0n) : 0n;
  // What is found behind it is dated from its last message, and that is the day before's.
  applier.snapshotBegins({ bid: book.knownBidPips, ask: book.knownAskPips }, last);
  if (book.isHalfProven) applier.trust.proveHalf(last, true);
  for (const doubt of book.doubts) applier.trust.doubt(doubt, last);
  applier.syncState();
  const stamp = { tsRecv, tsEvent: slots.i64(columns.tsEventPtr, 0), sequence };
  const isCut = !isRest && isCutHere(book, columns, parts);
  const isOpen = isRest ? book.snapshot!.above !== null : isCut;
  await applier.applyMade(rowsOf(book, stamp, isOpen ? 0 : FLAG_LAST));
  applier.place.goesOnFrom(last);
  if (spec.ids.sequence && book.sequence !== null) {
    const lastId = isCut ? idBefore(columns, parts) : sequence;
    if (book.isJoined) received.rowsAreCarried(lastId, book.snapshot?.sequence ?? null);
    await received.goOnFrom(lastId, book.isJoined, book.seen);
  }
}

/**
 * A recorder that begins a new file every so many rows cuts messages in two. Where the next file is
 * of another day, the rest of the message goes on from the carried book, and both are one message.
 */
function isCutHere(
  book: CarriedBook,
  { tsRecvPtr, sequencePtr }: DepthColumns,
  { spec, slots }: Pick<TakeOverParts, 'spec' | 'slots'>,
): boolean {
  // Lines are never cut: one that comes again is a duplicate.
  if (!book.isJoined || spec.idsProveLines || spec.messageKey === 'flags') return false;
  if (slots.i64(tsRecvPtr, 0) !== book.tsRecv) return false;
  return sequencePtr === 0 || slots.i64(sequencePtr, 0) === book.sequence;
}

/** The same of a snapshot, which stands in the stream: what comes of it is no other one. */
function isRestHere(
  { snapshot }: CarriedBook,
  columns: DepthColumns,
  { spec, slots }: Pick<TakeOverParts, 'spec' | 'slots'>,
): boolean {
  if (snapshot === null || !snapshot.isLast || snapshot.isInTable) return false;
  if (spec.idsProveLines || spec.messageKey === 'flags') return false;
  if ((slots.flags(columns, 0) & FLAG_SNAPSHOT) === 0) return false;
  const { tsRecvPtr, sequencePtr } = columns;
  if (slots.i64(tsRecvPtr, 0) !== snapshot.tsRecv) return false;
  return sequencePtr === 0 || slots.i64(sequencePtr, 0) === snapshot.sequence;
}

/**
 * A reply that was asked for just before midnight is older than the book: what stands between the two
 * was received on the day before. Ids that fell to a new start are below the last snapshot's too.
 */
function isOlderHere(
  { isJoined, sequence, snapshot }: CarriedBook,
  { sequencePtr }: DepthColumns,
  { slots, received }: Pick<TakeOverParts, 'slots' | 'received'>,
): boolean {
  if (!isJoined || !received.joinsById || sequencePtr === 0) return false;
  if (sequence === null || snapshot === null || snapshot.sequence === null) return false;
  const id = slots.i64(sequencePtr, 0);
  return id >= snapshot.sequence && id < sequence;
}

/** Id that the stream had come to before the message of the first row, as its ids say it. */
function idBefore(
  { sequencePtr, sequenceFirstPtr, sequencePrevPtr }: DepthColumns,
  { spec, slots }: Pick<TakeOverParts, 'spec' | 'slots'>,
): bigint {
  if (spec.policy === 'chain') return slots.i64(sequencePrevPtr, 0);
  return slots.i64(sequenceFirstPtr === 0 ? sequencePtr : sequenceFirstPtr, 0) - 1n;
}

/** @param lastFlags FLAG_LAST, or 0 where received rows go on with the message */
function rowsOf(
  book: CarriedBook,
  stamp: { readonly tsRecv: bigint; readonly tsEvent: bigint; readonly sequence: bigint },
  lastFlags: number,
): MadeRow[] {
  const { sequence } = stamp;
  const made = { ...stamp, sequenceFirst: sequence, sequencePrev: sequence };
  const flags = FLAG_SYNTHETIC | FLAG_SNAPSHOT;
  const clear = { isBid: false, pricePips: 0n, qtyPips: 0n, flags: flags | FLAG_CLEAR };
  const rows: MadeRow[] = [{ ...made, ...clear }];
  for (const isBid of [true, false]) {
    const { pricePips, qtyPips } = isBid ? book.bids : book.asks;
    pricePips.forEach((price, level) => {
      rows.push({ ...made, isBid, pricePips: price, qtyPips: qtyPips[level]!, flags });
    });
  }
  const last = rows.at(-1)!;
  rows[rows.length - 1] = { ...last, flags: last.flags | lastFlags };
  return rows;
}

/**
 * The same book at other scales; null where a value does not fit them exactly.
 * @param to of the day that begins with it
 */
export function rescaledBook(book: CarriedBook, from: Scales, to: Scales): CarriedBook | null {
  const price = rescale(from.price, to.price);
  const qty = rescale(from.qty, to.qty);
  const side = ({ pricePips, qtyPips }: BookSide): BookSide | null => {
    const prices = Array.from(pricePips, price);
    const qtys = Array.from(qtyPips, qty);
    if (prices.includes(null) || qtys.includes(null)) return null;
    return {
      pricePips: BigInt64Array.from(prices as bigint[]),
      qtyPips: BigInt64Array.from(qtys as bigint[]),
    };
  };
  const [bids, asks] = [side(book.bids), side(book.asks)];
  if (bids === null || asks === null) return null;
  // Whole sides have no price; a bound that does not fit is narrowed to the worst level.
  const bound = (pips: bigint, own: BookSide): bigint =>
    pips <= -(2n ** 62n) || pips >= 2n ** 62n ? pips : (price(pips) ?? own.pricePips.at(-1) ?? 0n);
  const knownBidPips = bound(book.knownBidPips, bids);
  const knownAskPips = bound(book.knownAskPips, asks);
  const snapshot = rescaledSnapshot(book.snapshot, price, qty);
  return { ...book, bids, asks, knownBidPips, knownAskPips, snapshot };
}

/** A table of snapshots that a day begins with is read for its book alone: it has no rest here. */
function rescaledSnapshot(
  snapshot: LastSnapshot | null,
  price: Rescale,
  qty: Rescale,
): LastSnapshot | null {
  if (snapshot === null || snapshot.isInTable) return null;
  const { span, above } = snapshot;
  const rows = (above ?? []).flatMap((row) => {
    const [pricePips, qtyPips] = [price(row.pricePips), qty(row.qtyPips)];
    return pricePips === null || qtyPips === null ? [] : [{ ...row, pricePips, qtyPips }];
  });
  const isKnown = above !== null && rows.length === above.length;
  return { ...snapshot, span: rescaledSpan(span, price), above: isKnown ? rows : null };
}

function rescaledSpan(span: SnapshotSpan | null, price: Rescale): SnapshotSpan | null {
  if (span === null) return null;
  const scaled = (pips: bigint): bigint => price(pips) ?? pips;
  const { first, worstBid, worstAsk } = span;
  return {
    ...span,
    first: first === null ? null : { ...first, pricePips: scaled(first.pricePips) },
    worstBid: scaled(worstBid),
    worstAsk: scaled(worstAsk),
  };
}

type Rescale = (pips: bigint) => bigint | null;

function rescale(from: number, to: number): Rescale {
  const factor = 10n ** BigInt(Math.abs(to - from));
  return (pips) => {
    if (to < from) return pips % factor === 0n ? pips / factor : null;
    const scaled = pips * factor;
    return BigInt.asIntN(64, scaled) === scaled ? scaled : null;
  };
}
