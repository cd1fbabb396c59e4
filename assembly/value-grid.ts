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

/** Doubles hold each integer below it, and one more. */
const EXACT_LIMIT: u64 = 1 << 53;
/** FLAG_CLEAR of two rows. */
const CLEAR_TWICE: u64 = ((<u64>FLAG_CLEAR) << 32) | FLAG_CLEAR;

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

/** The grid's step as a double, for onGrid: NaN, which no value lies on, where it is not exact. */
// @ts-ignore: decorator
@inline
function stepOf(grid: u64): f64 {
  return grid < EXACT_LIMIT ? <f64>grid : NaN;
}

/** Integers of 0 to 2^52 - 1 as doubles: their bits are the fraction of a double of [2^52, 2^53). */
// @ts-ignore: decorator
@inline
function toDoubles(values: v128): v128 {
  const bias = f64x2.splat(4503599627370496.0);
  return f64x2.sub(v128.or(values, bias), bias);
}

/**
 * Lanes that are multiples of `step`; may miss one, never takes one in that is none: a product that
 * is equal to the value is exact, since both are integers below 2^53.
 */
// @ts-ignore: decorator
@inline
function onGrid(values: v128, step: v128, inverse: v128): v128 {
  return f64x2.eq(f64x2.mul(f64x2.nearest(f64x2.mul(values, inverse)), step), values);
}

/**
 * Widens the block by `rowCount` rows. CLEAR rows, whose price and quantity are 0, say nothing.
 *
 * pricePtr, qtyPtr: i64 pips, 8-byte aligned; flagsPtr: i32, 4-byte aligned; read only, no over-read.
 * gridPtr: GRID_ block, 8-byte aligned, read and written, apart from the columns.
 * Returns the number of rows that counted, or -STATUS_BAD_ARGUMENT.
 *
 *   prices | p0 p1 |  quantities | q0 q1 |  flags | f0 f1 |   two rows at a time
 *
 * Nearly all values lie on the grid that is known: two rows that do, below 2^52 and not CLEAR, need
 * no division. The others take the plain way, one by one.
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
  store<i32>(gridPtr, -1, GRID_TICK_ROW);
  let lows = i64x2.splat(load<i64>(gridPtr, GRID_PRICE_MIN));
  let highs = i64x2.splat(load<i64>(gridPtr, GRID_PRICE_MAX));
  let cleared = 0;
  let row = 0;
  while (row < rowCount) {
    // The grid changes in the plain rows alone, so the vectors begin anew behind them.
    const tick = stepOf(load<u64>(gridPtr, GRID_TICK));
    const lot = stepOf(load<u64>(gridPtr, GRID_LOT));
    const ticks = f64x2.splat(tick);
    const lots = f64x2.splat(lot);
    const tickInverse = f64x2.splat(tick == 0 ? 0 : 1 / tick);
    const lotInverse = f64x2.splat(lot == 0 ? 0 : 1 / lot);
    for (; row + 2 <= rowCount; row += 2) {
      const offset = <usize>row << 3;
      const prices = v128.load(pricePtr + offset);
      const qtys = v128.load(qtyPtr + offset);
      const isClear = load<u64>(flagsPtr + (<usize>row << 2)) & CLEAR_TWICE;
      const high = i64x2.shr_u(v128.or(prices, qtys), 52);
      const fits = v128.and(
        onGrid(toDoubles(prices), ticks, tickInverse),
        onGrid(toDoubles(qtys), lots, lotInverse),
      );
      if (isClear != 0 || v128.any_true(high) || !i64x2.all_true(fits)) break;
      lows = v128.bitselect(prices, lows, i64x2.gt_s(lows, prices));
      highs = v128.bitselect(prices, highs, i64x2.gt_s(prices, highs));
    }
    for (const end = min(row + 2, rowCount); row < end; row++) {
      if ((load<i32>(flagsPtr + (<usize>row << 2)) & FLAG_CLEAR) != 0) {
        cleared++;
        continue;
      }
      const offset = <usize>row << 3;
      const price = load<i64>(pricePtr + offset);
      const one = i64x2.splat(price);
      lows = v128.bitselect(one, lows, i64x2.gt_s(lows, one));
      highs = v128.bitselect(one, highs, i64x2.gt_s(one, highs));
      if (narrow(gridPtr + GRID_TICK, price)) store<i32>(gridPtr, row, GRID_TICK_ROW);
      narrow(gridPtr + GRID_LOT, load<i64>(qtyPtr + offset));
    }
  }
  store<i64>(gridPtr, min(i64x2.extract_lane(lows, 0), i64x2.extract_lane(lows, 1)));
  store<i64>(
    gridPtr,
    max(i64x2.extract_lane(highs, 0), i64x2.extract_lane(highs, 1)),
    GRID_PRICE_MAX,
  );
  return rowCount - cleared;
}

/** Makes the divisor at `ptr` one of `value` too. @returns whether it had to change */
function narrow(ptr: usize, value: i64): bool {
  const grid = load<u64>(ptr);
  const size = magnitude(value);
  if (grid == 0 ? size == 0 : size % grid == 0) return false;
  store<u64>(ptr, gcd(size, grid));
  return true;
}
