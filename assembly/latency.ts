// Latency: how long after its event a row was received, as extremes and a histogram.
//
// A magnitude below 16 has a bucket of its own; above, the bucket is its highest bit and the four
// bits behind it, so that a bucket is at most 1/16 of its values wide and its middle at most 1/32
// (3.1 %) off.
//
//   magnitude   1 b3 b2 b1 b0 x x x x x     exponent: how many x      bucket = 16 exponent + 16 + b
import {
  LATENCY_COUNT,
  LATENCY_MAX,
  LATENCY_MIN,
  LATENCY_NEGATIVE,
  LATENCY_NEGATIVE_COUNTS,
  LATENCY_POSITIVE_COUNTS,
  LATENCY_SUB_BUCKET_BITS,
} from "../src/abi/latency";
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";

// @ts-ignore: decorator
@inline
function bucketOf(magnitude: u64): usize {
  const exponent = max(63 - LATENCY_SUB_BUCKET_BITS - <i32>clz<u64>(magnitude | 16), 0);
  // The leading bit is still in the shifted value: it counts as the 16 of the formula.
  return (<usize>exponent << LATENCY_SUB_BUCKET_BITS) + <usize>(magnitude >> <u64>exponent);
}

// @ts-ignore: decorator
@inline
function latencies(tsRecvPtr: usize, tsEventPtr: usize, offset: usize): v128 {
  return i64x2.sub(v128.load(tsRecvPtr + offset), v128.load(tsEventPtr + offset));
}

/** Bits 0 and 1: rows `row` and `row + 1` have another latency than the row before them. */
// @ts-ignore: decorator
@inline
function changesOfTwo(tsRecvPtr: usize, tsEventPtr: usize, row: i32): i32 {
  const offset = <usize>row << 3;
  const before = latencies(tsRecvPtr, tsEventPtr, offset - 8);
  return i64x2.bitmask(i64x2.ne(latencies(tsRecvPtr, tsEventPtr, offset), before));
}

/** Bit k: row rowStart + k has another latency than the row before. 1 to 64 rows, not row 0. */
function changesAmong(tsRecvPtr: usize, tsEventPtr: usize, rowStart: i32, rowEnd: i32): u64 {
  let changes: u64 = 0;
  let row = rowStart;
  for (; row + 8 <= rowEnd; row += 8) {
    const eight =
      changesOfTwo(tsRecvPtr, tsEventPtr, row) |
      (changesOfTwo(tsRecvPtr, tsEventPtr, row + 2) << 2) |
      (changesOfTwo(tsRecvPtr, tsEventPtr, row + 4) << 4) |
      (changesOfTwo(tsRecvPtr, tsEventPtr, row + 6) << 6);
    changes |= <u64><u32>eight << <u64>(row - rowStart);
  }
  for (; row < rowEnd; row++) {
    const before = latencyAt(tsRecvPtr, tsEventPtr, row - 1);
    const isChange = latencyAt(tsRecvPtr, tsEventPtr, row) != before;
    changes |= u64(isChange) << <u64>(row - rowStart);
  }
  return changes;
}

// @ts-ignore: decorator
@inline
function latencyAt(tsRecvPtr: usize, tsEventPtr: usize, row: i32): i64 {
  const offset = <usize>row << 3;
  return load<i64>(tsRecvPtr + offset) - load<i64>(tsEventPtr + offset);
}

/**
 * Adds tsRecv - tsEvent of each row to a block. The rows of a message share both stamps: a run of
 * rows with the same latency is one step.
 *
 * tsRecvPtr, tsEventPtr: i64 ns, 8-byte aligned, read only. blockPtr: the LATENCY_ block (8-byte
 * aligned), read and written; cleared by the host before the first rows. Differences wrap as i64.
 * No over-read. Returns rowCount, or -STATUS_BAD_ARGUMENT.
 */
export function latencyAdd(
  tsRecvPtr: usize,
  tsEventPtr: usize,
  rowCount: i32,
  blockPtr: usize,
): i32 {
  if ((tsRecvPtr | tsEventPtr | blockPtr) & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  if (rowCount == 0) return 0;
  const seen = load<i64>(blockPtr, LATENCY_COUNT);
  let smallest = seen == 0 ? i64.MAX_VALUE : load<i64>(blockPtr, LATENCY_MIN);
  let largest = seen == 0 ? i64.MIN_VALUE : load<i64>(blockPtr, LATENCY_MAX);
  let negativeCount = 0;
  let runStart = 0;
  let row = 1;
  while (runStart < rowCount) {
    // The ends of the runs among up to 64 rows; behind the last row the last run ends.
    const rowEnd = min(row + 64, rowCount);
    let ends = rowEnd > row ? changesAmong(tsRecvPtr, tsEventPtr, row, rowEnd) : 1;
    while (ends != 0) {
      const next = row + <i32>ctz<u64>(ends);
      ends &= ends - 1;
      const latency = latencyAt(tsRecvPtr, tsEventPtr, runStart);
      const count = next - runStart;
      runStart = next;
      smallest = min(smallest, latency);
      largest = max(largest, latency);
      const negative = latency < 0;
      negativeCount += negative ? count : 0;
      const magnitude = <u64>(negative ? 0 - latency : latency);
      const counts = negative ? LATENCY_NEGATIVE_COUNTS : LATENCY_POSITIVE_COUNTS;
      const countPtr = blockPtr + counts + (bucketOf(magnitude) << 2);
      store<u32>(countPtr, load<u32>(countPtr) + count);
    }
    row = rowEnd;
  }
  store<i64>(blockPtr, smallest, LATENCY_MIN);
  store<i64>(blockPtr, largest, LATENCY_MAX);
  store<i64>(blockPtr, seen + <i64>rowCount, LATENCY_COUNT);
  store<i64>(blockPtr, load<i64>(blockPtr, LATENCY_NEGATIVE) + <i64>negativeCount, LATENCY_NEGATIVE);
  return rowCount;
}
