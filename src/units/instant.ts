const NS_PER_S = 1_000_000_000n;
const INT64_MAX = 2n ** 63n - 1n;

const ISO_INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([Zz]|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Reads an ISO 8601 date or date and time as int64 nanoseconds since the Unix epoch, UTC, exactly:
 * up to nine decimals of the second, no detour over a double. Without an offset the text is UTC
 * (all of depthmill's times are); a date alone is its midnight.
 *
 * @returns null where the text is no such time, names a day or time of day that does not exist
 *   (leap seconds have no nanosecond of their own and are refused), or lies outside int64
 */
export function parseInstantNs(text: string): bigint | null {
  const match = ISO_INSTANT.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = ''] = match;
  const midnightMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const date = new Date(midnightMs);
  // Date.UTC carries 31 April over to 1 May; a time that has to be corrected was not meant.
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const offsetMinutes = parseOffsetMinutes(match[8] ?? 'Z');
  if (offsetMinutes === null) return null;
  const minutes = Number(hour) * 60 + Number(minute) - offsetMinutes;
  const seconds = BigInt(midnightMs / 1000) + BigInt(minutes * 60 + Number(second));
  const instantNs = seconds * NS_PER_S + BigInt(fraction.padEnd(9, '0'));
  return instantNs > INT64_MAX || instantNs < -INT64_MAX - 1n ? null : instantNs;
}

function parseOffsetMinutes(text: string): number | null {
  if (text === 'Z' || text === 'z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(-2));
  if (hours > 14 || minutes > 59) return null;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/**
 * Writes int64 nanoseconds since the epoch as ISO 8601 in UTC with the digits that say something:
 * none, three, six or nine decimals. parseInstantNs gives the same nanoseconds back.
 */
export function formatInstantNs(instantNs: bigint): string {
  const fraction = ((instantNs % NS_PER_S) + NS_PER_S) % NS_PER_S;
  const seconds = (instantNs - fraction) / NS_PER_S;
  const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  if (fraction === 0n) return `${date}Z`;
  const digits = fraction.toString().padStart(9, '0');
  const kept = digits.endsWith('000000') ? 3 : digits.endsWith('000') ? 6 : 9;
  return `${date}.${digits.slice(0, kept)}Z`;
}
