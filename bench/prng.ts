/** sfc32 (Chris Doty-Humphrey, PractRand): doubles in [0, 1) from a fixed seed. */
export function createUnitPrng(seed: number): () => number {
  let [a, b, c, counter] = [seed >>> 0, 0x9e3779b9, 0x243f6a88, 1];
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  return () => next() / 2 ** 32;
}
