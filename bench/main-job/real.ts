import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DuckDBConnection } from '@duckdb/node-api';
import { openDuckdb, quoted } from './duckdb.js';
import type { JobInput } from './input.js';

/** Crypto Lake's recordings beside the project, or where DEPTHMILL_SHARED_DATA says. */
const LAKE = join(
  process.env.DEPTHMILL_SHARED_DATA ??
    fileURLToPath(new URL('../../../../shared/data', import.meta.url)),
  'lake',
);

/** Why there is no input of real rows; null where there can be one. */
export const realRowsMissing: string | null = existsSync(LAKE)
  ? null
  : 'Skipped: no recordings in ../shared/data/lake; DEPTHMILL_SHARED_DATA names another folder.';

/** In the order of their output folders. */
const INSTRUMENTS = [
  'exchange=BINANCE/symbol=BTC-USDT',
  'exchange=BINANCE_DELIVERY/symbol=ETH-USD-PERP',
  'exchange=BINANCE_FUTURES/symbol=ETH-USDT-PERP',
];
const DAY = 'dt=2024-08-08/1.snappy.parquet';

/** Rows of the three recordings in one copy. */
const ROWS_A_COPY = 298_111 + 437_922 + 428_662;

/** How many copies come nearest to so many rows. */
export const copiesFor = (rows: number): number => Math.max(1, Math.round(rows / ROWS_A_COPY));

/**
 * The three recordings `copies` times over, each copy's times and ids moved on behind those of the
 * one before: snappy, 10,240-row groups as the vendor has them.
 */
export async function makeReal(
  folder: string,
  { name, copies }: { name: string; copies: number },
): Promise<JobInput> {
  const db = await openDuckdb();
  const deltaFiles: string[] = [];
  const bookFiles: string[] = [];
  try {
    for (const instrument of INSTRUMENTS) {
      const paths = ['book_delta_v2', 'book'].map((table) => join(table, instrument, DAY));
      const moves = await movesOf(
        db,
        paths.map((path) => join(LAKE, path)),
      );
      for (const path of paths) {
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        await repeat(db, { from: join(LAKE, path), to: file, copies, moves });
        (path.startsWith('book_delta_v2') ? deltaFiles : bookFiles).push(file);
      }
    }
  } finally {
    db.closeSync();
  }
  return { name, deltaFiles, bookFiles, events: copies * ROWS_A_COPY };
}

/** By how much a copy's columns lie above those of the copy before it. */
type Moves = ReadonlyMap<string, bigint>;

async function movesOf(db: DuckDBConnection, files: readonly string[]): Promise<Moves> {
  const list = files.map(quoted).join(', ');
  const reader = await db.runAndReadAll(`
    SELECT max(receipt_timestamp) - min(receipt_timestamp) AS span,
      max(sequence_number) - min(sequence_number) AS ids
    FROM read_parquet([${list}], union_by_name = true, hive_partitioning = false)`);
  const [row] = reader.getRowObjects() as { span: bigint; ids: bigint }[];
  const moveNs = row!.span + 1_000_000n;
  return new Map([
    ['receipt_timestamp', moveNs],
    ['timestamp', moveNs],
    ['sequence_number', row!.ids + 1n],
  ]);
}

async function repeat(
  db: DuckDBConnection,
  { from, to, copies, moves }: { from: string; to: string; copies: number; moves: Moves },
): Promise<void> {
  const source = `read_parquet(${quoted(from)}, hive_partitioning = false)`;
  const described = await db.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
  const names = described.getRowObjects().map(({ column_name }) => String(column_name));
  const columns = names.map((name) => {
    const move = moves.get(name);
    return move === undefined ? `"${name}"` : `"${name}" + copy * ${move} AS "${name}"`;
  });
  const parts = Array.from(
    { length: copies },
    (_, copy) => `SELECT *, ${copy}::BIGINT AS copy FROM ${source}`,
  );
  await db.run(`COPY (SELECT ${columns.join(', ')} FROM (${parts.join(' UNION ALL ')}))
    TO ${quoted(to)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 10240)`);
}
