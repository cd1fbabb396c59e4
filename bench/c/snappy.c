// Snappy's block format: greedy matches found through a hash table of positions, within fragments
// of 64 KiB; and the way back, every length and offset checked.
#include "cases.h"

#define FRAGMENT 65536
// The search ends so far from the end that 8 bytes at a position are always there to read.
#define MARGIN 15

static inline uint32_t hash_of(uint32_t bytes, int shift) { return bytes * 0x1e35a7bdu >> shift; }

static uint8_t *literal(uint8_t *out, const uint8_t *from, const uint8_t *to) {
  const size_t length = (size_t)(to - from);
  if (length == 0) return out;
  const uint32_t n = (uint32_t)length - 1;
  if (n < 60) {
    *out++ = (uint8_t)(n << 2);
  } else if (n < 256) {
    *out++ = 60 << 2;
    *out++ = (uint8_t)n;
  } else {
    *out++ = 61 << 2;
    store16(out, (uint16_t)n);
    out += 2;
  }
  memcpy(out, from, length);
  return out + length;
}

// Up to 16 bytes with one store.
static inline uint8_t *short_literal(uint8_t *out, const uint8_t *from, const uint8_t *to) {
  const size_t length = (size_t)(to - from);
  if (length > 16) return literal(out, from, to);
  *out = (uint8_t)((length - 1) << 2);
  memcpy(out + 1, from, 16);
  return out + 1 + length;
}

static inline uint8_t *copy_2(uint8_t *out, uint32_t offset, uint32_t length) {
  *out = (uint8_t)((length - 1) << 2 | 2);
  store16(out + 1, (uint16_t)offset);
  return out + 3;
}

static inline uint8_t *copy(uint8_t *out, uint32_t offset, uint32_t length) {
  for (; length >= 68; length -= 64) out = copy_2(out, offset, 64);
  if (length > 64) {
    out = copy_2(out, offset, 60);
    length -= 60;
  }
  if (length >= 12 || offset >= 2048) return copy_2(out, offset, length);
  out[0] = (uint8_t)(offset >> 8 << 5 | (length - 4) << 2 | 1);
  out[1] = (uint8_t)offset;
  return out + 2;
}

static inline uint32_t match_length(const uint8_t *a, const uint8_t *b, const uint8_t *end) {
  const uint8_t *first = b;
  for (; b + 8 <= end; a += 8, b += 8) {
    const uint64_t differs = load64(a) ^ load64(b);
    if (differs != 0) return (uint32_t)(b - first) + (uint32_t)(__builtin_ctzll(differs) >> 3);
  }
  for (; b < end && *a == *b; a++) b++;
  return (uint32_t)(b - first);
}

static uint8_t *fragment(const uint8_t *start, size_t bytes, uint8_t *out, uint16_t *table) {
  const uint8_t *end = start + bytes;
  if (bytes < MARGIN) return literal(out, start, end);
  int bits = 8;
  while (bits < 14 && (size_t)1 << bits < bytes) bits++;
  const int shift = 32 - bits;
  memset(table, 0, (size_t)2 << bits);
  const uint8_t *limit = end - MARGIN;
  const uint8_t *done = start;
  const uint8_t *at = start + 1;
  uint32_t next_hash = hash_of(load32(at), shift);
  for (;;) {
    uint32_t skip = 32;
    const uint8_t *next = at;
    const uint8_t *candidate;
    do {
      at = next;
      const uint32_t slot = next_hash;
      next = at + (skip >> 5);
      skip += skip >> 5;
      if (next > limit) return literal(out, done, end);
      next_hash = hash_of(load32(next), shift);
      candidate = start + table[slot];
      table[slot] = (uint16_t)(at - start);
    } while (load32(at) != load32(candidate));
    out = short_literal(out, done, at);
    do {
      const uint32_t matched = 4 + match_length(candidate + 4, at + 4, end);
      out = copy(out, (uint32_t)(at - candidate), matched);
      at += matched;
      done = at;
      if (at >= limit) return literal(out, done, end);
      const uint64_t around = load64(at - 1);
      table[hash_of((uint32_t)around, shift)] = (uint16_t)(at - start - 1);
      const uint32_t slot = hash_of((uint32_t)(around >> 8), shift);
      candidate = start + table[slot];
      table[slot] = (uint16_t)(at - start);
    } while (load32(at) == load32(candidate));
    at++;
    next_hash = hash_of(load32(at), shift);
  }
}

size_t snappy_compress(const struct job *job) {
  const size_t bytes = (size_t)job->count;
  uint8_t *out = store_varint(job->output, bytes);
  for (size_t done = 0; done < bytes; done += FRAGMENT) {
    const size_t n = bytes - done < FRAGMENT ? bytes - done : FRAGMENT;
    out = fragment(job->input + done, n, out, (uint16_t *)job->scratch);
  }
  return (size_t)(out - job->output);
}

// Copies in words where source and target lie far enough apart; both have room behind their end.
static inline void copy_back(uint8_t *to, uint32_t offset, size_t length) {
  const uint8_t *from = to - offset;
  if (offset >= 16) {
    for (size_t i = 0; i < length; i += 16) memcpy(to + i, from + i, 16);
  } else if (offset >= 8) {
    for (size_t i = 0; i < length; i += 8) memcpy(to + i, from + i, 8);
  } else {
    for (size_t i = 0; i < length; i++) to[i] = from[i];
  }
}

// Returns 0 for a stream that is no good.
size_t snappy_decompress(const struct job *job) {
  const uint8_t *end = job->input + job->input_bytes;
  uint64_t total;
  const uint8_t *at = load_varint(job->input, &total);
  uint8_t *out = job->output;
  uint8_t *out_end = out + total;
  while (at < end) {
    const uint8_t tag = *at++;
    if ((tag & 3) == 0) {
      size_t length = (size_t)(tag >> 2) + 1;
      if (length <= 16 && end - at >= 16 && out_end - out >= 16) {
        memcpy(out, at, 16);
      } else {
        if (length > 60) {
          const int more = (int)length - 60;
          if (end - at < 4) return 0;
          length = (size_t)(load32(at) & (more == 4 ? UINT32_MAX : (1u << 8 * more) - 1)) + 1;
          at += more;
        }
        if ((size_t)(end - at) < length || (size_t)(out_end - out) < length) return 0;
        memcpy(out, at, length);
      }
      at += length;
      out += length;
      continue;
    }
    size_t length = (size_t)(tag >> 2) + 1;
    uint32_t offset;
    if ((tag & 3) == 1) {
      length = (size_t)(tag >> 2 & 7) + 4;
      offset = (uint32_t)(tag >> 5) << 8 | *at;
      at += 1;
    } else if ((tag & 3) == 2) {
      offset = load16(at);
      at += 2;
    } else {
      offset = load32(at);
      at += 4;
    }
    if (offset == 0 || offset > (size_t)(out - job->output)) return 0;
    if ((size_t)(out_end - out) < length) return 0;
    copy_back(out, offset, length);
    out += length;
  }
  return out == out_end ? (size_t)total : 0;
}
