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

/**
 * Adds tsRecv - tsEvent of each row to a block.
 *
 * tsRecvPtr, tsEventPtr: i64 ns, 8-byte aligned, read only. blockPtr: the LATENCY_ block (8-byte
 * aligned), read and written; cleared by the host before the first rows. Differences wrap as i64.
 * Returns rowCount, or -STATUS_BAD_ARGUMENT.
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
  for (let i = 0; i < rowCount; i++) {
    const offset = <usize>i << 3;
    const latency = load<i64>(tsRecvPtr + offset) - load<i64>(tsEventPtr + offset);
    smallest = min(smallest, latency);
    largest = max(largest, latency);
    const negative = latency < 0;
    negativeCount += i32(negative);
    const magnitude = <u64>(negative ? 0 - latency : latency);
    const counts = negative ? LATENCY_NEGATIVE_COUNTS : LATENCY_POSITIVE_COUNTS;
    const countPtr = blockPtr + counts + (bucketOf(magnitude) << 2);
    store<u32>(countPtr, load<u32>(countPtr) + 1);
  }
  store<i64>(blockPtr, smallest, LATENCY_MIN);
  store<i64>(blockPtr, largest, LATENCY_MAX);
  store<i64>(blockPtr, seen + <i64>rowCount, LATENCY_COUNT);
  store<i64>(blockPtr, load<i64>(blockPtr, LATENCY_NEGATIVE) + <i64>negativeCount, LATENCY_NEGATIVE);
  return rowCount;
}
