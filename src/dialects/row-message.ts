import { FLAG_SNAPSHOT } from '../abi/flags.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { SourceColumn } from '../parquet/reader.js';
import type { RowReject } from './decode-target.js';
import { isPresent } from './source-values.js';
import type { RowMapping } from './types.js';

/** Where the ids of a row are: in the source, and where they were copied to. */
export interface RowMessagePlaces {
  readonly rows: RowMapping;
  readonly columns: ReadonlyMap<string, SourceColumn>;
  /** Address of the run's first row in a column of ours; undefined: there is none. */
  readonly ptrOf: (name: string) => number | undefined;
}

/**
 * What tells the message of a refused row, as far as the row can be believed.
 * @param row of the run; `sourceRow` is the same in the source's columns
 */
export function messageOfRow(
  { i32, i64 }: MemoryViews,
  { rows, columns, ptrOf }: RowMessagePlaces,
  row: number,
  sourceRow: number,
): Pick<RowReject, 'tsRecv' | 'sequence' | 'ids'> {
  const idOf = (name: string): bigint | null => {
    const ptr = ptrOf(name);
    return ptr === undefined ? null : i64[ptr / 8 + row]!;
  };
  const [tsRecv, last] = [idOf('ts_recv')!, idOf('sequence')];
  const flagsPtr = ptrOf('flags');
  const isSnapshot = flagsPtr !== undefined && (i32[flagsPtr / 4 + row]! & FLAG_SNAPSHOT) !== 0;
  const { sequence, sequenceFirst, sequencePrev } = rows;
  const isWhole = [sequence, sequenceFirst, sequencePrev].every((name) => {
    const column = name === null ? undefined : columns.get(name);
    return column === undefined || isPresent(column, sourceRow);
  });
  if (last === null || isSnapshot || !isWhole) return { tsRecv, sequence: last, ids: null };
  const ids = {
    first: idOf('sequence_first') ?? last,
    last,
    prev: idOf('sequence_prev'),
  };
  return { tsRecv, sequence: last, ids };
}
