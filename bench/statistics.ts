/** The smallest; what neighbours on the machine disturb least. */
export const minOf = (values: readonly number[]): number => Math.min(...values);

/** The middle one; the upper of two. */
export const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
