// The kernels' algorithms once more in C: what a compiler for this machine makes of them, beside
// what the engine makes of the WebAssembly. A case reads its input file and fills an output, which
// the bench compares with the kernel's byte for byte.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct job {
  const uint8_t *input;
  size_t input_bytes;
  // Values, rows or bytes, as the case counts them.
  int64_t count;
  // Scale, bit width, or whatever else the case wants.
  int64_t param;
  uint8_t *output;
  // A copy of the input that may be overwritten; made again before each round, untimed.
  uint8_t *work;
  // Cleared once, for tables.
  uint8_t *scratch;
};

// Returns the bytes of output.
typedef size_t (*case_function)(const struct job *job);

#define SCRATCH_BYTES ((size_t)1 << 20)

size_t scale_f64(const struct job *job);
size_t gap_scan(const struct job *job);
size_t delta_encode(const struct job *job);
size_t delta_decode(const struct job *job);
size_t dictionary_decode(const struct job *job);
size_t snappy_compress(const struct job *job);
size_t snappy_decompress(const struct job *job);
size_t xxh64_hash(const struct job *job);
size_t crc32_sum(const struct job *job);
size_t stamps_add(const struct job *job);
size_t book_apply(const struct job *job);

// Loads and stores of any alignment; the compiler makes single instructions of them.
static inline uint64_t load64(const void *at) { uint64_t v; memcpy(&v, at, 8); return v; }
static inline uint32_t load32(const void *at) { uint32_t v; memcpy(&v, at, 4); return v; }
static inline uint16_t load16(const void *at) { uint16_t v; memcpy(&v, at, 2); return v; }
static inline void store64(void *at, uint64_t v) { memcpy(at, &v, 8); }
static inline void store32(void *at, uint32_t v) { memcpy(at, &v, 4); }
static inline void store16(void *at, uint16_t v) { memcpy(at, &v, 2); }

// Unsigned LEB128.
static inline uint8_t *store_varint(uint8_t *at, uint64_t value) {
  for (; value > 127; value >>= 7) *at++ = (uint8_t)(value | 128);
  *at++ = (uint8_t)value;
  return at;
}
static inline const uint8_t *load_varint(const uint8_t *at, uint64_t *value) {
  uint64_t found = 0;
  for (int shift = 0;; shift += 7) {
    uint8_t byte = *at++;
    found |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) break;
  }
  *value = found;
  return at;
}
static inline uint64_t zigzag(int64_t value) { return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63); }
static inline int64_t unzigzag(uint64_t value) { return (int64_t)(value >> 1) ^ -(int64_t)(value & 1); }
