/** Runs `work` on every item, at most `countMax` at a time; results in the items' order. */
export async function mapBounded<T, R>(
  items: readonly T[],
  countMax: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const runOne = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(countMax, items.length) }, runOne));
  return results;
}
