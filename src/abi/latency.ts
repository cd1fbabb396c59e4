// The block of the latency kernel (assembly/latency.ts): extremes, and counts of magnitudes in
// buckets that double in width, each split into 16 (as HdrHistogram does). Offsets in bytes.

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
export const LATENCY_BLOCK_BYTES = 8224;
