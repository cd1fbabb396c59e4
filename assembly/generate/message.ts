// Makes the next message of a market that never was: the rows that an exchange would send for it,
// the trades before it, and the book after it.
//
// generateMessage(state, message): `state` is a block of GEN_STATE_BYTES (64-byte aligned, read and
// written) whose inputs the host has set and generateSeed has completed; `message` a block of
// GEN_MESSAGE_BYTES (8-byte aligned, written). Nothing aliases; nothing is read past a block's end.
// Trades go to the trades columns at once, and a row of the `book` table where one is due; the rows
// of the message wait in `message` for generateEmit.
// Returns the rows of the message; 0 when the day is over (GEN_LIMIT_ROWS); -STATUS_OUTPUT_FULL,
// having done nothing, when the trades or the book columns lack the room for one message.
//
// A side is an array of quantities, one for each tick. All of a side's levels lie at or outside its
// best price, and best bid < best ask at the end of every message, by construction:
//
//   bids  ...|q|q| |q|B| | | | | | ...          B, A: best prices (never empty)
//   asks  ... | | | | | |A|q| |q|q| ...
//
// Each side's rows are walked from the touch outwards, so that no price comes twice in a message and
// rows are sorted as the real feeds' are.
import { SIDE_ASK, SIDE_BID } from "../../src/abi/book";
import {
  GEN_ASK,
  GEN_ASKS_PTR,
  GEN_BID,
  GEN_BIDS_PTR,
  GEN_BOOK_ROW,
  GEN_BOOK_ROW_END,
  GEN_BURST_LEFT,
  GEN_BURST_SIGN,
  GEN_EMITTED,
  GEN_LIMIT_ROWS,
  GEN_MESSAGE_FIRST,
  GEN_MESSAGE_HEAD_BYTES,
  GEN_MESSAGE_LAST,
  GEN_MESSAGE_ROWS,
  GEN_MESSAGE_TRADES_MAX,
  GEN_MESSAGE_TS_EVENT,
  GEN_MESSAGE_TS_RECV,
  GEN_MESSAGES,
  GEN_NEXT_BOOK_NS,
  GEN_NEXT_ID,
  GEN_PAUSE_ROWS,
  GEN_TICKS,
  GEN_TRADES_ROW,
  GEN_TRADES_ROW_END,
} from "../../src/abi/generate";
import { STATUS_OUTPUT_FULL } from "../../src/abi/status";
import { advanceClock } from "./clock";
import { drawQty } from "./quantity";
import { bits, draw, geometric } from "./random";
import { writeBookRow } from "./book-row";
import { writeTrade } from "./trade";

/** The touch turns back beyond these ticks, so that the walk stays on the grid for ever. */
const TICK_LOW: i32 = GEN_TICKS / 4;
const TICK_HIGH: i32 = (GEN_TICKS / 4) * 3;
/** What counts as near the touch. */
const NEAR_TICKS: i32 = 10;
// Of 256: how often an update of an existing level removes it, and one of an empty tick sets it (if
// not, it removes a level that was placed and withdrawn between two messages). Together they keep
// near ticks three quarters full, and far ones where rows come two thirds.
const NEAR_DELETE: i32 = 64;
const NEAR_ADD: i32 = 196;
const FAR_DELETE: i32 = 98;
const FAR_ADD: i32 = 176;

export function generateMessage(s: usize, message: usize): i32 {
  const left = load<i64>(s, GEN_LIMIT_ROWS);
  if (left <= 0) return 0;
  if (load<i32>(s, GEN_TRADES_ROW) + GEN_MESSAGE_TRADES_MAX > load<i32>(s, GEN_TRADES_ROW_END)) {
    return -STATUS_OUTPUT_FULL;
  }
  if (load<i32>(s, GEN_BOOK_ROW) >= load<i32>(s, GEN_BOOK_ROW_END)) return -STATUS_OUTPUT_FULL;

  const shape = draw(s);
  let burst = load<i32>(s, GEN_BURST_LEFT);
  if (burst > 0) store<i32>(s, --burst, GEN_BURST_LEFT);
  else if (bits(shape, 54, 10) == 0) burst = beginBurst(s);
  const rowsWanted = <i32>min<i64>(<i64>messageRows(shape), left);
  advanceClock(s, message, burst > 0);

  const rows = quote(s, message, rowsWanted, burst);
  store<i32>(message, rows, GEN_MESSAGE_ROWS);
  store<i64>(s, left - rows, GEN_LIMIT_ROWS);
  store<i64>(s, load<i64>(s, GEN_PAUSE_ROWS) - rows, GEN_PAUSE_ROWS);
  store<i64>(s, load<i64>(s, GEN_MESSAGES) + 1, GEN_MESSAGES);
  store<i32>(s, 0, GEN_EMITTED);
  numberMessage(s, message, rows);
  if (load<i64>(message, GEN_MESSAGE_TS_RECV) >= load<i64>(s, GEN_NEXT_BOOK_NS)) {
    writeBookRow(s, message);
  }
  return rows;
}

