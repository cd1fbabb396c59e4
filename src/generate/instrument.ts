import { GEN_TICKS } from '../abi/generate.js';
import { streamOf } from './random.js';

/** What a generated instrument is made of. Pips are 10^-8, as in all of its files. */
export interface TapeInstrument {
  readonly symbol: string;
  readonly tickPips: bigint;
  readonly lotPips: bigint;
  /** Best bid of the first book, in ticks. */
  readonly bidTick: number;
  /** Seed of its kernel. */
  readonly seed: bigint;
  readonly firstId: bigint;
  readonly firstTradeId: bigint;
}

/** Ticks and lots as exchanges have them, from an expensive coin to a cheap one. */
const GRIDS: readonly (readonly [tickPips: bigint, lotPips: bigint])[] = [
  [1_000_000n, 100_000n],
  [10_000_000n, 1_000n],
  [10_000n, 10_000_000n],
  [100n, 100_000_000n],
];

const LANE_INSTRUMENT = 1;

export function tapeInstrument(seed: bigint, index: number): TapeInstrument {
  const random = streamOf(seed, LANE_INSTRUMENT, index);
  const [tickPips, lotPips] = GRIDS[index % GRIDS.length]!;
  return {
    symbol: `SYM-${String(index + 1).padStart(4, '0')}-USDT`,
    tickPips,
    lotPips,
    // In the middle half of the ticks that the walk may visit.
    bidTick: GEN_TICKS / 2 - GEN_TICKS / 8 + random.below(GEN_TICKS / 4),
    seed: random.next(),
    // Ids of real feeds have 11 to 13 digits.
    firstId: 10_000_000_000n + BigInt(random.below(5_000_000_000_000)),
    firstTradeId: 100_000_000n + BigInt(random.below(4_000_000_000)),
  };
}
