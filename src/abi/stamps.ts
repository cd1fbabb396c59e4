// The block of the stamps kernel (assembly/stamps.ts). Offsets in bytes.
//
// Latencies of all rows so far: extremes, and counts of magnitudes in buckets that double in width,
// each split into 16 (as HdrHistogram does).

/** i64: smallest and largest latency in ns; valid when LATENCY_COUNT > 0. */
export const LATENCY_MIN = 0;
export const LATENCY_MAX = 8;
/** i64: latencies seen. */
export const LATENCY_COUNT = 16;
/** i64: how many of them were below 0. */
export const LATENCY_NEGATIVE = 24;
/** u32 counts of the latencies >= 0, by bucket. */
export const LATENCY_POSITIVE_COUNTS = 32;

/** Buckets of 64 exponents with 16 sub-buckets each. */
export const LATENCY_SUB_BUCKET_BITS = 4;
export const LATENCY_BUCKETS = 1024;
/** u32 counts of the latencies < 0, by the bucket of their magnitude. */
export const LATENCY_NEGATIVE_COUNTS = 4128;

// What the rows of the last call are like; of no rows nothing is said.

/** u64: how far the two clocks are apart at most, in ns. */
export const STAMPS_APART_MAX = 8224;
/** i64: smallest and largest tsRecv. */
export const STAMPS_RECV_MIN = 8232;
export const STAMPS_RECV_MAX = 8240;
/** u64: how far tsRecv is from that of the row before at most, in ns. */
export const STAMPS_STEP_MAX = 8248;
/** i64: rows within a message whose tsEvent is not that of the row behind. */
export const STAMPS_MIXED = 8256;

export const STAMPS_BLOCK_BYTES = 8264;
