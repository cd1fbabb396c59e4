// Columns of 64-bit values: prices to pips with proof, gaps in ids, latencies.
#include "cases.h"

typedef double f64x2 __attribute__((vector_size(16)));
typedef int64_t i64x2 __attribute__((vector_size(16)));

// Adding it to |x| < 2^51 rounds x to an integer, which stands in the sum's low bits.
#define ROUNDER 6755399441055744.0
#define ROUNDER_BITS 0x4338000000000000
#define TWO_51 2251799813685248.0

static inline f64x2 magnitude(f64x2 v) {
  const i64x2 mask = {INT64_MAX, INT64_MAX};
  return (f64x2)((i64x2)v & mask);
}

// count doubles at `work` become pips in place; one division proves each pair. Stops at the first
// group of eight that is not proven (inputs of this bench have none) and returns what was done.
size_t scale_f64(const struct job *job) {
  double unit = 1;
  for (int64_t i = 0; i < job->param; i++) unit *= 10;
  const f64x2 units = {unit, unit};
  const f64x2 rounder = {ROUNDER, ROUNDER};
  const f64x2 limit = {TWO_51, TWO_51};
  const i64x2 rounder_bits = {ROUNDER_BITS, ROUNDER_BITS};
  f64x2 *values = (f64x2 *)job->work;
  int64_t pair = 0;
  for (; pair + 4 <= job->count / 2; pair += 4) {
    i64x2 proven = {-1, -1};
    i64x2 pips[4];
    for (int i = 0; i < 4; i++) {
      const f64x2 value = values[pair + i];
      const f64x2 product = value * units;
      const f64x2 sum = product + rounder;
      proven &= ((sum - rounder) / units == value) & (magnitude(product) < limit);
      pips[i] = (i64x2)sum - rounder_bits;
    }
    if ((proven[0] & proven[1]) != -1) break;
    for (int i = 0; i < 4; i++) ((i64x2 *)values)[pair + i] = pips[i];
  }
  return (size_t)pair * 16;
}

// Rows (i64) and missing ids (i64) of each id that is more than 1 above the one before it.
size_t gap_scan(const struct job *job) {
  const int64_t *ids = (const int64_t *)job->input;
  int64_t *out = (int64_t *)job->output;
  int64_t row = 1;
  while (row < job->count) {
    // Eight at a time while none of them leaves a gap.
    for (; row + 8 <= job->count; row += 8) {
      int64_t gaps = 0;
      for (int i = 0; i < 8; i++) {
        const int64_t step = (int64_t)((uint64_t)ids[row + i] - (uint64_t)ids[row + i - 1]);
        gaps |= (ids[row + i] > ids[row + i - 1]) & (step != 1);
      }
      if (gaps) break;
    }
    const int64_t end = row + 8 < job->count ? row + 8 : job->count;
    for (; row < end; row++) {
      if (ids[row] <= ids[row - 1] || (uint64_t)ids[row] - (uint64_t)ids[row - 1] == 1) continue;
      *out++ = row;
      *out++ = ids[row] - ids[row - 1] - 1;
    }
  }
  return (size_t)((uint8_t *)out - job->output);
}

#define BUCKETS 1024

// Input: count receive stamps, then count event stamps. Output: smallest, largest, count, negative
// count (i64), then BUCKETS u32 of the latencies above 0 and as many of those below (0 is none); then how far the
// two are apart at most, smallest and largest receive stamp, its largest step, and 0 (i64).
size_t stamps_add(const struct job *job) {
  const int64_t *recv = (const int64_t *)job->input;
  const int64_t *event = recv + job->count;
  const size_t counts_bytes = 2 * BUCKETS * 4;
  memset(job->output, 0, 32 + counts_bytes + 40);
  int64_t *head = (int64_t *)job->output;
  uint32_t *counts = (uint32_t *)(job->output + 32);
  int64_t *facts = (int64_t *)(job->output + 32 + counts_bytes);
  int64_t smallest = INT64_MAX, largest = INT64_MIN, negatives = 0, copied = 0;
  int64_t first = recv[0], last = recv[0], step_max = 0, before = recv[0];
  for (int64_t row = 0; row < job->count; row++) {
    const int64_t latency = recv[row] - event[row];
    if (latency != 0) {
      if (latency < smallest) smallest = latency;
      if (latency > largest) largest = latency;
      const int negative = latency < 0;
      negatives += negative;
      const uint64_t size = negative ? -(uint64_t)latency : (uint64_t)latency;
      // The highest bit, and the four bits behind it.
      const int exponent = 59 - __builtin_clzll(size | 16);
      counts[(negative ? BUCKETS : 0) + exponent * 16 + (int)(size >> exponent)]++;
    } else {
      copied++;
    }
    if (recv[row] < first) first = recv[row];
    if (recv[row] > last) last = recv[row];
    const int64_t step = recv[row] < before ? before - recv[row] : recv[row] - before;
    if (step > step_max) step_max = step;
    before = recv[row];
  }
  head[0] = smallest;
  head[1] = largest;
  head[2] = job->count - copied;
  head[3] = negatives;
  facts[0] = largest > -smallest ? largest : -smallest;
  facts[1] = first;
  facts[2] = last;
  facts[3] = step_max;
  return 32 + counts_bytes + 40;
}
