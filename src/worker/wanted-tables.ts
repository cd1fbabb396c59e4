import type { OutputTableName } from '../pipeline/day-paths.js';
import type { RunOptions } from '../pipeline/options.js';
import type { RowTable } from '../pipeline/output-tables.js';

export const ROW_TABLES: readonly RowTable[] = ['depth', 'book', 'trades', 'keyframes'];

/** Whether an output table was asked for; no list asks for all but keyframes. */
export function wants({ tables }: RunOptions, table: OutputTableName): boolean {
  return tables.length === 0 ? table !== 'keyframes' : tables.includes(table);
}
