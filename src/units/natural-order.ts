/**
 * Orders texts as a reader would: runs of digits by their number, so that `2.parquet` comes before
 * `10.parquet`; everything else by code unit, so that the order is the same on every machine.
 * Texts that differ only in leading zeros are ordered by code unit too: no two texts are equal.
 *
 * @returns below 0, 0 or above 0, as Array.prototype.sort wants it
 */
export function compareNatural(a: string, b: string): number {
  const partsA = a.match(RUNS) ?? [];
  const partsB = b.match(RUNS) ?? [];
  const shared = Math.min(partsA.length, partsB.length);
  for (let index = 0; index < shared; index++) {
    const order = compareRuns(partsA[index]!, partsB[index]!);
    if (order !== 0) return order;
  }
  return partsA.length - partsB.length || compareText(a, b);
}

const RUNS = /[0-9]+|[^0-9]+/g;
const STARTS_WITH_DIGIT = /^[0-9]/;

function compareRuns(a: string, b: string): number {
  if (!STARTS_WITH_DIGIT.test(a) || !STARTS_WITH_DIGIT.test(b)) return compareText(a, b);
  const digitsA = a.replace(/^0+/, '');
  const digitsB = b.replace(/^0+/, '');
  return digitsA.length - digitsB.length || compareText(digitsA, digitsB);
}

/** Orders texts by code unit; localeCompare would depend on the machine. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
