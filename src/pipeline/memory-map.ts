import { SLOT_BYTES } from '../abi/limits.js';
import { MemoryError } from '../errors/errors.js';
import type { MemoryMap } from './protocol.js';

/** What the process needs besides the shared memory: Node itself, and the heap of each thread. */
const HOST_BYTES = 96 * 2 ** 20;
const THREAD_BYTES = 32 * 2 ** 20;
/** A thread's scratch: a page of each kind, hash tables of dictionaries and matchers. */
export const SCRATCH_BYTES = 12 * 2 ** 20;
/**
 * Where a worker reads pages: file bytes, decompressed pages, dictionaries, runs; in two lanes. With
 * little memory it is smaller: then files of very large pages go to the general reader sooner.
 */
export const READING_BYTES = 24 * 2 ** 20;
const READING_BYTES_MIN = 10 * 2 ** 20;
const READING_SHARE = 1 / 8;
/** A thread's arena holds its books; it is reserved, and touched only as books grow. */
const ARENA_SHARE = 1 / 8;
/** Of the slots, this share holds encoded pages. */
const ENCODED_SHARE = 0.3;
/** wasm32 addresses end here. */
const SHARED_BYTES_MAX = 4 * 2 ** 30 - 2 ** 16;

const align = (bytes: number): number => Math.ceil(bytes / 65_536) * 65_536;

/**
 * Divides the memory of a run: scratch and book arena of each thread, then slots for rows and
 * slots for encoded pages.
 *
 * @param options.memoryBytes what the whole process may use (`--memory`)
 * @param options.rowSlotsMin slots for rows without which the job cannot go on
 * @param options.encodedSlotsMin the same for encoded pages
 * @throws MemoryError ERR_MEMORY_TOO_SMALL, naming the memory that would do
 */
export function planMemory(options: {
  memoryBytes: number;
  workers: number;
  rowSlotsMin: number;
  encodedSlotsMin: number;
}): MemoryMap {
  const { memoryBytes, workers, rowSlotsMin, encodedSlotsMin } = options;
  const threadCount = workers + 1;
  const overhead = HOST_BYTES + workers * THREAD_BYTES;
  const shared = Math.min(memoryBytes - overhead, SHARED_BYTES_MAX);
  const arenaBytes = align(Math.max((shared * ARENA_SHARE) / workers, 2 ** 20));
  const threadBytes = SCRATCH_BYTES + arenaBytes;
  const readingShare = align((shared * READING_SHARE) / workers);
  const readingBytes = Math.min(READING_BYTES, Math.max(READING_BYTES_MIN, readingShare));
  const slotsAll = Math.floor(
    (shared - threadCount * threadBytes - workers * readingBytes) / SLOT_BYTES,
  );
  const encodedCount = Math.max(encodedSlotsMin, Math.floor(slotsAll * ENCODED_SHARE));
  const rowCount = slotsAll - encodedCount;
  if (rowCount < rowSlotsMin) {
    const arenaFactor = 1 - (ARENA_SHARE * threadCount) / workers;
    const slotBytesMin =
      Math.max(rowSlotsMin + encodedSlotsMin, rowSlotsMin / (1 - ENCODED_SHARE)) * SLOT_BYTES;
    const fixed = slotBytesMin + threadCount * SCRATCH_BYTES;
    const needed =
      overhead +
      Math.max(
        fixed / (arenaFactor - READING_SHARE),
        (fixed + workers * READING_BYTES_MIN) / arenaFactor,
      );
    const neededMb = Math.ceil(needed / 1e6) + 16;
    throw new MemoryError(
      'ERR_MEMORY_TOO_SMALL',
      `--memory of ${Math.floor(memoryBytes / 1e6)}MB is too small for this job with ${workers} workers:` +
        ` it needs at least ${neededMb}MB. Give more, or use fewer workers or a smaller --book-depth.`,
      { details: { memory_bytes: memoryBytes, needed_bytes: neededMb * 1e6, workers } },
    );
  }
  let ptr = 65_536;
  const take = (byteLength: number) => {
    const region = { ptr, byteLength };
    ptr += align(byteLength);
    return region;
  };
  const threads = Array.from({ length: threadCount }, (_, index) => ({
    scratch: take(SCRATCH_BYTES),
    arena: take(arenaBytes),
    reading: take(index < workers ? readingBytes : 0),
  }));
  const rows = { ptr, slotBytes: SLOT_BYTES, slotCount: rowCount };
  ptr += rowCount * SLOT_BYTES;
  const encoded = { ptr, slotBytes: SLOT_BYTES, slotCount: encodedCount };
  ptr += encodedCount * SLOT_BYTES;
  const wasmBytesMax = Math.floor(memoryBytes / workers);
  return { byteLength: ptr, wasmBytesMax, rows, encoded, threads };
}
