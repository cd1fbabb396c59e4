import { FLAG_LAST } from '#src/abi/flags.js';

const distance = (a: bigint, b: bigint): bigint => (a < b ? b - a : a - b);

export const outside = (values: readonly bigint[], from: bigint, to: bigint): number =>
  values.filter((value) => value < from || value >= to).length;

export const apart = (a: readonly bigint[], b: readonly bigint[], limit: bigint): number =>
  a.filter((value, row) => distance(value, b[row]!) > limit).length;

export const over = (values: readonly bigint[], limit: bigint): number =>
  values.filter((value, row) => row > 0 && distance(value, values[row - 1]!) > limit).length;

export const mixed = (stamps: readonly bigint[], flags: readonly number[]): number =>
  stamps
    .slice(0, -1)
    .filter((stamp, row) => (flags[row]! & FLAG_LAST) === 0 && stamp !== stamps[row + 1]).length;

export const broken = (ids: readonly bigint[]): number =>
  ids.filter((id, row) => row > 0 && id !== ids[row - 1]! + 1n).length;
