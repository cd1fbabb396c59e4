// kernels CASE INPUT OUTPUT COUNT PARAM ROUNDS BUDGET_MS
// Runs a case over the input file again and again, writes its output, and prints the fastest
// round in nanoseconds.
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "cases.h"

static const struct {
  const char *name;
  case_function run;
  // Its output is what it made of `work`.
  int in_place;
} CASES[] = {
  {"scale_f64", scale_f64, 1},
  {"gap_scan", gap_scan, 0},
  {"delta_encode", delta_encode, 0},
  {"delta_decode", delta_decode, 0},
  {"dictionary_decode", dictionary_decode, 0},
  {"snappy_compress", snappy_compress, 0},
  {"snappy_decompress", snappy_decompress, 0},
  {"xxh64", xxh64_hash, 0},
  {"crc32", crc32_sum, 0},
  {"stamps", stamps_add, 0},
  {"book", book_apply, 0},
};

static _Noreturn void fail(const char *what, const char *about) {
  fprintf(stderr, "%s: %s\n", what, about);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// 64-byte aligned, touched, and with room for whole vectors behind its end.
static uint8_t *take(size_t bytes) {
  size_t size = (bytes + 191) & ~(size_t)63;
  uint8_t *block = aligned_alloc(64, size);
  if (block == NULL) fail("no memory", "");
  memset(block, 0, size);
  return block;
}

static uint8_t *read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail("cannot read", path);
  fseek(file, 0, SEEK_END);
  *bytes = (size_t)ftell(file);
  rewind(file);
  uint8_t *block = take(*bytes);
  if (fread(block, 1, *bytes, file) != *bytes) fail("cannot read", path);
  fclose(file);
  return block;
}

int main(int argc, char **argv) {
  if (argc != 8) fail("usage", "kernels CASE INPUT OUTPUT COUNT PARAM ROUNDS BUDGET_MS");
  case_function run = NULL;
  int in_place = 0;
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    if (strcmp(CASES[i].name, argv[1]) != 0) continue;
    run = CASES[i].run;
    in_place = CASES[i].in_place;
  }
  if (run == NULL) fail("no such case", argv[1]);
  struct job job = {.count = atoll(argv[4]), .param = atoll(argv[5])};
  job.input = read_file(argv[2], &job.input_bytes);
  job.work = take(job.input_bytes);
  // What any case makes of its input: at most a few words for each value or byte.
  job.output = take(4096 + 48 * (size_t)job.count + 2 * job.input_bytes);
  job.scratch = take(SCRATCH_BYTES);
  const int rounds = atoi(argv[6]);
  const int64_t budget_ns = atoll(argv[7]) * 1000000;
  const int64_t start_ns = now_ns();
  int64_t fastest_ns = INT64_MAX;
  size_t bytes = 0;
  for (int round = 0; round < rounds && (round < 3 || now_ns() - start_ns < budget_ns); round++) {
    memcpy(job.work, job.input, job.input_bytes);
    const int64_t before_ns = now_ns();
    bytes = run(&job);
    const int64_t took_ns = now_ns() - before_ns;
    if (took_ns < fastest_ns) fastest_ns = took_ns;
  }
  FILE *out = fopen(argv[3], "wb");
  const uint8_t *result = in_place ? job.work : job.output;
  if (out == NULL || fwrite(result, 1, bytes, out) != bytes || fclose(out) != 0) {
    fail("cannot write", argv[3]);
  }
  printf("%lld\n", (long long)fastest_ns);
  return 0;
}
