// Both times of rows, in one pass: how long after its event a row was received, as extremes and a
// histogram, and whether anything is the matter with the stamps of these rows.
//
// The rows of a message share their stamps: a run of rows with the same two stamps is one step.
//
// A magnitude below 16 has a bucket of its own; above, the bucket is its highest bit and the four
// bits behind it, so that a bucket is at most 1/16 of its values wide and its middle at most 1/32
// (3.1 %) off.
//
//   magnitude   1 b3 b2 b1 b0 x x x x x     exponent: how many x      bucket = 16 exponent + 16 + b
import { FLAG_LAST } from "../src/abi/flags";
import {
  LATENCY_COUNT,
  LATENCY_MAX,
  LATENCY_MIN,
  LATENCY_NEGATIVE,
  LATENCY_NEGATIVE_COUNTS,
  LATENCY_POSITIVE_COUNTS,
  LATENCY_SUB_BUCKET_BITS,
  STAMPS_APART_MAX,
  STAMPS_MIXED,
  STAMPS_RECV_MAX,
  STAMPS_RECV_MIN,
  STAMPS_STEP_MAX,
} from "../src/abi/stamps";
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";

// @ts-ignore: decorator
@inline
function bucketOf(magnitude: u64): usize {
  const exponent = max(63 - LATENCY_SUB_BUCKET_BITS - <i32>clz<u64>(magnitude | 16), 0);
  // The leading bit is still in the shifted value: it counts as the 16 of the formula.
  return (<usize>exponent << LATENCY_SUB_BUCKET_BITS) + <usize>(magnitude >> <u64>exponent);
}

/** Lanes of 64 bits: which of `two` values equal the one before, the last of `before` or the first. */
// @ts-ignore: decorator
@inline
function sameAsBefore(two: v128, before: v128): v128 {
  return i64x2.eq(two, v128.shuffle<i64>(before, two, 1, 2));
}

/**
 * Bit 2 k: row rowStart + k has other stamps than the row before, and perhaps another latency.
 * 1 to 32 rows, not row 0.
 */
function changesAmong(tsRecvPtr: usize, tsEventPtr: usize, rowStart: i32, rowEnd: i32): u64 {
  let changes: u64 = 0;
  let row = rowStart;
  const before = <usize>row << 3;
  let recv3 = v128.load64_splat(tsRecvPtr + before - 8);
  let event3 = v128.load64_splat(tsEventPtr + before - 8);
  for (; row + 8 <= rowEnd; row += 8) {
    const recv = tsRecvPtr + (<usize>row << 3);
    const event = tsEventPtr + (<usize>row << 3);
    const recv0 = v128.load(recv);
    const recv1 = v128.load(recv, 16);
    const recv2 = v128.load(recv, 32);
    const event0 = v128.load(event);
    const event1 = v128.load(event, 16);
    const event2 = v128.load(event, 32);
    const same0 = v128.and(sameAsBefore(recv0, recv3), sameAsBefore(event0, event3));
    recv3 = v128.load(recv, 48);
    event3 = v128.load(event, 48);
    const same1 = v128.and(sameAsBefore(recv1, recv0), sameAsBefore(event1, event0));
    const same2 = v128.and(sameAsBefore(recv2, recv1), sameAsBefore(event2, event1));
    const same3 = v128.and(sameAsBefore(recv3, recv2), sameAsBefore(event3, event2));
    // Eight lanes to two bits each.
    const same = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(same0, same1),
      i16x8.narrow_i32x4_s(same2, same3),
    );
    changes |= <u64>(i8x16.bitmask(same) ^ 0xffff) << <u64>((row - rowStart) << 1);
  }
  for (; row < rowEnd; row++) {
    const isChange = !isSame(tsRecvPtr, row) || !isSame(tsEventPtr, row);
    changes |= u64(isChange) << <u64>((row - rowStart) << 1);
  }
  return changes & 0x5555555555555555;
}

// @ts-ignore: decorator
@inline
function isSame(ptr: usize, row: i32): bool {
  const at = ptr + (<usize>row << 3);
  return load<i64>(at) == load<i64>(at - 8);
}

/** How far two stamps are apart; the difference of any two fits. */
// @ts-ignore: decorator
@inline
function distance(a: i64, b: i64): u64 {
  return a < b ? <u64>b - <u64>a : <u64>a - <u64>b;
}

/**
 * Adds tsRecv - tsEvent of each row to a block, and writes into it what these rows' stamps are like.
 * Equal stamps are no latency: a time that a source lacks is a copy of the other.
 *
 * tsRecvPtr, tsEventPtr: i64 ns, 8-byte aligned, read only. flagsPtr: i32, 4-byte aligned, read
 * only, with FLAG_LAST where messages end; 0: the rows are no messages, and none is mixed. blockPtr:
 * the STAMPS_ block (8-byte aligned), read and written; cleared by the host before the first rows.
 * Latencies wrap as i64. No over-read. Returns rowCount, or -STATUS_BAD_ARGUMENT.
 */
