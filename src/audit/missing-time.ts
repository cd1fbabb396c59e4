import type { GapFinding, GapKind, InstrumentAudit } from './types.js';

/**
 * Ends of the time that a day's rows should cover, ns. null: the recording of the instrument begins
 * (ends) in this day, so nothing is missing before its first (behind its last) row.
 */
export interface DaySpan {
  readonly fromNs: bigint | null;
  readonly toNs: bigint | null;
}

/** Gaps that are time without data. A suspected loss has no known length, a silence lost nothing. */
const TIMELESS: ReadonlySet<GapKind> = new Set(['silence', 'reset']);

/**
 * Time without data: in proven gaps, in outages, and before the first or behind the last row of a day that is
 * neither the instrument's first nor its last. Overlapping gaps count once.
 *
 * @returns `ns` of `of_ns`, the time that should be covered
 */
export function missingTime(
  rows: { readonly firstNs: bigint; readonly lastNs: bigint },
  gaps: readonly GapFinding[],
  outages: InstrumentAudit['outages'],
  span: DaySpan,
): { ns: bigint; of_ns: bigint } {
  const from = span.fromNs ?? rows.firstNs;
  const to = span.toNs ?? rows.lastNs;
  const holes: { from: bigint; to: bigint }[] = [
    { from, to: rows.firstNs },
    { from: rows.lastNs, to },
  ];
  for (const { kind, proven, ts_recv_before: before, ts_recv_after: after } of gaps) {
    if (!proven || TIMELESS.has(kind) || before === null || after === null) continue;
    holes.push({ from: before, to: after });
  }
  for (const { ts_recv_from, ts_recv_to } of outages) {
    holes.push({ from: ts_recv_from, to: ts_recv_to });
  }
  holes.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  let ns = 0n;
  let covered = from;
  for (const hole of holes) {
    const start = later(hole.from, covered);
    const end = earlier(hole.to, to);
    if (end <= start) continue;
    ns += end - start;
    covered = end;
  }
  return { ns, of_ns: to > from ? to - from : 0n };
}

export function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
