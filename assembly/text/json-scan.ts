// Steps over JSON text, as far as finding values takes: no numbers are read, no escapes undone.
// All of them take addresses and return the address behind what they passed, 0 where it is no JSON
// or does not end before `end`. Up to 16 bytes behind `end` may be read.

const QUOTE = 34;
const BACKSLASH = 92;

/** Behind blanks. */
// @ts-ignore: decorator
@inline
export function skipBlanks(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) <= 32) at++;
  return at;
}

/** Behind the string whose opening quote is at `at`. Most strings end within one look at 16 bytes. */
export function skipString(at: usize, end: usize): usize {
  const quotes = i8x16.splat(<i8>QUOTE);
  const backslashes = i8x16.splat(<i8>BACKSLASH);
  for (at++; at < end; ) {
    const bytes = v128.load(at);
    const found = i8x16.bitmask(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes)));
    if (found == 0) {
      at += 16;
      continue;
    }
    at += <usize>ctz<u32>(found);
    if (at >= end) return 0;
    if (load<u8>(at) == QUOTE) return at + 1;
    at += 2;
  }
  return 0;
}

/** Behind a value of any kind; of numbers and literals, as far as no blank or bracket comes. */
export function skipValue(at: usize, end: usize): usize {
  if (at >= end) return 0;
  const first: u32 = load<u8>(at);
  if (first == QUOTE) return skipString(at, end);
  if (first != 91 && first != 123) {
    const start = at;
    for (; at < end; at++) {
      const byte: u32 = load<u8>(at);
      if (byte == 44 || byte == 93 || byte == 125 || byte <= 32 || byte == 58) break;
      if (byte == QUOTE || byte == 91 || byte == 123) return 0;
    }
    return at == start ? 0 : at;
  }
  for (let depth = 0; at < end; ) {
    const byte: u32 = load<u8>(at);
    if (byte == QUOTE) {
      at = skipString(at, end);
      if (at == 0) return 0;
      continue;
    }
    at++;
    if (byte == 91 || byte == 123) depth++;
    else if ((byte == 93 || byte == 125) && --depth == 0) return at;
  }
  return 0;
}