/** Rows of a message: median 6, mean 11, one in a hundred above 94, as real feeds mix them. */
function messageRows(r: u64): i32 {
  const bucket = bits(r, 0, 8);
  if (bucket < 102) return 1 + bits(r, 8, 2);
  if (bucket < 186) return 4 + bits(r, 8, 3);
  if (bucket < 236) return 8 + bits(r, 8, 4);
  if (bucket < 252) return 12 + bits(r, 8, 5);
  const scale = geometric(r, 16, 7) >> 1;
  return (80 << scale) + bits(r, 24, 5 + scale);
}

/** A burst: for 8 to 71 messages the price runs one way, and messages come four times as fast. */
function beginBurst(s: usize): i32 {
  const r = draw(s);
  const length = 8 + bits(r, 0, 6);
  store<i32>(s, length, GEN_BURST_LEFT);
  store<i32>(s, 1 - 2 * bits(r, 8, 1), GEN_BURST_SIGN);
  return length;
}

/** Ids as a contiguous feed numbers them: each change inside the exchange counts, shown or not. */
function numberMessage(s: usize, message: usize, rows: i32): void {
  const r = draw(s);
  const first = load<i64>(s, GEN_NEXT_ID);
  const hidden = bits(r, 8, 3 + geometric(r, 0, 6));
  store<i64>(message, first, GEN_MESSAGE_FIRST);
  store<i64>(message, first + rows - 1 + hidden, GEN_MESSAGE_LAST);
  store<i64>(s, first + rows + hidden, GEN_NEXT_ID);
}

/** Moves the touch, trades against it, and writes both sides' rows; returns how many, at least 1. */
function quote(s: usize, message: usize, rowsWanted: i32, burst: i32): i32 {
  const bid = load<i32>(s, GEN_BID);
  const ask = load<i32>(s, GEN_ASK);
  const r = draw(s);
  const move = moveOf(s, r, rowsWanted, burst, bid, ask);
  const bidNext = bid + <i32>(move >> 32);
  const askNext = ask + <i32>move;
  let bidTouchQty: u32 = 0;
  let askTouchQty: u32 = 0;
  if (rowsWanted > 1) {
    bidTouchQty = tradeSide(s, message, SIDE_BID, bid, bidNext, bits(r, 40, 5));
    askTouchQty = tradeSide(s, message, SIDE_ASK, ask, askNext, bits(r, 45, 5));
  }
  store<i32>(s, bidNext, GEN_BID);
  store<i32>(s, askNext, GEN_ASK);

  const bidNeeded = rowsNeeded(bid - bidNext, bidTouchQty);
  const askNeeded = rowsNeeded(askNext - ask, askTouchQty);
  const spare = max<i32>(0, rowsWanted - bidNeeded - askNeeded);
  // Up to five eighths of the spare rows on one side; the odd row on either.
  const bidSpare = (spare * (96 + bits(r, 52, 6)) + bits(r, 0, 8)) >> 8;
  let row = quoteSide(s, message, 0, SIDE_BID, bid, bidNext, bidNeeded + bidSpare, bidTouchQty);
  row = quoteSide(s, message, row, SIDE_ASK, ask, askNext, askNeeded + spare - bidSpare, askTouchQty);
  if (row > 0) return row;
  putLevel(s, message, 0, SIDE_BID, bidNext, drawQty(s, r));
  return 1;
}

