// Times in text that are no plain integers: seconds with decimals, and ISO 8601.

/** The last time that parseStamp understood, ns since the epoch; per instance. */
export let stampNs: i64 = 0;

const NS_A_SECOND: i64 = 1000000000;
const SECONDS_DIGITS = 10;
const FRACTION_DIGITS_MAX = 9;

/** Behind what digits or fraction have read; per instance, valid during one call. */
let at: usize = 0;

/** Exactly `count` digits at `at`, or -1. */
function digits(end: usize, count: i32): i32 {
  if (at + <usize>count > end) return -1;
  let value = 0;
  for (const stop = at + <usize>count; at < stop; at++) {
    const digit = <u32>load<u8>(at) - 48;
    if (digit > 9) return -1;
    value = value * 10 + <i32>digit;
  }
  return value;
}

/** `. digits`, 1 to 9 of them, as nanoseconds; 0 where there is no point, -1 for anything else. */
function fraction(end: usize): i64 {
  if (at >= end || load<u8>(at) != 46) return 0;
  at++;
  let value: i64 = 0;
  let count = 0;
  for (; at < end; at++, count++) {
    const digit = <u32>load<u8>(at) - 48;
    if (digit > 9) break;
    if (count == FRACTION_DIGITS_MAX) return -1;
    value = value * 10 + <i64>digit;
  }
  if (count == 0) return -1;
  for (; count < FRACTION_DIGITS_MAX; count++) value *= 10;
  return value;
}

// @ts-ignore: decorator
@inline
function is(end: usize, byte: u32): bool {
  if (at >= end || load<u8>(at) != byte) return false;
  at++;
  return true;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar (Howard Hinnant's formula). */
function daysOf(year: i32, month: i32, day: i32): i64 {
  const shifted = month <= 2 ? year - 1 : year;
  const era = shifted / 400;
  const yearOfEra = shifted - era * 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return <i64>era * 146097 + <i64>dayOfEra - 719468;
}

function daysIn(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** `Z`, `+hh:mm`, `+hhmm` or nothing (UTC), as seconds east; -1000000: none of them. */
function zone(end: usize): i32 {
  if (at == end || is(end, 90) || is(end, 122)) return at == end ? 0 : -1000000;
  const sign: i32 = is(end, 43) ? 1 : is(end, 45) ? -1 : 0;
  if (sign == 0) return -1000000;
  const hours = digits(end, 2);
  is(end, 58);
  const minutes = digits(end, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || at != end) return -1000000;
  return sign * (hours * 3600 + minutes * 60);
}

/** `YYYY-MM-DD`, `T` or a space, `hh:mm:ss`, a fraction, a zone. Years 2001 to 2261. */
function parseIso(start: usize, end: usize): bool {
  at = start;
  const year = digits(end, 4);
  if (year < 2001 || year > 2261 || !is(end, 45)) return false;
  const month = digits(end, 2);
  if (month < 1 || month > 12 || !is(end, 45)) return false;
  const day = digits(end, 2);
  if (day < 1 || day > daysIn(year, month)) return false;
  if (!is(end, 84) && !is(end, 32)) return false;
  const hour = digits(end, 2);
  if (hour < 0 || hour > 23 || !is(end, 58)) return false;
  const minute = digits(end, 2);
  if (minute < 0 || minute > 59 || !is(end, 58)) return false;
  const second = digits(end, 2);
  if (second < 0 || second > 59) return false;
  const rest = fraction(end);
  if (rest < 0) return false;
  const east = zone(end);
  if (east == -1000000) return false;
  const seconds = daysOf(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - east;
  stampNs = seconds * NS_A_SECOND + rest;
  return true;
}

/** Ten digits of seconds with a fraction, or ISO 8601, into `stampNs`; false for anything else. */
export function parseStamp(start: usize, end: usize): bool {
  at = start;
  const length = end - start;
  if (length > 4 && load<u8>(start, 4) == 45) return parseIso(start, end);
  if (length <= <usize>SECONDS_DIGITS || load<u8>(start + SECONDS_DIGITS) != 46) return false;
  let seconds: i64 = 0;
  for (const stop = start + SECONDS_DIGITS; at < stop; at++) {
    const digit = <u32>load<u8>(at) - 48;
    if (digit > 9) return false;
    seconds = seconds * 10 + <i64>digit;
  }
  const rest = fraction(end);
  // 2262 is where int64 nanoseconds end.
  if (rest < 0 || at != end || seconds > 9223372035) return false;
  stampNs = seconds * NS_A_SECOND + rest;
  return true;
}
