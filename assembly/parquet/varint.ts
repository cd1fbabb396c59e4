// ULEB128 varints and zigzag, as Parquet's encodings use them.

/** Writes value as a varint of 1 to 10 bytes; returns the address behind it. */
export function storeVarint(out: usize, value: u64): usize {
  while (value >= 0x80) {
    store<u8>(out++, <u8>(value | 0x80));
    value >>= 7;
  }
  store<u8>(out++, <u8>value);
  return out;
}

/** How many bytes storeVarint would write. */
// @ts-ignore: decorator
@inline
export function varintBytes(value: u64): i32 {
  return (70 - <i32>clz<u64>(value | 1)) / 7;
}

// @ts-ignore: decorator
@inline
export function zigzag(value: i64): u64 {
  return <u64>((value << 1) ^ (value >> 63));
}
