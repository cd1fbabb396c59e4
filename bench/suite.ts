/** `smoke` is for the tests, so that no bench rots; only `real` gives figures worth reading. */
export type BenchSize = 'smoke' | 'real';

/** One line of a suite's table. */
export interface BenchRow {
  readonly name: string;
  /** Speeds relative to something measured in the same run; larger is better. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Absolute figures, each with its unit in its name; they hold for this machine only. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface BenchSuite {
  readonly name: string;
  /** Builds its data from a fixed seed, checks every output before it times, and measures. */
  run(size: BenchSize): Promise<BenchRow[]>;
}
