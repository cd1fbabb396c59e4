// RLE and bit-packed hybrid of dictionary indices, and the gather of their values.
#include "cases.h"

// Input: entries (i64 count, then i64 values), then the hybrid of job->count indices at job->param
// bits. Output: a value for each index.
size_t dictionary_decode(const struct job *job) {
  const int64_t entries = (int64_t)load64(job->input);
  const uint64_t *dictionary = (const uint64_t *)(job->input + 8);
  const uint8_t *at = job->input + 8 + 8 * entries;
  uint64_t *out = (uint64_t *)job->output;
  const int width = (int)job->param;
  const int value_bytes = (width + 7) / 8;
  const uint32_t mask = (uint32_t)(((uint64_t)1 << width) - 1);
  for (int64_t left = job->count; left > 0;) {
    uint64_t head;
    at = load_varint(at, &head);
    int64_t n = (int64_t)(head >> 1);
    if (head & 1) {
      // Groups of eight, which fill `width` whole bytes.
      const int64_t groups = n;
      n = groups * 8 < left ? groups * 8 : left;
      for (int64_t i = 0, bit = 0; i < n; i++, bit += width) {
        *out++ = dictionary[(uint32_t)(load64(at + (bit >> 3)) >> (bit & 7)) & mask];
      }
      at += groups * width;
    } else {
      const uint64_t value = dictionary[load32(at) & (value_bytes == 4 ? UINT32_MAX : (1u << 8 * value_bytes) - 1)];
      at += value_bytes;
      if (n > left) n = left;
      for (int64_t i = 0; i < n; i++) *out++ = value;
    }
    left -= n;
  }
  return (size_t)job->count * 8;
}
