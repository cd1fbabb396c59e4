// A book of price levels with the best bid and ask after each message: one array of quantities
// over the ticks of a window for each side, and a bitmap of which ticks are there.
#include "cases.h"

#define WINDOW_BITS 14
#define WINDOW (1 << WINDOW_BITS)

struct side {
  int64_t qty[WINDOW];
  // One word more, so that a search may look at it.
  uint64_t there[WINDOW / 64 + 1];
  // Tick of the best level; -1: none.
  int best;
};

// The nearest level at or below a tick, or -1.
static int nearest_below(const struct side *side, int tick) {
  uint64_t bits = side->there[tick >> 6] & UINT64_MAX >> (63 - (tick & 63));
  for (int word = tick >> 6; word >= 0; bits = word > 0 ? side->there[word - 1] : 0, word--) {
    if (bits != 0) return word * 64 + 63 - __builtin_clzll(bits);
  }
  return -1;
}

// The nearest level at or above a tick, or -1.
static int nearest_above(const struct side *side, int tick) {
  uint64_t bits = side->there[tick >> 6] & UINT64_MAX << (tick & 63);
  for (int word = tick >> 6; word < WINDOW / 64; bits = side->there[++word]) {
    if (bits != 0) return word * 64 + __builtin_ctzll(bits);
  }
  return -1;
}

static inline void set(struct side *side, int is_bid, int tick, int64_t qty) {
  const uint64_t bit = (uint64_t)1 << (tick & 63);
  uint64_t *word = side->there + (tick >> 6);
  if (qty != 0) {
    side->qty[tick] = qty;
    *word |= bit;
    if (side->best < 0 || (is_bid ? tick > side->best : tick < side->best)) side->best = tick;
  } else if (*word & bit) {
    *word &= ~bit;
    if (tick == side->best) side->best = is_bid ? nearest_below(side, tick) : nearest_above(side, tick);
  }
}

// Input: count prices, count quantities (i64), count sides (u8, 1: bid), count flags (u8, 1: ends
// its message). job->param: pips of a tick; the window begins 2^13 ticks below the first price.
// Output: best bid and its quantity, best ask and its quantity (i64) after each message; 0: none.
size_t book_apply(const struct job *job) {
  const int64_t count = job->count;
  const int64_t *prices = (const int64_t *)job->input;
  const int64_t *qtys = prices + count;
  const uint8_t *is_bid = (const uint8_t *)(qtys + count);
  const uint8_t *is_last = is_bid + count;
  struct side *sides = (struct side *)job->scratch;
  memset(sides, 0, 2 * sizeof *sides);
  sides[0].best = sides[1].best = -1;
  const double per_tick = 1.0 / (double)job->param;
  const int64_t base = prices[0] - job->param * (WINDOW / 2);
  int64_t *out = (int64_t *)job->output;
  for (int64_t row = 0; row < count; row++) {
    const int bid = is_bid[row];
    // Ticks are small, so that a multiplication and rounding are exact and cheaper than division.
    const int tick = (int)((double)(prices[row] - base) * per_tick + 0.5);
    if ((unsigned)tick >= WINDOW) return 0;
    set(sides + bid, bid, tick, qtys[row]);
    if (!is_last[row]) continue;
    for (int side = 1; side >= 0; side--) {
      const int best = sides[side].best;
      *out++ = best < 0 ? 0 : base + best * job->param;
      *out++ = best < 0 ? 0 : sides[side].qty[best];
    }
  }
  return (size_t)((uint8_t *)out - job->output);
}
