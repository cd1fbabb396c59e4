// The grid that an instrument's prices and quantities lie on, and the range of its prices: what the
// table `instruments` says of a day (MODEL section 6).
import { FLAG_CLEAR } from "../src/abi/flags";
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";
import {
  GRID_LOT,
  GRID_PRICE_MAX,
  GRID_PRICE_MIN,
  GRID_TICK,
  GRID_TICK_ROW,
} from "../src/abi/value-grid";

// @ts-ignore: decorator
@inline
function magnitude(value: i64): u64 {
  return <u64>(value < 0 ? 0 - value : value);
}

function gcd(a: u64, b: u64): u64 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/** The inverse of an odd number modulo 2^64: each step of Newton's doubles the bits that are right. */
function inverse(odd: u64): u64 {
  let x = odd * 3 ^ 2;
  x *= 2 - odd * x;
  x *= 2 - odd * x;
  x *= 2 - odd * x;
  x *= 2 - odd * x;
  return x;
}

/**
 * Widens the block by `rowCount` rows. CLEAR rows, whose price and quantity are 0, say nothing.
 *
 * pricePtr, qtyPtr: i64 pips, 8-byte aligned; flagsPtr: i32, 4-byte aligned; read only, no over-read.
 * gridPtr: GRID_ block, 8-byte aligned, read and written, apart from the columns.
 * Returns the number of rows that counted, or -STATUS_BAD_ARGUMENT.
 *
 * Nearly every value lies on the grid that is known, so that is what is asked, without a division:
 * with g = odd * 2^k, v is a multiple of g exactly when rotr(v * odd^-1, k) <= (2^64 - 1) / g
 * (Granlund and Montgomery 1994, section 9). Only a value off the grid costs a division.
 */
export function valueGrid(
  pricePtr: usize,
  qtyPtr: usize,
  flagsPtr: usize,
  rowCount: i32,
  gridPtr: usize,
): i32 {
  if (((pricePtr | qtyPtr | gridPtr) & 7) != 0 || (flagsPtr & 3) != 0 || rowCount < 0) {
    return -STATUS_BAD_ARGUMENT;
  }
  let low = load<i64>(gridPtr, GRID_PRICE_MIN);
  let high = load<i64>(gridPtr, GRID_PRICE_MAX);
  let tick = load<u64>(gridPtr, GRID_TICK);
  let lot = load<u64>(gridPtr, GRID_LOT);
  let tickRow = -1;
  let cleared = 0;
  // A grid of 0 holds 0 alone: the limit lets no other product pass.
  let tickShift = <u64>ctz(tick);
  let tickInverse = inverse(tick >> (tickShift & 63));
  let tickLimit = tick == 0 ? <u64>0 : u64.MAX_VALUE / tick;
  let lotShift = <u64>ctz(lot);
  let lotInverse = inverse(lot >> (lotShift & 63));
  let lotLimit = lot == 0 ? <u64>0 : u64.MAX_VALUE / lot;
  for (let row = 0; row < rowCount; row++) {
    const offset = <usize>row << 3;
    if ((load<i32>(flagsPtr + (<usize>row << 2)) & FLAG_CLEAR) != 0) {
      cleared++;
      continue;
    }
    const price = load<i64>(pricePtr + offset);
    low = min(low, price);
    high = max(high, price);
    const size = magnitude(price);
    if (tick == 0 ? size != 0 : rotr<u64>(size * tickInverse, tickShift) > tickLimit) {
      tick = gcd(size, tick);
      tickShift = <u64>ctz(tick);
      tickInverse = inverse(tick >> tickShift);
      tickLimit = u64.MAX_VALUE / tick;
      tickRow = row;
    }
    const qty = magnitude(load<i64>(qtyPtr + offset));
    if (lot == 0 ? qty != 0 : rotr<u64>(qty * lotInverse, lotShift) > lotLimit) {
      lot = gcd(qty, lot);
      lotShift = <u64>ctz(lot);
      lotInverse = inverse(lot >> lotShift);
      lotLimit = u64.MAX_VALUE / lot;
    }
  }
  store<i64>(gridPtr, low, GRID_PRICE_MIN);
  store<i64>(gridPtr, high, GRID_PRICE_MAX);
  store<u64>(gridPtr, tick, GRID_TICK);
  store<u64>(gridPtr, lot, GRID_LOT);
  store<i32>(gridPtr, tickRow, GRID_TICK_ROW);
  return rowCount - cleared;
}
