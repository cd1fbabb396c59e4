import { PAGE_ROWS } from '../abi/limits.js';
import { CAPTURE_TEXT_BYTES_MAX } from '../abi/text-rows.js';
import type { Core } from '../core/core.js';
import type { TextTarget } from '../core/text-rows.js';
import type { DecodeRegion } from '../parquet/decode-region.js';
import type { SourceColumn, SourceColumnInfo } from '../parquet/reader.js';
import type { TextColumnFacts } from './text-footer.js';

/** A column that is wanted, by its place in the rows. */
export interface WantedColumn {
  readonly field: number;
  readonly info: SourceColumnInfo;
  readonly facts: TextColumnFacts;
}

/** Bytes that a text has room for in a run, on average; a run of longer ones ends sooner. */
const TEXT_BYTES_A_ROW = CAPTURE_TEXT_BYTES_MAX;
/** Of what a region has left, the share that the columns of a run may fill. */
const SHARE = 0.9;

/**
 * Rows of a run: as many as the columns have room for; a multiple of 64. Texts have room for a
 * whole block besides, so that the longest line fits: one of them only, since they share its bytes.
 */
export function runRowsOf(columns: readonly WantedColumn[], bytes: number): number {
  const texts = columns.filter(({ facts }) => facts.kind === 'text').length;
  const rowBytes = columns.length * 16 + texts * TEXT_BYTES_A_ROW + 8;
  const rows = Math.floor((bytes * SHARE) / rowBytes / 64) * 64;
  return Math.max(64, Math.min(PAGE_ROWS, rows));
}

/** Where the columns of a run lie. */
export function takeTargets(
  region: DecodeRegion,
  columns: readonly WantedColumn[],
  runRows: number,
): TextTarget[] {
  return columns.map(({ field, facts: { kind } }) => {
    const isText = kind === 'text';
    const textBytesMax = runRows * TEXT_BYTES_A_ROW;
    return {
      field,
      kind,
      valuesPtr: region.take(isText ? textBytesMax : runRows * 8),
      offsetsPtr: isText ? region.take((runRows + 1) * 4) : 0,
      validityPtr: region.take(runRows / 8),
      textBytesMax: isText ? textBytesMax : 0,
    };
  });
}

/** A column of the run that was just taken apart. */
export function columnOfRun(
  core: Core,
  { info }: WantedColumn,
  { valuesPtr, offsetsPtr, validityPtr }: TextTarget,
  run: { readonly rowCount: number; readonly nullCount: number },
  invalidAt: SourceColumn['invalidAt'],
): SourceColumn {
  const { rowCount, nullCount } = run;
  const { views } = core;
  const offsets = offsetsPtr === 0 ? null : views.i32At(offsetsPtr, rowCount + 1);
  const byteLength = offsets === null ? rowCount * 8 : offsets[rowCount]!;
  return {
    info,
    rowCount,
    values: views.bytes(valuesPtr, byteLength),
    valuesPtr,
    offsets,
    validity: nullCount === 0 ? null : views.bytes(validityPtr, Math.ceil(rowCount / 8)),
    nullCount,
    ...(invalidAt && { invalidAt }),
  };
}
