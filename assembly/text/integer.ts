// Integers in decimal text, eight digits at a time.

const DIGITS_MAX = 19;

/** The last integer that parseInt64 understood; per instance. */
export let integer: i64 = 0;

// @ts-ignore: decorator
@inline
function areDigits(word: u64): bool {
  const high = word & 0xf0f0f0f0f0f0f0f0;
  const carried = (word + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0;
  return (high | (carried >> 4)) == 0x3333333333333333;
}

/** The number that eight bytes of 0 to 9 are; the first digit is the lowest byte. */
// @ts-ignore: decorator
@inline
export function eightValues(word: u64): u64 {
  word = word * 10 + (word >> 8);
  const pairs = (word & 0x000000ff000000ff) * 0x000f424000000064;
  return (pairs + ((word >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
}

/** The number that eight digits are. */
// @ts-ignore: decorator
@inline
function eightDigits(word: u64): u64 {
  return eightValues(word - 0x3030303030303030);
}

/**
 * Reads `[-] digits`, at most 19 of them, that fit int64, into `integer`; false for anything else.
 * Reads up to 7 bytes behind the end.
 */
export function parseInt64(start: usize, end: usize): bool {
  const negative = start < end && load<u8>(start) == 45;
  if (negative) start++;
  const digitCount = <i32>(end - start);
  if (digitCount <= 0 || digitCount > DIGITS_MAX) return false;
  let value: u64 = 0;
  const first = digitCount & 7;
  if (first > 0) {
    // The digits at the top of the word, zeros below them.
    const shift = <u64>(first << 3);
    const word = (load<u64>(start) << (64 - shift)) | (0x3030303030303030 >> shift);
    if (!areDigits(word)) return false;
    value = eightDigits(word);
    start += <usize>first;
  }
  for (; start < end; start += 8) {
    const word = load<u64>(start);
    if (!areDigits(word)) return false;
    value = value * 100000000 + eightDigits(word);
  }
  if (value > <u64>i64.MAX_VALUE + u64(negative)) return false;
  integer = negative ? 0 - <i64>value : <i64>value;
  return true;
}
