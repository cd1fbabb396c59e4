import { FLAG_LAST } from '#src/abi/flags.js';
import type { StampFacts } from '#src/core/stamps.js';

const distance = (a: bigint, b: bigint): bigint => (a < b ? b - a : a - b);
const largest = (values: readonly bigint[]): bigint => sorted([0n, ...values]).at(-1)!;
const sorted = (values: readonly bigint[]): bigint[] =>
  values.toSorted((a, b) => Number(a > b) - Number(a < b));

/** What rows' stamps are like, row by row; flags null: the rows are no messages. */
export function stampFacts(
  recv: readonly bigint[],
  event: readonly bigint[],
  flags: readonly number[] | null,
): StampFacts {
  const goesOn = (row: number): boolean => flags !== null && (flags[row]! & FLAG_LAST) === 0;
  const order = sorted(recv);
  return {
    apartMaxNs: largest(recv.map((stamp, row) => distance(stamp, event[row]!))),
    recvMin: order[0]!,
    recvMax: order.at(-1)!,
    stepMaxNs: largest(recv.slice(1).map((stamp, row) => distance(stamp, recv[row]!))),
    mixedCount: event.slice(0, -1).filter((stamp, row) => goesOn(row) && stamp !== event[row + 1])
      .length,
  };
}

/** Rows whose stamp is `limit` or more above the one before. */
export const stepsUp = (stamps: readonly bigint[], limit: bigint): number[] =>
  [...stamps.keys()].filter((row) => row > 0 && stamps[row]! - stamps[row - 1]! >= limit);

export const brokenIds = (ids: readonly bigint[]): number =>
  ids.filter((id, row) => row > 0 && id !== ids[row - 1]! + 1n).length;
