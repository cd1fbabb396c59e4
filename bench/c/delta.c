// DELTA_BINARY_PACKED of i64: blocks of 256 deltas in 8 miniblocks of 32.
#include "cases.h"

#define BLOCK 256
#define MINIBLOCK 32
#define MINIBLOCKS 8

static int width_of(uint64_t all) { return all == 0 ? 0 : 64 - __builtin_clzll(all); }

// 32 values of `width` bits each, through a 64-bit accumulator.
static inline uint8_t *pack(const uint64_t *values, int width, uint8_t *out) {
  uint64_t acc = 0;
  int bits = 0;
  for (int i = 0; i < MINIBLOCK; i++) {
    const uint64_t value = values[i];
    acc |= value << bits;
    store64(out, acc);
    const int filled = bits + width;
    const int full = filled >= 64;
    acc = full ? (value >> 1) >> (63 - bits) : acc;
    out += full ? 8 : 0;
    bits = filled & 63;
  }
  if (bits != 0) store64(out, acc);
  return out + (bits >> 3);
}

// Two values share a word where they fit: half the steps.
static inline uint8_t *pack_pairs(const uint64_t *values, int width, uint8_t *out) {
  uint64_t acc = 0;
  int bits = 0;
  for (int i = 0; i < MINIBLOCK; i += 2) {
    const uint64_t pair = values[i] | values[i + 1] << width;
    acc |= pair << bits;
    store64(out, acc);
    const int filled = bits + 2 * width;
    const int full = filled >= 64;
    acc = full ? (pair >> 1) >> (63 - bits) : acc;
    out += full ? 8 : 0;
    bits = filled & 63;
  }
  if (bits != 0) store64(out, acc);
  return out + (bits >> 3);
}

// Four values share a word of 4 * width bits.
static inline uint8_t *pack_quads(const uint64_t *values, int width, uint8_t *out) {
  for (int i = 0; i < MINIBLOCK; i += 8) {
    uint64_t quad[2];
    for (int q = 0; q < 2; q++) {
      const uint64_t *v = values + i + 4 * q;
      quad[q] = v[0] | v[1] << width | v[2] << (2 * width) | v[3] << (3 * width);
    }
    const int half = 4 * width;
    store64(out, half == 64 ? quad[0] : quad[0] | quad[1] << half);
    store64(out + 8, half == 64 ? quad[1] : quad[1] >> (64 - half));
    out += width;
  }
  return out;
}

size_t delta_encode(const struct job *job) {
  const int64_t *values = (const int64_t *)job->input;
  const int64_t count = job->count;
  uint64_t deltas[BLOCK];
  uint8_t *at = store_varint(job->output, BLOCK);
  at = store_varint(at, MINIBLOCKS);
  at = store_varint(at, (uint64_t)count);
  at = store_varint(at, zigzag(count > 0 ? values[0] : 0));
  for (int64_t done = 0; done < count - 1; done += BLOCK) {
    const int n = count - 1 - done < BLOCK ? (int)(count - 1 - done) : BLOCK;
    int64_t smallest = INT64_MAX;
    for (int i = 0; i < n; i++) {
      const int64_t delta =
          (int64_t)((uint64_t)values[done + i + 1] - (uint64_t)values[done + i]);
      deltas[i] = (uint64_t)delta;
      smallest = delta < smallest ? delta : smallest;
    }
    const int miniblocks = (n + MINIBLOCK - 1) / MINIBLOCK;
    for (int i = n; i < miniblocks * MINIBLOCK; i++) deltas[i] = (uint64_t)smallest;
    uint8_t *widths = store_varint(at, zigzag(smallest));
    memset(widths, 0, MINIBLOCKS);
    at = widths + MINIBLOCKS;
    for (int m = 0; m < miniblocks; m++) {
      uint64_t *from = deltas + m * MINIBLOCK;
      uint64_t all = 0;
      for (int i = 0; i < MINIBLOCK; i++) {
        from[i] -= (uint64_t)smallest;
        all |= from[i];
      }
      const int width = width_of(all);
      widths[m] = (uint8_t)width;
      if (width == 0) continue;
      if (width <= 16) at = pack_quads(from, width, at);
      else if (width <= 32) at = pack_pairs(from, width, at);
      else at = pack(from, width, at);
    }
  }
  return (size_t)(at - job->output);
}

static inline uint64_t bits_at(const uint8_t *from, int64_t bit, int width) {
  const uint8_t *at = from + (bit >> 3);
  const int shift = (int)(bit & 7);
  const uint64_t mask = width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
  uint64_t value = load64(at) >> shift;
  if (shift + width > 64) value |= (uint64_t)at[8] << (64 - shift);
  return value & mask;
}

size_t delta_decode(const struct job *job) {
  uint64_t *out = (uint64_t *)job->output;
  uint64_t block, miniblocks, count, first;
  const uint8_t *at = load_varint(job->input, &block);
  at = load_varint(at, &miniblocks);
  at = load_varint(at, &count);
  at = load_varint(at, &first);
  if (count == 0) return 0;
  const uint64_t of_miniblock = block / miniblocks;
  uint64_t value = (uint64_t)unzigzag(first);
  *out++ = value;
  for (uint64_t left = count - 1; left > 0;) {
    uint64_t smallest;
    at = load_varint(at, &smallest);
    smallest = (uint64_t)unzigzag(smallest);
    const uint8_t *widths = at;
    at += miniblocks;
    for (uint64_t m = 0; m < miniblocks && left > 0; m++) {
      const int width = widths[m];
      const uint64_t n = left < of_miniblock ? left : of_miniblock;
      // Up to 56 bits stand in one word wherever they begin.
      if (width <= 56) {
        const uint64_t mask = ((uint64_t)1 << width) - 1;
        for (uint64_t i = 0, bit = 0; i < n; i++, bit += (uint64_t)width) {
          value += ((load64(at + (bit >> 3)) >> (bit & 7)) & mask) + smallest;
          *out++ = value;
        }
      } else {
        for (uint64_t i = 0; i < n; i++) {
          value += bits_at(at, (int64_t)i * width, width) + smallest;
          *out++ = value;
        }
      }
      at += of_miniblock * (uint64_t)width / 8;
      left -= n;
    }
  }
  return count * 8;
}
