/**
 * The second pass over the rows: applies those whose places are known (places.ts) to the window,
 * and finds the best levels at a message's end.
 *
 * While rows are applied, the sides' counts and best indices are not kept: what the rows did is
 * counted in TURNS, and HIGHS holds the greatest places that they named above where a search has
 * to begin. settleSides brings the sides' fields up to date.
 */
import { BOOK_DELETES, BOOK_DELETES_UNKNOWN } from "../../src/abi/book";
import {
  HIGHS,
  K_INVERSE,
  K_LIMIT,
  K_SHIFT,
  K_TICK,
  PLACE_OF_BIDS,
  QUANTITIES,
  S_BASE,
  S_BEST,
  S_BITS,
  S_TOUCHED,
  S_DENSE_COUNT,
  S_TOP_BELOW,
  S_TOP_DIRTY,
  S_TOP_KEY,
  TURNS,
  sideOf,
} from "./layout";
import { placeAt } from "./places";
import { windowIndex } from "./retune";
import { windowAtOrBelow } from "./window";

/** Offsets of counts (u32) in TURNS, 16 bytes a side: 4 for no level before, 8 for quantity 0. */
const TURN_INSERT = 4;
const TURN_REMOVAL = 8;
const TURN_UNKNOWN = 12;

@inline
export function add(at: usize, count: i64): void {
  store<i64>(at, load<i64>(at) + count);
}

/**
 * Applies rows from `row` on, up to rowEnd or the first off the window; returns where it stopped.
 *
 * Apart from the walk, and with the quantities at a fixed offset, so that everything stays in
 * registers. Hardly a branch on the way, because whether a row adds, changes or removes a level
 * cannot be foreseen.
 */
export function applyPlaced(book: usize, qtyPtr: usize, row: i32, rowEnd: i32): i32 {
  const words = load<usize>(sideOf(book, 0), S_BITS);
  const touched = load<usize>(sideOf(book, 0), S_TOUCHED);
  const bids = load<i32>(book, PLACE_OF_BIDS);
  const first = placeAt(book, row);
  const end = first + (<usize>(rowEnd - row) << 2);
  let at = first;
  let qtyAt = qtyPtr + (<usize>row << 3);
  for (; at < end; at += 4, qtyAt += 8) {
    const place = load<i32>(at);
    if (place < 0) break;
    const qty = load<i64>(qtyAt);
    const levelAt = book + (<usize>place << 3);
    const isDelete = u32(qty == 0);
    const wasEmpty = u32(load<i64>(levelAt, QUANTITIES) == 0);
    store<i64>(levelAt, qty, QUANTITIES);
    const word = <usize>place >> 6;
    const wordAt = words + (word << 3);
    store<u64>(wordAt, load<u64>(wordAt) ^ (<u64>(isDelete ^ wasEmpty) << <u64><u32>place));
    store<u8>(touched + word, 1);
    const isBid = u32(place >= bids);
    const turnAt = book + (((isBid << 2) + (isDelete << 1) + wasEmpty) << 2);
    store<u32>(turnAt, load<u32>(turnAt, TURNS) + 1, TURNS);
    const highAt = book + (isBid << 2);
    if (place > load<i32>(highAt, HIGHS)) store<i32>(highAt, place, HIGHS);
  }
  return row + <i32>((at - first) >> 2);
}

/** From here on rows are noted whose place lies above the best, or may show in a cached top. */
export function startHighs(book: usize, tracksTops: bool): void {
  for (let isBid: usize = 0; isBid < 2; isBid++) {
    const side = sideOf(book, isBid);
    if (tracksTops) store<i32>(side, topBelow(book, side), S_TOP_BELOW);
    startHigh(book, isBid, tracksTops);
  }
}

@inline
function startHigh(book: usize, isBid: usize, tracksTops: bool): void {
  const side = sideOf(book, isBid);
  const index = tracksTops ? load<i32>(side, S_TOP_BELOW) : load<i32>(side, S_BEST);
  store<i32>(book + (isBid << 2), isBid ? index + load<i32>(book, PLACE_OF_BIDS) : index, HIGHS);
}

/** See S_TOP_BELOW. */
function topBelow(book: usize, side: usize): i32 {
  const base = load<i64>(side, S_BASE);
  const key = load<i64>(side, S_TOP_KEY);
  const limit = load<u64>(book, K_LIMIT);
  const index = windowIndex(key, base, load<u64>(book, K_INVERSE), load<u64>(book, K_SHIFT));
  if (index < limit) return <i32>index - 1;
  if (key <= base || limit == 0) return -1;
  return <i32>min<u64>(<u64>(key - 1 - base) / load<u64>(book, K_TICK), limit - 1);
}

/**
 * Finds a side's best index after rows were applied, notes whether they may show in its cached top,
 * and starts anew. Returns the index, or -1.
 */
@inline
export function settleBest(book: usize, isBid: usize, tracksTops: bool): i32 {
  const side = sideOf(book, isBid);
  const highPlace = load<i32>(book + (isBid << 2), HIGHS);
  const high = isBid ? highPlace - load<i32>(book, PLACE_OF_BIDS) : highPlace;
  if (tracksTops && high > load<i32>(side, S_TOP_BELOW)) store<i32>(side, 1, S_TOP_DIRTY);
  const best = windowAtOrBelow(side, max(high, load<i32>(side, S_BEST)));
  store<i32>(side, best, S_BEST);
  startHigh(book, isBid, tracksTops);
  return best;
}

/** Brings the sides' fields and the counts of deletes up to date. */
export function settleSides(book: usize, tracksTops: bool): void {
  settleBest(book, 0, tracksTops);
  settleBest(book, 1, tracksTops);
  const turns = book + TURNS;
  for (let isBid: usize = 0; isBid < 2; isBid++) {
    const inserts = load<i32>(turns + (isBid << 4), TURN_INSERT);
    const removals = load<i32>(turns + (isBid << 4), TURN_REMOVAL);
    const unknown = load<i32>(turns + (isBid << 4), TURN_UNKNOWN);
    const countAt = sideOf(book, isBid) + S_DENSE_COUNT;
    store<i32>(countAt, load<i32>(countAt) + inserts - removals);
    add(book + BOOK_DELETES, removals + unknown);
    add(book + BOOK_DELETES_UNKNOWN, unknown);
    v128.store(turns + (isBid << 4), i32x4.splat(0));
  }
}
