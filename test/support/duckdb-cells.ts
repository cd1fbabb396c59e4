import { DuckDBBlobValue, DuckDBInstance } from '@duckdb/node-api';
import type { Cell } from './source-cells.js';

/** A value of DuckDB as the plain cell that it must equal. */
function plainCell(value: unknown): Cell {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value !== 'object' || value === null) return value as Cell;
  for (const key of ['nanos', 'micros', 'millis', 'value'] as const) {
    if (key in value) return (value as Record<string, bigint>)[key]!;
  }
  // A text that the file does not declare as one the way DuckDB wants it.
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString();
  throw new Error(`unexpected value of DuckDB: ${String(value)}`);
}

/** Columns of a file as DuckDB reads them, by name; an instance of its own, which a file may kill. */
export async function duckCells(path: string, columnNames: string[]): Promise<Map<string, Cell[]>> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const names = columnNames.map((name) => `"${name}"`).join(', ');
  const sql = `SELECT ${names} FROM read_parquet('${path}', hive_partitioning = false)`;
  const columns = (await connection.runAndReadAll(sql)).getColumns();
  connection.closeSync();
  instance.closeSync();
  return new Map(columnNames.map((name, index) => [name, (columns[index] ?? []).map(plainCell)]));
}

/** Index of the first cell that differs, or -1. Doubles are equal when their bits are. */
export function firstDifference(found: readonly Cell[], expected: readonly Cell[]): number {
  if (found.length !== expected.length) return Math.min(found.length, expected.length);
  return found.findIndex((cell, row) => {
    const other = expected[row]!;
    // DuckDB gives int32 as number, the reader every integer as bigint.
    if (typeof cell === 'bigint' && typeof other === 'number') return cell !== BigInt(other);
    return !Object.is(cell, other);
  });
}
