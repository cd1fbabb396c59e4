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
 * What `--strict` answers with exit code 3: losses proven or suspected, ids out of their order,
 * rejected rows, and days that are not `usable`. An unseeded book of itself is a statement about
 * the input and no finding.
 */
export function hasFindings(report: AuditReport): boolean {
  return report.instruments.some(
    (instrument) =>
      instrument.verdict !== 'usable' ||
      instrument.gaps.length > 0 ||
      instrument.duplicates > 0 ||
      instrument.out_of_order > 0 ||
      rowsRejected(instrument) > 0,
  );
}
