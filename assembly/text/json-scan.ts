// Steps over JSON text, as far as finding values takes: no numbers are read, no escapes undone.
// All of them take addresses and return the address behind what they passed, 0 where it is no JSON
// or does not end before `end`.

const QUOTE = 34;
const BACKSLASH = 92;

/** Behind blanks. */
// @ts-ignore: decorator
@inline
export function skipBlanks(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) <= 32) at++;
  return at;
}

/** Behind the string whose opening quote is at `at`. */
export function skipString(at: usize, end: usize): usize {
  for (at++; at < end; at++) {
    const byte: u32 = load<u8>(at);
    if (byte == QUOTE) return at + 1;
    if (byte == BACKSLASH) at++;
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
