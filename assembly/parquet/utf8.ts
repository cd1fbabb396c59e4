/**
 * Whether bytes are UTF-8: no sequence cut, none longer than it need be, no surrogate, nothing beyond
 * U+10FFFF. Reads byteLength bytes, any alignment, and no more.
 */
export function isUtf8(ptr: usize, byteLength: usize): bool {
  const end = ptr + byteLength;
  while (ptr < end) {
    // Nearly all text of market data is ASCII.
    if (end - ptr >= 8 && (load<u64>(ptr) & 0x8080808080808080) == 0) {
      ptr += 8;
      continue;
    }
    const first = <u32>load<u8>(ptr);
    if (first < 0x80) {
      ptr++;
      continue;
    }
    // Of two bytes from c2 on (c0 and c1 would be ASCII), of three from e0 on, of four up to f4.
    if (first < 0xc2 || first > 0xf4) return false;
    const length: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length > end - ptr) return false;
    // The second byte's range shuts out what is too long, the surrogates, and what is too large.
    const second = <u32>load<u8>(ptr, 1);
    if (second < (first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80)) return false;
    if (second > (first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf)) return false;
    for (let i: usize = 2; i < length; i++) {
      if ((load<u8>(ptr + i) & 0xc0) != 0x80) return false;
    }
    ptr += length;
  }
  return true;
}
