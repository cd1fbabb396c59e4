// Rows with nothing wrong with them, which nearly all are: two good times in nanoseconds and two
// numbers that are not negative and whose pips one division proves (scale.ts). All four columns in
// one pass: the checks of the times cost nothing while the divisions are under way.
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";
import { pow10 } from "./lib/decimal";
import { isNoScale, ROUNDER, ROUNDER_BITS, TWO_51 } from "./scale";
import { NS_MIN } from "./times";

/** Rows that are looked at together. */
const GROUP_ROWS = 4;

/**
 * Turns doubles into pips where they lie, from the first row on, as long as rows are plain:
 *
 *   recvPtr, eventPtr   i64, 8-byte aligned, read only: times in ns of 19 digits
 *   pricePtr, qtyPtr    f64 in, i64 out, 8-byte aligned; not negative (nor -0.0), not NaN, pips
 *                       below 2^51 at priceScale and qtyScale (0 to 18), and exact
 *
 * recvPtr may be eventPtr; nothing else overlaps. No over-read. Returns how many rows are plain; all
 * others are left as they were. They may be good, too: it stops at the group of four in which the
 * first row is that it cannot be sure of. -STATUS_BAD_ARGUMENT (alignment, scale).
 *
 *   row r:  | r r+1 | r+2 r+3 |  of four columns, eight vectors
 */
export function plainRows(
  recvPtr: usize,
  eventPtr: usize,
  pricePtr: usize,
  qtyPtr: usize,
  rowCount: i32,
  priceScale: i32,
  qtyScale: i32,
): i32 {
  if ((recvPtr | eventPtr | pricePtr | qtyPtr) & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  if (isNoScale(priceScale) || isNoScale(qtyScale)) return -STATUS_BAD_ARGUMENT;
  const priceUnit = <f64>pow10(priceScale);
  const qtyUnit = <f64>pow10(qtyScale);
  const row = plainGroups(recvPtr, eventPtr, pricePtr, qtyPtr, rowCount, priceUnit, qtyUnit);
  if (rowCount - row >= GROUP_ROWS) return row;
  return plainRest(recvPtr, eventPtr, pricePtr, qtyPtr, row, rowCount, priceUnit, qtyUnit);
}

function plainGroups(
  recvPtr: usize,
  eventPtr: usize,
  pricePtr: usize,
  qtyPtr: usize,
  rowCount: i32,
  priceUnit: f64,
  qtyUnit: f64,
): i32 {
  const priceUnits = f64x2.splat(priceUnit);
  const qtyUnits = f64x2.splat(qtyUnit);
  const rounder = f64x2.splat(ROUNDER);
  const rounderBits = i64x2.splat(ROUNDER_BITS);
  const limit = f64x2.splat(TWO_51);
  const nsMin = i64x2.splat(NS_MIN);
  let row = 0;
  for (; row + GROUP_ROWS <= rowCount; row += GROUP_ROWS) {
    const at = <usize>row << 3;
    const v0 = v128.load(pricePtr + at);
    const v1 = v128.load(pricePtr + at, 16);
    const w0 = v128.load(qtyPtr + at);
    const w1 = v128.load(qtyPtr + at, 16);
    const p0 = f64x2.mul(v0, priceUnits);
    const p1 = f64x2.mul(v1, priceUnits);
    const q0 = f64x2.mul(w0, qtyUnits);
    const q1 = f64x2.mul(w1, qtyUnits);
    const r0 = f64x2.add(p0, rounder);
    const r1 = f64x2.add(p1, rounder);
    const s0 = f64x2.add(q0, rounder);
    const s1 = f64x2.add(q1, rounder);
    const same = v128.and(
      v128.and(
        f64x2.eq(f64x2.div(f64x2.sub(r0, rounder), priceUnits), v0),
        f64x2.eq(f64x2.div(f64x2.sub(r1, rounder), priceUnits), v1),
      ),
      v128.and(
        f64x2.eq(f64x2.div(f64x2.sub(s0, rounder), qtyUnits), w0),
        f64x2.eq(f64x2.div(f64x2.sub(s1, rounder), qtyUnits), w1),
      ),
    );
    // NaN may be lost by pmax, but is never equal to itself above.
    const largest = f64x2.pmax(f64x2.pmax(p0, p1), f64x2.pmax(q0, q1));
    const early = v128.or(
      v128.or(
        i64x2.lt_s(v128.load(recvPtr + at), nsMin),
        i64x2.lt_s(v128.load(recvPtr + at, 16), nsMin),
      ),
      v128.or(
        i64x2.lt_s(v128.load(eventPtr + at), nsMin),
        i64x2.lt_s(v128.load(eventPtr + at, 16), nsMin),
      ),
    );
    // The sign bit of each lane: a time too early, or a number below zero.
    const wrong = v128.or(early, v128.or(v128.or(v0, v1), v128.or(w0, w1)));
    const plain = v128.andnot(v128.and(same, f64x2.lt(largest, limit)), wrong);
    if (i64x2.bitmask(plain) != 3) break;
    v128.store(pricePtr + at, i64x2.sub(r0, rounderBits));
    v128.store(pricePtr + at, i64x2.sub(r1, rounderBits), 16);
    v128.store(qtyPtr + at, i64x2.sub(s0, rounderBits));
    v128.store(qtyPtr + at, i64x2.sub(s1, rounderBits), 16);
  }
  return row;
}

/** The last rows, fewer than a group, one by one. */
function plainRest(
  recvPtr: usize,
  eventPtr: usize,
  pricePtr: usize,
  qtyPtr: usize,
  row: i32,
  rowCount: i32,
  priceUnit: f64,
  qtyUnit: f64,
): i32 {
  for (; row < rowCount; row++) {
    const at = <usize>row << 3;
    if (load<i64>(recvPtr + at) < NS_MIN || load<i64>(eventPtr + at) < NS_MIN) break;
    const price = load<f64>(pricePtr + at);
    const qty = load<f64>(qtyPtr + at);
    if ((reinterpret<i64>(price) | reinterpret<i64>(qty)) < 0) break;
    const pricePips = nearest<f64>(price * priceUnit);
    const qtyPips = nearest<f64>(qty * qtyUnit);
    // Written so that NaN fails it too.
    if (!(pricePips < TWO_51 && qtyPips < TWO_51)) break;
    if (pricePips / priceUnit != price || qtyPips / qtyUnit != qty) break;
    store<i64>(pricePtr + at, <i64>pricePips);
    store<i64>(qtyPtr + at, <i64>qtyPips);
  }
  return row;
}
