import { FLAG_BAD_TS } from '../abi/flags.js';
import type { Core } from '../core/core.js';
import type { SourceColumn } from '../parquet/reader.js';
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
 * explain, or with none at all, is refused as ERR_ROW_TIME.
 *
 * @param target addresses of the two columns and of `flags` for the run's first row
 */
export function decodeTimes(
  core: Core,
  times: { readonly recv: TimeInput | null; readonly event: TimeInput | null },
  run: RowRun,
  target: { readonly recvPtr: number; readonly eventPtr: number; readonly flagsPtr: number },
  problems: RowProblems,
): void {
  const { recvPtr, eventPtr, flagsPtr } = target;
  const recv = { ...times.recv, ptr: recvPtr, odd: stampsInto(core, times.recv, run, recvPtr) };
  const event = {
    ...times.event,
    ptr: eventPtr,
    odd: stampsInto(core, times.event, run, eventPtr),
  };
  for (const { odd, field } of [recv, event]) {
    for (const [row, kind] of odd ?? []) {
      if (kind === STAMP_BAD) problems.reject(row, 'ERR_ROW_TIME', field!.column);
    }
  }
  copyMissing(core, recv, event, run.count, flagsPtr, problems);
  copyMissing(core, event, recv, run.count, flagsPtr, problems);
}

interface Stamps {
  readonly field?: TimeField;
  readonly ptr: number;
  /** Rows without a good stamp; null: the source has no such column. */
  readonly odd: ReadonlyMap<number, number> | null;
}

function copyMissing(
  core: Core,
  stamps: Stamps,
  other: Stamps,
  rowCount: number,
  flagsPtr: number,
  problems: RowProblems,
): void {
  const { i64, i32 } = core.views;
  const from = other.ptr / 8;
  const to = stamps.ptr / 8;
  if (stamps.odd === null) {
    i64.copyWithin(to, from, from + rowCount);
    for (let row = 0; row < rowCount; row++) i32[flagsPtr / 4 + row]! |= FLAG_BAD_TS;
    return;
  }
  for (const [row, kind] of stamps.odd) {
    if (kind === STAMP_BAD) continue;
    // Neither column has a stamp (a bad one of the other was refused before).
    if (other.odd === null || other.odd.has(row)) {
      problems.reject(row, 'ERR_ROW_TIME', stamps.field!.column);
      continue;
    }
    i64[to + row] = i64[from + row]!;
    i32[flagsPtr / 4 + row]! |= FLAG_BAD_TS;
  }
}

/** Converts one column; returns the rows that have no good stamp and why, null for no column. */
function stampsInto(
  core: Core,
  input: TimeInput | null,
  run: RowRun,
  ptr: number,
): Map<number, number> | null {
  if (input === null) return null;
  const { field, column } = input;
  const odd = new Map<number, number>();
  const { start, count } = run;
  const { i64, i32, u8 } = core.views;
  const isWide = column.info.type === 'int64';
  if (isWide) u8.set(column.values.subarray(start * 8, (start + count) * 8), ptr);
  for (let row = 0; row < count; row++) {
    const isNsInRange = isWide && field.unitNs === 1 && i32[ptr / 4 + row * 2 + 1]! > HIGH_WORD_MIN;
    if (isNsInRange && (column.nullCount === 0 || isPresent(column, start + row))) continue;
    const value = isPresent(column, start + row) ? integerAt(column, start + row) : 0n;
    const stampNs = value * BigInt(field.unitNs ?? unitOfDigits(value) ?? 0);
    const isGood = stampNs >= TIME_NS_MIN && stampNs <= TIME_NS_MAX;
    if (isGood) i64[ptr / 8 + row] = stampNs;
    else odd.set(row, value === 0n || value === -1n ? STAMP_MISSING : STAMP_BAD);
  }
  return odd;
}
