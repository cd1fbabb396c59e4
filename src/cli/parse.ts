import type { ErrorCode } from '../errors/codes.js';
import { UsageError } from '../errors/errors.js';
import { parseInstantNs } from '../units/instant.js';

/*
 * Texts of the command line into exact values. Each failure is a UsageError that names the option,
 * what was given, and what would have been right.
 */

const BYTES_PER_UNIT: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  kb: 1_000n,
  mb: 1_000_000n,
  gb: 1_000_000_000n,
  kib: 1n << 10n,
  mib: 1n << 20n,
  gib: 1n << 30n,
};

const NS_PER_UNIT: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

/** Refuses a value: one place, so that every message has the same shape. */
export function refuse(code: ErrorCode, option: string, given: string, expected: string): never {
  throw new UsageError(code, `${option} got '${given}'; expected ${expected}.`, {
    details: { option, given, expected },
  });
}

/** `512MB`, `1.5GiB`, `1000000`: bytes, at least 1. KB, MB, GB are powers of 1000, KiB .. of 1024. */
export function parseBytes(text: string, option: string): number {
  const bytes = parseAmount(text.toLowerCase(), BYTES_PER_UNIT);
  if (bytes === null || bytes < 1n || bytes > BigInt(Number.MAX_SAFE_INTEGER)) {
    refuse('ERR_USAGE_SIZE', option, text, 'a size such as 512MB, 2GB or 1.5GiB');
  }
  return Number(bytes);
}

/** `100ms`, `2s`, `500us`, `1.5s`, `1m`: nanoseconds, exactly; zero only where `allowZero`. */
export function parseDurationNs(text: string, option: string, allowZero = false): bigint {
  const durationNs = parseAmount(text, NS_PER_UNIT);
  if (durationNs === null || durationNs >= 1n << 63n || (durationNs === 0n && !allowZero)) {
    refuse(
      'ERR_USAGE_DURATION',
      option,
      text,
      'a number with a unit (ns, us, ms, s, m, h, d) such as 100ms, 2s or 1m',
    );
  }
  return durationNs;
}

/** A decimal number and a unit, taken exactly: null where it is none or no whole number results. */
function parseAmount(text: string, units: Readonly<Record<string, bigint>>): bigint | null {
  const match = /^(\d{1,18})(?:\.(\d{1,9}))?\s*([a-zµ]*)$/.exec(text);
  if (match === null) return null;
  const [, whole = '', fraction = '', unit = ''] = match;
  const perUnit = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (perUnit === undefined) return null;
  const scaled = BigInt(whole + fraction) * perUnit;
  const divisor = 10n ** BigInt(fraction.length);
  return scaled % divisor === 0n ? scaled / divisor : null;
}

/**
 * ISO 8601 (UTC without an offset) or integer nanoseconds since the epoch. Integers of any other
 * length than 19 digits are refused: seconds or milliseconds taken for nanoseconds would select a
 * moment of 1970 in silence. `0` is the beginning of time.
 */
export function parseTimeNs(text: string, option: string): bigint {
  const timeNs = /^(?:0|\d{19})$/.test(text) ? BigInt(text) : parseInstantNs(text);
  if (timeNs === null || timeNs >= 1n << 63n) {
    const unit = { 10: 'seconds', 13: 'milliseconds', 16: 'microseconds' }[text.length];
    const hint = /^\d+$/.test(text) && unit !== undefined ? `; these look like ${unit}` : '';
    refuse(
      'ERR_USAGE_TIME',
      option,
      text,
      `ISO 8601 such as 2026-04-01 or 2026-04-01T09:30:00.25Z, or nanoseconds (19 digits)${hint}`,
    );
  }
  return timeNs;
}

/** A whole number from `min` to `max`, both allowed. */
export function parseCount(text: string, option: string, min: number, max: number): number {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < min || count > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    refuse('ERR_USAGE_NUMBER', option, text, `a whole number ${range}`);
  }
  return count;
}

/** One of the words given. */
export function parseWord<const Word extends string>(
  text: string,
  option: string,
  words: readonly Word[],
  code: ErrorCode = 'ERR_USAGE',
): Word {
  const found = words.find((word) => word === text);
  return found ?? refuse(code, option, text, `one of ${words.join(', ')}`);
}
