/**
 * The first pass over up to 64 rows: where each row's level lies, and which rows end something.
 * Apart from the pass that applies them, so that no row waits for the branch that a row before it
 * was mistaken about, and so that the window's cache lines are on their way early.
 */
import { RUN_FLAGS_PTR, RUN_IS_BID_PTR, RUN_PRICE_PTR } from "../../src/abi/book";
import { FLAG_CLEAR, FLAG_LAST } from "../../src/abi/flags";
import {
  K_INVERSE,
  K_LIMIT,
  K_SHIFT,
  PLACES,
  PLACE_RULES,
  PLACE_ROWS,
  S_BASE,
  sideOf,
} from "./layout";

/** Where a row's place stands; rows 64 apart share it. */
@inline
export function placeAt(book: usize, row: i32): usize {
  return book + PLACES + (<usize>(row & (PLACE_ROWS - 1)) << 2);
}

/**
 * Writes the places of rows [rowStart, rowEnd), which do not cross a multiple of 64: the window's
 * index for an ask, the window's ticks more for a bid, and below 0 for a row off the window.
 */
export function placeRows(book: usize, run: usize, rowStart: i32, rowEnd: i32): void {
  const shift = load<u64>(book, K_SHIFT);
  const limit = load<u64>(book, K_LIMIT);
  const rules = writeRules(book);
  let sides = sidesOf(load<usize>(run, RUN_IS_BID_PTR), rowStart, rowEnd);
  let at = placeAt(book, rowStart);
  let price = load<usize>(run, RUN_PRICE_PTR) + (<usize>rowStart << 3);
  const end = at + (<usize>(rowEnd - rowStart) << 2);
  for (; at < end; at += 4, price += 8) {
    const rule = rules + (<usize>(sides & 1) << 5);
    sides >>= 1;
    const distance = <u64>load<i64>(price) - load<u64>(rule);
    const index = rotr<u64>(distance * load<u64>(rule, 8), shift);
    store<i32>(at, index < limit ? <i32>index + load<i32>(rule, 16) : -1);
  }
}

/**
 * What makes a place of a price, 32 bytes a side, asks first: what is taken off the price, the
 * multiplier, and the place of index 0 (formatBlock). It is windowIndex in terms of prices, for an
 * ask by way of ~price - base = -(price - ~base).
 */
@inline
function writeRules(book: usize): usize {
  const rules = book + PLACE_RULES;
  const inverse = load<u64>(book, K_INVERSE);
  store<i64>(rules, ~load<i64>(sideOf(book, 0), S_BASE));
  store<u64>(rules, 0 - inverse, 8);
  store<i64>(rules, load<i64>(sideOf(book, 1), S_BASE), 32);
  store<u64>(rules, inverse, 40);
  return rules;
}

/** Bit k: row rowStart + k is a bid. Reads no byte behind that of the last row. */
function sidesOf(isBidPtr: usize, rowStart: i32, rowEnd: i32): u64 {
  const from = isBidPtr + <usize>(rowStart >> 6 << 3);
  const used = ((rowEnd - 1) & 63) + 1;
  if (used > 56) return load<u64>(from) >> (rowStart & 63);
  let sides: u64 = 0;
  for (let bit = 0; bit < used; bit += 8) sides |= <u64>load<u8>(from + (bit >> 3)) << bit;
  return sides >> (rowStart & 63);
}

/**
 * Bit k: row (rowStart & ~63) + k is LAST or CLEAR, for rows [rowStart, rowEnd), which do not cross
 * a multiple of 64.
 */
export function endsAmong(run: usize, rowStart: i32, rowEnd: i32): u64 {
  const flags = load<usize>(run, RUN_FLAGS_PTR);
  const wanted = i32x4.splat(FLAG_LAST | FLAG_CLEAR);
  let ends: u64 = 0;
  let row = rowStart;
  for (; row + 16 <= rowEnd; row += 16) {
    const at = flags + (<usize>row << 2);
    const none = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(noneOf(at, wanted), noneOf(at + 16, wanted)),
      i16x8.narrow_i32x4_s(noneOf(at + 32, wanted), noneOf(at + 48, wanted)),
    );
    ends |= <u64>(i8x16.bitmask(none) ^ 0xffff) << (row & 63);
  }
  for (; row < rowEnd; row++) {
    const isEnd = (load<i32>(flags + (<usize>row << 2)) & (FLAG_LAST | FLAG_CLEAR)) != 0;
    ends |= <u64>isEnd << (row & 63);
  }
  return ends;
}

@inline
function noneOf(flags: usize, wanted: v128): v128 {
  return i32x4.eq(v128.and(v128.load(flags), wanted), i32x4.splat(0));
}
