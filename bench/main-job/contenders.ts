import type { BenchSize } from '../suite.js';
import { runCli } from './depthmill.js';
import { DUCKDB_FORMATS } from './duckdb.js';
import type { JobInput } from './input.js';
import { type ProcessFigures, runNode, scriptPath } from './run-process.js';

/** Someone who takes part in each round, as a process of its own with its start-up. */
export interface Contender {
  readonly name: string;
  /** Events of a run: those of the input, or of a part of it for who would take minutes. */
  readonly events: number;
  /** Writes to `out`, which is not there, or writes nothing. */
  readonly run: (out: string) => Promise<ProcessFigures>;
}

export interface Contenders {
  readonly ours: Contender;
  /** The same once more: how far it is from `ours` is noise. */
  readonly again: Contender;
  /** DuckDB in each of its formats. */
  readonly duckdb: readonly Contender[];
  /** parquet-wasm, and hyparquet where it can: a part of the job, and of the rows, on one thread. */
  readonly others: readonly Contender[];
}

/** Rows at most of those who would take minutes, or not hold all of them. */
const PARQUET_WASM_ROWS = 4_000_000;
const HYPARQUET_ROWS: Readonly<Record<BenchSize, number>> = { smoke: 100_000, real: 1_000_000 };

/**
 * @param lastRows rows of the last delta file
 * @param options.hasZstd the input is compressed with zstd, which hyparquet alone does not read
 */
export function contendersOf(
  input: JobInput,
  lastRows: number,
  { size, hasZstd }: { size: BenchSize; hasZstd: boolean },
): Contenders {
  const { deltaFiles, events } = input;
  const last = deltaFiles.at(-1)!;
  const peer = (script: string, ...args: string[]): Promise<ProcessFigures> =>
    runNode([scriptPath(`./${script}-process.js`), ...args]);
  const wasmRows = Math.min(PARQUET_WASM_ROWS, lastRows);
  const hyparquetRows = Math.min(HYPARQUET_ROWS[size], lastRows);
  const parquetWasm: Contender = {
    name: 'parquet-wasm',
    events: wasmRows,
    run: (out) => peer('parquet-wasm', last, out, `${wasmRows}`),
  };
  const hyparquet: Contender = {
    name: 'hyparquet, reading alone',
    events: hyparquetRows,
    run: () => peer('hyparquet', last, `${hyparquetRows}`),
  };
  return {
    ours: { name: 'depthmill', events, run: (out) => runCli(input, out) },
    again: { name: 'depthmill again (A/A)', events, run: (out) => runCli(input, out) },
    duckdb: DUCKDB_FORMATS.map(({ name }) => ({
      name: `DuckDB, ${name}`,
      events,
      run: (out) => peer('duckdb', JSON.stringify(deltaFiles), out, name),
    })),
    others: hasZstd ? [parquetWasm] : [parquetWasm, hyparquet],
  };
}