/** The rows that a side cannot do without: levels that the touch left behind, and the touch itself. */
// @ts-ignore: decorator
@inline
function rowsNeeded(retreat: i32, touchQty: u32): i32 {
  if (retreat > 0) return retreat + 1;
  return retreat < 0 || touchQty > 0 ? 1 : 0;
}

/**
 * How far the best bid (high word) and the best ask (low word) go, in ticks: most messages leave
 * them; a spread of 1 now and then opens to 2 or 3 and closes soon; else both go together, by 1 or 2
 * ticks, further where the message is large enough to carry the levels left behind.
 */
function moveOf(s: usize, r: u64, rowsWanted: i32, burst: i32, bid: i32, ask: i32): i64 {
  const spread = ask - bid;
  let sign = 1 - 2 * bits(r, 0, 1);
  if (burst > 0) sign = load<i32>(s, GEN_BURST_SIGN);
  if (bid < TICK_LOW) sign = 1;
  if (ask > TICK_HIGH) sign = -1;
  const choice = bits(r, 1, 7);
  if (rowsWanted < 4) return 0;
  if (spread > 1) {
    if (choice < 72) return sign > 0 ? pair(spread - 1, 0) : pair(0, 1 - spread);
    if (choice < 120) return 0;
  } else if (choice < 6) {
    const open = 1 + geometric(r, 8, 1);
    return sign > 0 ? pair(0, open) : pair(-open, 0);
  }
  if (choice < (burst > 0 || rowsWanted > 20 ? 32 : 112)) return 0;
  const far = rowsWanted > 48 ? 16 + bits(r, 13, 6) : rowsWanted > 20 ? 2 + bits(r, 13, 3) : 0;
  const ticks = sign * min<i32>(1 + geometric(r, 20, 4) + far, (rowsWanted >> 1) - 1);
  return pair(ticks, ticks);
}

// @ts-ignore: decorator
@inline
function pair(bidMove: i32, askMove: i32): i64 {
  return (<i64>bidMove << 32) | <i64><u32>askMove;
}

/**
 * Takers hit one side before the message. Where its touch retreats, half of the time trades took the
 * levels left behind whole; where it stays, one time in 16 a part of the touch. Returns the quantity
 * that the touch is left with in the second case, else 0.
 */
function tradeSide(s: usize, message: usize, side: i32, best: i32, next: i32, chance: i32): u32 {
  const quantities = sideOf(s, side);
  const outward = side == SIDE_BID ? -1 : 1;
  const retreat = (next - best) * outward;
  if (retreat > 0) {
    if (chance >= 16) return 0;
    const end = best + outward * min<i32>(retreat, GEN_MESSAGE_TRADES_MAX / 2);
    for (let tick = best; tick != end; tick += outward) {
      const qty = load<u32>(quantities + (<usize>tick << 2));
      if (qty > 0) writeTrade(s, message, side == SIDE_ASK, tick, qty);
    }
    return 0;
  }
  if (retreat < 0 || chance >= 2) return 0;
  let qty = load<u32>(quantities + (<usize>best << 2));
  const takers = 1 + geometric(draw(s), 0, 3);
  for (let taker = 0; taker < takers && qty > 1; taker++) {
    const taken = min<u32>(qty - 1, 1 + (drawQty(s, draw(s)) >> 2));
    writeTrade(s, message, side == SIDE_ASK, best, taken);
    qty -= taken;
  }
  return qty < load<u32>(quantities + (<usize>best << 2)) ? qty : 0;
}

// @ts-ignore: decorator
@inline
function sideOf(s: usize, side: i32): usize {
  return side == SIDE_BID ? load<usize>(s, GEN_BIDS_PTR) : load<usize>(s, GEN_ASKS_PTR);
}

/**
 * The rows of one side, from the touch outwards: levels left behind, the touch, near ticks, far ones.
 * `touchQty` > 0 is what trades left of the touch. Returns the next row.
 */
