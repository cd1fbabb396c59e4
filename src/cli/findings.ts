import type { AuditReport, CountByReason, InstrumentAudit } from '../audit/types.js';

/** Rows of all reasons together. */
export function countAll(byReason: CountByReason): number {
  return Object.values(byReason).reduce((sum, count) => sum + count, 0);
}

export function gapsProven(instrument: InstrumentAudit): number {
  return instrument.gaps.filter((gap) => gap.proven).length;
}

export function gapsSuspected(instrument: InstrumentAudit): number {
  return instrument.gaps.filter((gap) => !gap.proven).length;
}

/** Rejected rows of depth and trades. */
export function rowsRejected(instrument: InstrumentAudit): number {
  const { accounting, trades_accounting: trades } = instrument;
  return countAll(accounting.rejected) + countAll(trades.rejected);
}

/**
 * What `--strict` answers with exit code 3: days that are not `usable`, or missing between others;
 * more gaps or rejected rows than the thresholds allow; ids out of their order, and rows to look at
 * (stamps that cannot be believed, trades that come twice); a text that breaks off before any message is
 * whole, and so is a gap of no day. An unseeded book of itself is a statement
 * about the input and no finding.
 */
export function hasFindings({
  instruments,
  missing_days: missing,
  skipped,
  truncated,
  thresholds,
}: AuditReport): boolean {
  if (missing.length > 0) return true;
  if (truncated.some(({ path }) => skipped.some((file) => file.path === path))) return true;
  return instruments.some(
    (instrument) =>
      instrument.verdict !== 'usable' ||
      gapsProven(instrument) > thresholds.gaps ||
      gapsSuspected(instrument) > thresholds.gaps ||
      instrument.duplicates > 0 ||
      instrument.out_of_order > 0 ||
      countAll(instrument.row_faults.counts) > 0 ||
      rowsRejected(instrument) > thresholds.rejected,
  );
}
