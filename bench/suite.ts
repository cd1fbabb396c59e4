/** `smoke` is for the tests, so that no bench rots; only `real` gives figures worth reading. */
export type BenchSize = 'smoke' | 'real';

/** One line of a suite's table. */
export interface BenchRow {
  readonly name: string;
  /** Speeds relative to something measured in the same run; larger is better. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Times relative to something measured in the same run; smaller is better. */
  readonly timeRatios?: Readonly<Record<string, number>>;
  /** Absolute figures, each with its unit in its name; they hold for this machine only. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface SuiteOptions {
  readonly size: BenchSize;
  /** Also what takes minutes more: memory at 100 million events. */
  readonly huge: boolean;
}

export interface SuiteResult {
  readonly rows: readonly BenchRow[];
  /** Sentences that stand under the table: what was skipped, and which ratios noise took away. */
  readonly notes: readonly string[];
}

export interface BenchSuite {
  readonly name: string;
  /** Builds its data from a fixed seed, checks every output before it times, and measures. */
  run(options: SuiteOptions): Promise<SuiteResult>;
}
