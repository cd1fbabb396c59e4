/** One level of one side of a book row; quantities and prices in pips. */
export interface GivenLevel {
  readonly pricePips: bigint;
  readonly qtyPips: bigint;
}

/**
 * How many levels of a row are good from the best on, and whether all are: above 0, and each worse
 * than the one before.
 */
export function goodLevels(
  levels: readonly GivenLevel[],
  isBid: boolean,
): { readonly count: number; readonly isInvalid: boolean } {
  let count = 0;
  for (const { pricePips, qtyPips } of levels) {
    if (pricePips <= 0n || qtyPips <= 0n) break;
    const better = levels[count - 1]?.pricePips;
    if (better !== undefined && (isBid ? pricePips >= better : pricePips <= better)) break;
    count++;
  }
  return { count, isInvalid: count < levels.length };
}
