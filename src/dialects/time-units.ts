import type { TimeUnitNs } from './types.js';

/** A stamp in ns that has 19 digits: 2001-09-09 to 2262. Nothing else is taken for a time. */
export const TIME_NS_MIN = 1_000_000_000_000_000_000n;
export const TIME_NS_MAX = 9_223_372_036_854_775_807n;

const UNIT_OF_DIGITS: Readonly<Record<number, TimeUnitNs>> = {
  10: 1_000_000_000,
  13: 1_000_000,
  16: 1_000,
  19: 1,
};

/** The unit that a stamp's digits tell (10 s, 13 ms, 16 µs, 19 ns), else null. */
export function unitOfDigits(value: bigint): TimeUnitNs | null {
  if (value <= 0n) return null;
  return UNIT_OF_DIGITS[value.toString().length] ?? null;
}

/**
 * The unit that most of the stamps have; null when none has one. The smaller unit wins a tie.
 * Single odd values must not decide for a column, and are refused later, row by row.
 */
export function unitOfMost(values: Iterable<bigint>): TimeUnitNs | null {
  const counts = new Map<TimeUnitNs, number>();
  for (const value of values) {
    const unitNs = unitOfDigits(value);
    if (unitNs !== null) counts.set(unitNs, (counts.get(unitNs) ?? 0) + 1);
  }
  const ranked = [...counts].sort(([unitA, a], [unitB, b]) => b - a || unitA - unitB);
  return ranked[0]?.[0] ?? null;
}

const NS_A_DAY = 86_400_000_000_000n;

/** UTC day of a stamp as `YYYY-MM-DD`. */
export function dayOf(timestampNs: bigint): string {
  const days = timestampNs / NS_A_DAY - (timestampNs % NS_A_DAY < 0n ? 1n : 0n);
  return new Date(Number(days) * 86_400_000).toISOString().slice(0, 10);
}

/** First ns of `YYYY-MM-DD`, UTC. */
export function dayStartNs(dt: string): bigint {
  return BigInt(Date.parse(`${dt}T00:00:00Z`)) * 1_000_000n;
}

/** The day after `YYYY-MM-DD`. */
export function dayAfter(dt: string): string {
  return new Date(Date.parse(`${dt}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** Whether a day's input goes on where that of another one of the same instrument ends. */
export function isNextDay(
  before: { readonly dt: string; readonly lastDt?: string },
  { dt }: { readonly dt: string },
): boolean {
  const { lastDt = before.dt } = before;
  return dt > before.dt && dt <= dayAfter(lastDt);
}
