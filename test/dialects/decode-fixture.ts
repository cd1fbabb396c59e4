import type { InputOptions } from '#src/dialects/options.js';
import { planInputs } from '#src/dialects/plan.js';
import {
  type FixtureColumn,
  type FixtureOptions,
  type LakeRow,
  lakeColumns,
  parquetFixture,
} from '../support/parquet-fixture.js';
import { type DecodedFile, type DecodeFileOptions, decodeFile, openReader } from './decode-file.js';
import { MemoryHost } from './memory-host.js';

/** A moment of 2024-08-08. */
export const T0 = 1_723_161_255_208_000_000n;
export const LAKE_PATH = 'book_delta_v2/exchange=X/symbol=S/dt=2024-08-08/1.snappy.parquet';
const SELECTION = { exchanges: [], symbols: [], fromNs: null, toNs: null, limit: null };

/** Plans a file from memory and decodes it for the instrument of this symbol, else the first. */
export async function decode(
  columns: readonly FixtureColumn[],
  options: {
    path?: string;
    symbol?: string;
    fixture?: FixtureOptions;
    plan?: Partial<InputOptions>;
    decode?: DecodeFileOptions;
    /** Read by the page kernels, as in the pipeline. */
    pageKernels?: boolean;
  } = {},
): Promise<DecodedFile> {
  const host = new MemoryHost(openReader);
  const path = options.path ?? 'plain.parquet';
  const found = host.add(path, parquetFixture(columns, options.fixture));
  const asked = { dialect: null, map: {}, policy: null, selection: SELECTION, ...options.plan };
  const plan = await planInputs([found], asked, host);
  for (const failure of plan.failures) throw failure.error;
  const day = plan.days.find(({ symbol }) => symbol === (options.symbol ?? symbol))!;
  const file = [...day.files.depth, ...day.files.trades, ...day.files.book][0]!;
  const reader = await openReader(await host.openSource(path));
  const source = options.pageKernels ? { source: await host.openSource(path) } : {};
  return decodeFile(reader, day, file, { ...options.decode, ...source });
}

/** Row `at` of a plain Lake file, each a message of its own. */
export function lakeRow(at: number, changes: Partial<LakeRow> = {}): LakeRow {
  return {
    timestamp: T0 + BigInt(at),
    receipt_timestamp: T0 + 1_000n + BigInt(at),
    sequence_number: 100n + BigInt(at),
    side_is_bid: at % 2 === 0,
    price: 100 + at / 100,
    size: at,
    ...changes,
  };
}

export async function decodeLake(
  rows: readonly LakeRow[],
  options: Parameters<typeof decode>[1] = {},
): Promise<DecodedFile> {
  return decode(lakeColumns(rows), { path: LAKE_PATH, ...options });
}