function quoteSide(
  s: usize,
  message: usize,
  row: i32,
  side: i32,
  best: i32,
  next: i32,
  rowsWanted: i32,
  touchQty: u32,
): i32 {
  if (rowsWanted == 0) return row;
  const quantities = sideOf(s, side);
  const outward = side == SIDE_BID ? -1 : 1;
  const rowEnd = row + rowsWanted;
  for (let tick = best; (next - tick) * outward > 0; tick += outward) {
    if (load<u32>(quantities + (<usize>tick << 2)) > 0) {
      row = putLevel(s, message, row, side, tick, 0);
    }
  }
  const r = draw(s);
  // An order that came and went inside the spread, or beyond, since the last message.
  if (best == next && rowEnd - row > 3 && bits(r, 0, 3) == 0) {
    row = putLevel(s, message, row, side, next - outward * (1 + bits(r, 3, 2)), 0);
  }
  const isEmpty = load<u32>(quantities + (<usize>next << 2)) == 0;
  if (touchQty > 0) row = putLevel(s, message, row, side, next, touchQty);
  else if (isEmpty || (row < rowEnd && bits(r, 5, 1) == 0)) {
    row = putLevel(s, message, row, side, next, drawQty(s, r >> 8));
  }
  if (row >= rowEnd) return row;

  // All near the touch as far as there is room, but for one row of every fifth side.
  const nearEnd = rowEnd - i32(bits(r, 56, 4) < 3);
  const improved = max<i32>(0, (best - next) * outward);
  row = quoteNear(s, message, row, nearEnd, side, next, NEAR_TICKS + improved);
  return quoteFar(s, message, row, rowEnd, side, next + outward * (NEAR_TICKS + improved));
}

/** Rows at 1 to `ticks` ticks behind the touch, the closer the fewer of them there are. */
function quoteNear(
  s: usize,
  message: usize,
  row: i32,
  rowEnd: i32,
  side: i32,
  touch: i32,
  ticks: i32,
): i32 {
  const outward = side == SIDE_BID ? -1 : 1;
  const quantities = sideOf(s, side);
  const end = touch + outward * (ticks + 1);
  const wanted = rowEnd - row;
  const gapBits: u64 = wanted * 2 >= ticks ? 0 : wanted * 4 >= ticks ? 1 : 2;
  let tick = touch;
  while (row < rowEnd) {
    const r = draw(s);
    tick += outward * (1 + bits(r, 56, gapBits));
    if ((end - tick) * outward <= 0) break;
    const qty = updateOf(s, quantities, tick, r, NEAR_DELETE, NEAR_ADD);
    row = putLevel(s, message, row, side, tick, qty);
  }
  return row;
}

/** Rows beyond `from`, further and further, from some hundred ticks on at round prices only. */
function quoteFar(s: usize, message: usize, row: i32, rowEnd: i32, side: i32, from: i32): i32 {
  const outward = side == SIDE_BID ? -1 : 1;
  const quantities = sideOf(s, side);
  let tick = from;
  while (row < rowEnd) {
    const r = draw(s);
    tick += outward * (1 + bits(r, 32, 3 + geometric(r, 20, 11)));
    const distance = (tick - from) * outward;
    const round = distance < 256 ? 1 : distance < 4096 ? 50 : 1000;
    const beyond = tick % round;
    if (beyond > 0) tick += outward > 0 ? round - beyond : -beyond;
    if (tick < 1 || tick >= GEN_TICKS) break;
    const qty = updateOf(s, quantities, tick, r, FAR_DELETE, FAR_ADD);
    row = putLevel(s, message, row, side, tick, qty);
  }
  return row;
}

/** What an update makes of a tick: a quantity, or 0 to remove the level. */
// @ts-ignore: decorator
@inline
function updateOf(s: usize, quantities: usize, tick: i32, r: u64, remove: i32, add: i32): u32 {
  const exists = load<u32>(quantities + (<usize>tick << 2)) > 0;
  const chance = bits(r, 0, 8);
  const isSet = exists ? chance >= remove : chance < add;
  return isSet ? drawQty(s, r >> 8) : 0;
}

/** Sets a level of the book and appends its row; returns the next row. */
// @ts-ignore: decorator
@inline
function putLevel(s: usize, message: usize, row: i32, side: i32, tick: i32, qty: u32): i32 {
  store<u32>(sideOf(s, side) + (<usize>tick << 2), qty);
  const packed = (<u64>qty << 32) | (<u64>side << 31) | <u64>tick;
  store<u64>(message + (<usize>row << 3), packed, GEN_MESSAGE_HEAD_BYTES);
  return row + 1;
}