export function stampsAdd(
  tsRecvPtr: usize,
  tsEventPtr: usize,
  flagsPtr: usize,
  rowCount: i32,
  blockPtr: usize,
): i32 {
  if ((tsRecvPtr | tsEventPtr | blockPtr) & 7 || flagsPtr & 3 || rowCount < 0) {
    return -STATUS_BAD_ARGUMENT;
  }
  if (rowCount == 0) return 0;
  const seen = load<i64>(blockPtr, LATENCY_COUNT);
  let smallest = seen == 0 ? i64.MAX_VALUE : load<i64>(blockPtr, LATENCY_MIN);
  let largest = seen == 0 ? i64.MIN_VALUE : load<i64>(blockPtr, LATENCY_MAX);
  let negativeCount = 0;
  let copiedCount = 0;
  let recv = load<i64>(tsRecvPtr);
  let event = load<i64>(tsEventPtr);
  let recvMin = recv;
  let recvMax = recv;
  let apartMax: u64 = 0;
  let stepMax: u64 = 0;
  let mixed = 0;
  let runStart = 0;
  let row = 1;
  while (runStart < rowCount) {
    // The ends of the runs among up to 32 rows; behind the last row the last run ends.
    const rowEnd = min(row + 32, rowCount);
    let ends = rowEnd > row ? changesAmong(tsRecvPtr, tsEventPtr, row, rowEnd) : 1;
    while (ends != 0) {
      const next = row + <i32>(ctz<u64>(ends) >> 1);
      ends &= ends - 1;
      const count = next - runStart;
      runStart = next;
      const latency = recv - event;
      if (latency != 0) {
        smallest = min(smallest, latency);
        largest = max(largest, latency);
        const negative = latency < 0;
        negativeCount += negative ? count : 0;
        const magnitude = <u64>(negative ? 0 - latency : latency);
        const counts = negative ? LATENCY_NEGATIVE_COUNTS : LATENCY_POSITIVE_COUNTS;
        const countPtr = blockPtr + counts + (bucketOf(magnitude) << 2);
        store<u32>(countPtr, load<u32>(countPtr) + count);
      } else copiedCount += count;
      apartMax = max(apartMax, distance(recv, event));
      recvMin = min(recvMin, recv);
      recvMax = max(recvMax, recv);
      if (next == rowCount) break;
      const offset = <usize>next << 3;
      const nextRecv = load<i64>(tsRecvPtr + offset);
      const nextEvent = load<i64>(tsEventPtr + offset);
      stepMax = max(stepMax, distance(nextRecv, recv));
      const goesOn =
        flagsPtr != 0 && (load<i32>(flagsPtr + (<usize>next << 2) - 4) & FLAG_LAST) == 0;
      mixed += i32(goesOn) & i32(nextEvent != event);
      recv = nextRecv;
      event = nextEvent;
    }
    row = rowEnd;
  }
  store<i64>(blockPtr, smallest, LATENCY_MIN);
  store<i64>(blockPtr, largest, LATENCY_MAX);
  store<i64>(blockPtr, seen + <i64>(rowCount - copiedCount), LATENCY_COUNT);
  store<i64>(blockPtr, load<i64>(blockPtr, LATENCY_NEGATIVE) + <i64>negativeCount, LATENCY_NEGATIVE);
  store<u64>(blockPtr, apartMax, STAMPS_APART_MAX);
  store<i64>(blockPtr, recvMin, STAMPS_RECV_MIN);
  store<i64>(blockPtr, recvMax, STAMPS_RECV_MAX);
  store<u64>(blockPtr, stepMax, STAMPS_STEP_MAX);
  store<i64>(blockPtr, <i64>mixed, STAMPS_MIXED);
  return rowCount;
}

/**
 * The first row of [row, rowCount) whose stamp is `limit` (1 or more) or more above that of the row
 * before; rowCount: there is none. ptr: i64 of row 0, 8-byte aligned, read only. The row before
 * `row` (1 or more) is read too. -STATUS_BAD_ARGUMENT for a wrong argument.
 */
export function nextStepUp(ptr: usize, row: i32, rowCount: i32, limit: i64): i32 {
  if (ptr & 7 || row < 1 || row > rowCount || limit < 1) return -STATUS_BAD_ARGUMENT;
  const limits = i64x2.splat(limit);
  for (; row + 2 <= rowCount; row += 2) {
    const at = ptr + (<usize>row << 3);
    const steps = i64x2.sub(v128.load(at), v128.load(at - 8));
    if (v128.any_true(i64x2.ge_s(steps, limits))) break;
  }
  for (; row < rowCount; row++) {
    const at = ptr + (<usize>row << 3);
    if (load<i64>(at) - load<i64>(at - 8) >= limit) return row;
  }
  return rowCount;
}
