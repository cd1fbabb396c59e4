// Copies of the decompressors, 16 bytes at a time. Each may overwrite up to 15 bytes behind the
// last one it makes; copyApart reads up to 15 bytes behind its source, storeWide always copies 64.

/** From here on the call of memory.copy is worth its price. */
const LONG_BYTES: usize = 256;

/** 64 bytes, of which each 16 may be copies of the 16 before. */
// @ts-ignore: decorator
@inline
export function storeWide(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

/** Ranges that do not overlap; length is at least 1. */
// @ts-ignore: decorator
@inline
export function copyApart(to: usize, from: usize, length: usize): void {
  if (length >= LONG_BYTES) {
    memory.copy(to, from, length);
    return;
  }
  const end = to + length;
  do {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  } while (to < end);
}

/** The 16 bytes that begin with the `offset` (1 to 15) bytes at `from` and repeat them. */
// @ts-ignore: decorator
@inline
function patternOf(from: usize, offset: usize): v128 {
  // Lane i takes byte i % offset: offset is taken off 8, 4, 2 times and once where it can be (below
  // zero a lane is so large that the minimum leaves it as it was).
  const once = i8x16.splat(<i8>offset);
  const twice = i8x16.add(once, once);
  const fourfold = i8x16.add(twice, twice);
  let lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  lanes = i8x16.min_u(lanes, i8x16.sub(lanes, i8x16.add(fourfold, fourfold)));
  lanes = i8x16.min_u(lanes, i8x16.sub(lanes, fourfold));
  lanes = i8x16.min_u(lanes, i8x16.sub(lanes, twice));
  lanes = i8x16.min_u(lanes, i8x16.sub(lanes, once));
  return i8x16.swizzle(v128.load(from), lanes);
}

/** The `offset` (1 to 15) bytes at `from`, which end at `to`, repeated as often as `length` asks for. */
// @ts-ignore: decorator
@inline
export function storePattern(to: usize, from: usize, offset: i32, length: i32): void {
  const pattern = patternOf(from, <usize>offset);
  v128.store(to, pattern);
  // Nearly all are that short.
  if (length <= 16) return;
  const step = <usize>(16 - 16 % offset);
  for (const end = to + <usize>length; (to += step) < end; ) v128.store(to, pattern);
}

/** What lies `offset` bytes before, from 1 on, repeated as often as `length` asks for. */
export function copyPattern(to: usize, offset: usize, length: u32): void {
  const end = to + <usize>length;
  let from = to - offset;
  if (offset < 16) {
    storePattern(to, from, <i32>offset, <i32>length);
    return;
  }
  do {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  } while (to < end);
}
