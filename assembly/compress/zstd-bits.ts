// Bits that zstd reads from the end of a stream to its start. A place in a stream is the number of its
// bits that were not read yet, so that a stream is used up exactly where none is left; a place below 0
// is that of a stream that ended too early.

/**
 * The 57 to 64 bits in front of a place, the next one highest; below the stream's start they mean
 * nothing. Reads up to 8 bytes in front of the start.
 */
// @ts-ignore: decorator
@inline
export function bitsBefore(start: usize, place: i32): u64 {
  const bytes = (place + 7) >> 3;
  return load<u64>(start + <usize>bytes - 8) << <u64>((bytes << 3) - place);
}

/** The `count` (0 to 63) highest bits as a number. */
// @ts-ignore: decorator
@inline
export function highest(bits: u64, count: u64): u64 {
  return (bits >> 1) >> (63 - count);
}

/** Where a stream's bits end: in front of the highest 1 of its last byte. -1: it has none, or no byte. */
// @ts-ignore: decorator
@inline
export function placeOfEnd(start: usize, end: usize): i32 {
  if (end <= start) return -1;
  const last = <u32>load<u8>(end - 1);
  if (last == 0) return -1;
  return (<i32>(end - start) << 3) - <i32>clz<u32>(last) + 23;
}
