// The only source of randomness in tests: seeded, so that a failure can be repeated. The seed is
// DEPTHMILL_SEED or a fixed one; put `prng.seed` into the failure's message.

export interface Prng {
  readonly seed: number;
  /** 32 random bits. */
  u32(): number;
  /** Integer in [from, to). */
  int(from: number, to: number): number;
  /** Double in [0, 1). */
  unit(): number;
  /** 64 random bits as a signed bigint. */
  i64(): bigint;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
}

export const TEST_SEED = Number(process.env.DEPTHMILL_SEED ?? 20261122) >>> 0;

/** sfc32 (Chris Doty-Humphrey, PractRand): small, fast, passes BigCrush. */
export function createPrng(seed: number = TEST_SEED): Prng {
  let [a, b, c, counter] = [seed >>> 0, 0x9e3779b9, 0x243f6a88, 1];
  const u32 = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let i = 0; i < 16; i++) u32();
  const unit = (): number => (u32() * 2 ** 21 + (u32() >>> 11)) / 2 ** 53;
  const int = (from: number, to: number): number => from + Math.floor(unit() * (to - from));
  return {
    seed,
    u32,
    int,
    unit,
    i64: () => BigInt.asIntN(64, (BigInt(u32()) << 32n) | BigInt(u32())),
    chance: (probability) => unit() < probability,
    pick: (items) => items[int(0, items.length)]!,
  };
}
