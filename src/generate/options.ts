import { ROW_GROUP_ROWS, ROW_GROUP_ROWS_MAX } from '../abi/limits.js';
import { UsageError } from '../errors/errors.js';
import type { Codec } from '../parquet/write-types.js';

/** How a tape lies on the disk: as depthmill's own tables, or as Crypto Lake ships its files. */
export type TapeLayout = 'depthmill' | 'lake';

export interface GenerateOptions {
  /** Output folder: absent or empty. */
  readonly out: string;
  /** 64 bits; the same seed and options give the same bytes. Default 1. */
  readonly seed?: bigint;
  /**
   * Level changes in all, before faults, shared evenly by symbols and days. Snapshots, trades and
   * `book` rows come on top. Default 1,000,000.
   */
  readonly events?: number;
  /** Instruments; independent of one another. Default 1. */
  readonly symbols?: number;
  /** Days of each instrument; books and ids go on from one to the next. Default 1. */
  readonly days?: number;
  /** Rows of a row group. Default 10,000 in Lake layout, 131,072 in depthmill's. */
  readonly rowGroupRows?: number;
  /** Default snappy in Lake layout, none in depthmill's. */
  readonly codec?: Codec;
  /** Default depthmill. */
  readonly layout?: TapeLayout;
  /** Places, in all, where 1 to 20 whole messages are lost. Default 0. */
  readonly gaps?: number;
  /** Messages, in all, that come twice. Default 0. */
  readonly duplicates?: number;
  /** Pairs of neighbouring messages, in all, that come in the wrong order. Default 0. */
  readonly swaps?: number;
  /** Start of the first day's tape, ns since the epoch. Default 2026-01-01T00:00:00Z. */
  readonly startNs?: bigint;
}

export type TapeOptions = Required<Omit<GenerateOptions, 'out'>>;

const FAULTS = { min: 0, max: 1_000_000 };
/** What the numbers of a tape may be, both ends inclusive. */
export const TAPE_RANGES = {
  events: { min: 1, max: 10 ** 12 },
  symbols: { min: 1, max: 9_999 },
  days: { min: 1, max: 3_660 },
  /** A message's trades must fit a row group. */
  rowGroupRows: { min: 100, max: ROW_GROUP_ROWS_MAX },
  gaps: FAULTS,
  duplicates: FAULTS,
  swaps: FAULTS,
} as const;
/** A fault needs room for itself and for whole messages between it and the next, long ones too. */
const ROWS_A_FAULT_MIN = 2_000;
const DEFAULT_START_NS = 1_767_225_600_000_000_000n;
const YEAR_2200_NS = 7_258_118_400_000_000_000n;

/**
 * Fills in the defaults and checks the ranges.
 * @throws UsageError ERR_USAGE
 */
export function resolveTapeOptions(options: Omit<GenerateOptions, 'out'>): TapeOptions {
  const layout = options.layout ?? 'depthmill';
  const isLake = layout === 'lake';
  const resolved: TapeOptions = {
    seed: BigInt.asUintN(64, options.seed ?? 1n),
    events: options.events ?? 1_000_000,
    symbols: options.symbols ?? 1,
    days: options.days ?? 1,
    rowGroupRows: options.rowGroupRows ?? (isLake ? 10_000 : ROW_GROUP_ROWS),
    codec: options.codec ?? (isLake ? 'snappy' : 'none'),
    layout,
    gaps: options.gaps ?? 0,
    duplicates: options.duplicates ?? 0,
    swaps: options.swaps ?? 0,
    startNs: options.startNs ?? DEFAULT_START_NS,
  };
  for (const name of Object.keys(TAPE_RANGES) as (keyof typeof TAPE_RANGES)[]) {
    const { min, max } = TAPE_RANGES[name];
    checkRange(name, resolved[name], min, max);
  }
  if (resolved.startNs < 0n || resolved.startNs > YEAR_2200_NS) {
    throw new UsageError('ERR_USAGE', 'A tape starts between 1970 and 2200.', {
      details: { startNs: resolved.startNs },
    });
  }
  checkRoom(resolved);
  return resolved;
}

/** Every instrument and day gets a row, and every fault its room. */
function checkRoom(options: TapeOptions): void {
  const { events, symbols, days } = options;
  const counts = [options.gaps, options.duplicates, options.swaps];
  const faults = counts.reduce((sum, count) => sum + count, 0);
  const faultsADay = counts.reduce((sum, count) => sum + Math.ceil(count / symbols / days), 0);
  const rowsADay = faults === 0 ? 1 : (faultsADay + 1) * ROWS_A_FAULT_MIN;
  const needed = symbols * days * rowsADay;
  if (events >= needed) return;
  throw new UsageError(
    'ERR_USAGE',
    `${events} events are too few for ${symbols} symbols, ${days} days and ${faults} faults; ` +
      `give at least ${needed}.`,
    { details: { events, symbols, days, faults, needed } },
  );
}

function checkRange(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new UsageError('ERR_USAGE', `${name} is ${value}; expected an integer ${min} to ${max}.`, {
    details: { option: name, value, min, max },
  });
}

/** Share `index` of `total` things that are dealt to `count` takers as evenly as can be. */
export function shareOf(total: number, index: number, count: number): number {
  const until = (taker: number): number => Number((BigInt(total) * BigInt(taker)) / BigInt(count));
  return until(index + 1) - until(index);
}
