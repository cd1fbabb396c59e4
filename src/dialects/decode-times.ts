import { FLAG_BAD_TS } from '../abi/flags.js';
import type { Core } from '../core/core.js';
import { timesPlain, timesToNs } from '../core/times.js';
import type { SourceColumn } from '../parquet/reader.js';
import { copyIntegers } from './copy-integers.js';
import { readBit } from './row-columns.js';
import type { RowProblems } from './row-problems.js';
import type { RowRun } from './scale-column.js';
import { integerAt, isPresent } from './source-values.js';
import { TIME_NS_MAX, TIME_NS_MIN, unitOfDigits } from './time-units.js';
import type { TimeField } from './types.js';

/** A time of the table: its field in the mapping, and its column where the source has one. */
export interface TimeInput {
  readonly field: TimeField;
  readonly column: SourceColumn;
}

/** High words of TIME_NS_MIN: stamps with a larger one surely have 19 digits. */
const HIGH_WORD_MIN = Number(TIME_NS_MIN >> 32n);

const STAMP_MISSING = 0;
const STAMP_BAD = 1;

/**
 * Writes ts_recv and ts_event of a run in ns. A stamp that is missing (no column, null, 0 or -1)
 * is copied from the other and its row flagged BAD_TS; a row with a stamp that its unit does not
 * explain, or with none at all, is refused as ERR_ROW_TIME. A 0 or -1 is noted: where others have
 * a stamp, the row is to be looked at.
 *
 * @param target addresses of the two columns and of `flags` for the run's first row
 */
export function decodeTimes(
  core: Core,
  times: { readonly recv: TimeInput | null; readonly event: TimeInput | null },
  run: RowRun,
  target: {
    readonly recvPtr: number;
    readonly eventPtr: number;
    readonly flagsPtr: number;
    /** Room for one bit a row. */
    readonly badBitmapPtr: number;
  },
  problems: RowProblems,
): void {
  const { recvPtr, eventPtr, flagsPtr, badBitmapPtr } = target;
  const recv = {
    ...times.recv,
    ptr: recvPtr,
    odd: stampsInto(core, times.recv, run, { ptr: recvPtr, badBitmapPtr }, problems),
  };
  const event = {
    ...times.event,
    ptr: eventPtr,
    odd: stampsInto(core, times.event, run, { ptr: eventPtr, badBitmapPtr }, problems),
  };
  for (const { odd, column } of [recv, event]) {
    for (const [row, kind] of odd ?? []) {
      if (kind === STAMP_BAD) refuseStamp(column!, run.start + row, row, problems);
    }
  }
  copyMissing(core, recv, event, run, flagsPtr, problems);
  copyMissing(core, event, recv, run, flagsPtr, problems);
}

function refuseStamp(
  column: SourceColumn,
  sourceRow: number,
  row: number,
  problems: RowProblems,
): void {
  const invalid = column.invalidAt?.(sourceRow) ?? null;
  const reason = invalid?.isLine ? 'ERR_ROW_FIELDS' : 'ERR_ROW_TIME';
  problems.reject(row, reason, column.info.name, invalid?.text ?? null);
}

interface Stamps {
  readonly column?: SourceColumn;
  readonly ptr: number;
  /** Rows without a good stamp; null: the source has no such column. */
  readonly odd: ReadonlyMap<number, number> | null;
}

function copyMissing(
  core: Core,
  stamps: Stamps,
  other: Stamps,
  { start, count: rowCount }: RowRun,
  flagsPtr: number,
  problems: RowProblems,
): void {
  const { i64, i32 } = core.views;
  const from = other.ptr >>> 3;
  const to = stamps.ptr >>> 3;
  const flags = flagsPtr >>> 2;
  if (stamps.odd === null) {
    core.kernels.copyBytes(other.ptr, stamps.ptr, rowCount * 8);
    for (let row = 0; row < rowCount; row++) i32[flags + row]! |= FLAG_BAD_TS;
    return;
  }
  for (const [row, kind] of stamps.odd) {
    if (kind === STAMP_BAD) continue;
    // Neither column has a stamp (a bad one of the other was refused before).
    if (other.odd === null || other.odd.has(row)) {
      refuseStamp(stamps.column!, start + row, row, problems);
      continue;
    }
    i64[to + row] = i64[from + row]!;
    i32[flags + row]! |= FLAG_BAD_TS;
  }
}

/** Converts one column; returns the rows that have no good stamp and why, null for no column. */
function stampsInto(
  core: Core,
  input: TimeInput | null,
  run: RowRun,
  target: { readonly ptr: number; readonly badBitmapPtr: number },
  problems: RowProblems,
): Map<number, number> | null {
  if (input === null) return null;
  const { field, column } = input;
  const { ptr, badBitmapPtr } = target;
  const { start, count } = run;
  const { i64, i32, u8 } = core.views;
  copyIntegers(core, column, run, ptr);
  core.kernels.fillBytes(badBitmapPtr, Math.ceil(count / 8), 0);
  // Without a unit (no value of the first rows had one) each value is looked at by itself.
  const isTrusted = field.unitNs !== null;
  const isConverted = isTrusted && field.unitNs !== 1;
  const times = { valuesPtr: ptr, rowCount: count };
  const badCount = isConverted ? timesToNs(core, times, field.unitNs, badBitmapPtr) : 0;
  const odd = new Map<number, number>();
  const highWords = (ptr >>> 2) + 1;
  const isPlain = isTrusted && badCount === 0 && column.nullCount === 0;
  // Rows are looked at one by one only from the first on that is not as it should be.
  const rowStart = isPlain ? timesPlain(core, times) : 0;
  for (let row = rowStart; row < count; row++) {
    const isInRange = i32[highWords + 2 * row]! > HIGH_WORD_MIN;
    if (isInRange && isPlain) continue;
    const isBad = !isTrusted || (badCount > 0 && readBit(u8, badBitmapPtr, row));
    if (isInRange && !isBad && isPresent(column, start + row)) continue;
    const isThere = isPresent(column, start + row);
    const value = isThere ? integerAt(column, start + row) : 0n;
    const stampNs = value * BigInt(field.unitNs ?? unitOfDigits(value) ?? 0);
    if (stampNs >= TIME_NS_MIN && stampNs <= TIME_NS_MAX) i64[(ptr >>> 3) + row] = stampNs;
    else {
      const isText = !isThere && column.invalidAt?.(start + row) != null;
      const isMissing = !isText && (value === 0n || value === -1n);
      odd.set(row, isMissing ? STAMP_MISSING : STAMP_BAD);
      const says = { row, column: column.info.name, value: String(value) };
      if (isMissing && isThere) problems.noteStamp(says);
    }
  }
  return odd;
}
