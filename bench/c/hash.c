// XXH64 (seed 0), and CRC-32 (0xEDB88320, reflected) 16 bytes a step over 16 tables.
#include "cases.h"

#define PRIME_1 0x9e3779b185ebca87u
#define PRIME_2 0xc2b2ae3d27d4eb4fu
#define PRIME_3 0x165667b19e3779f9u
#define PRIME_4 0x85ebca77c2b2ae63u
#define PRIME_5 0x27d4eb2f165667c5u

static inline uint64_t rotl(uint64_t v, int by) { return v << by | v >> (64 - by); }
static inline uint64_t lane_round(uint64_t lane, uint64_t word) {
  return rotl(lane + word * PRIME_2, 31) * PRIME_1;
}
static inline uint64_t merge(uint64_t hash, uint64_t lane) {
  return (hash ^ lane_round(0, lane)) * PRIME_1 + PRIME_4;
}

size_t xxh64_hash(const struct job *job) {
  const uint8_t *at = job->input;
  const uint8_t *end = at + job->count;
  uint64_t hash = PRIME_5;
  if (job->count >= 32) {
    uint64_t lanes[4] = {PRIME_1 + PRIME_2, PRIME_2, 0, 0 - PRIME_1};
    for (; at + 32 <= end; at += 32) {
      for (int i = 0; i < 4; i++) lanes[i] = lane_round(lanes[i], load64(at + 8 * i));
    }
    hash = rotl(lanes[0], 1) + rotl(lanes[1], 7) + rotl(lanes[2], 12) + rotl(lanes[3], 18);
    for (int i = 0; i < 4; i++) hash = merge(hash, lanes[i]);
  }
  hash += (uint64_t)job->count;
  for (; at + 8 <= end; at += 8) {
    hash = rotl(hash ^ lane_round(0, load64(at)), 27) * PRIME_1 + PRIME_4;
  }
  if (at + 4 <= end) {
    hash = rotl(hash ^ load32(at) * PRIME_1, 23) * PRIME_2 + PRIME_3;
    at += 4;
  }
  for (; at < end; at++) hash = rotl(hash ^ *at * PRIME_5, 11) * PRIME_1;
  hash = (hash ^ hash >> 33) * PRIME_2;
  hash = (hash ^ hash >> 29) * PRIME_3;
  store64(job->output, hash ^ hash >> 32);
  return 8;
}

static void fill_tables(uint32_t (*tables)[256]) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    tables[0][byte] = crc;
  }
  for (int k = 1; k < 16; k++) {
    for (int byte = 0; byte < 256; byte++) {
      const uint32_t before = tables[k - 1][byte];
      tables[k][byte] = tables[0][before & 255] ^ before >> 8;
    }
  }
}

size_t crc32_sum(const struct job *job) {
  uint32_t(*tables)[256] = (uint32_t(*)[256])job->scratch;
  if (tables[0][1] == 0) fill_tables(tables);
  const uint8_t *at = job->input;
  const uint8_t *end = at + job->count;
  uint32_t crc = UINT32_MAX;
  for (; at + 16 <= end; at += 16) {
    const uint32_t words[4] = {load32(at) ^ crc, load32(at + 4), load32(at + 8), load32(at + 12)};
    crc = 0;
    for (int w = 0; w < 4; w++) {
      for (int b = 0; b < 4; b++) crc ^= tables[15 - 4 * w - b][words[w] >> 8 * b & 255];
    }
  }
  for (; at < end; at++) crc = tables[0][(crc ^ *at) & 255] ^ crc >> 8;
  store32(job->output, ~crc);
  return 4;
}
