// Whether two fields are the same text.

/** Eight bytes at a time; reads up to 7 bytes behind both. */
export function sameBytes(a: usize, b: usize, length: u32): bool {
  let left = <i32>length;
  for (; left >= 8; left -= 8, a += 8, b += 8) {
    if (load<u64>(a) != load<u64>(b)) return false;
  }
  if (left == 0) return true;
  return (load<u64>(a) ^ load<u64>(b)) << <u64>(64 - (left << 3)) == 0;
}
