import type { CountByReason, RowFault, RowFaultKind } from './types.js';

/** Rows that are listed for each kind; further ones are only counted. */
const LISTED_MAX = 1_000;

/** What is the matter with rows that were taken all the same: counted, and the first ones listed. */
export class RowFaultList {
  readonly counts: CountByReason = {};
  readonly listed: RowFault[] = [];

  /** @param at called only where the row is listed */
  add(kind: RowFaultKind, at: () => Omit<RowFault, 'kind'>): void {
    const count = (this.counts[kind] ?? 0) + 1;
    this.counts[kind] = count;
    if (count <= LISTED_MAX) this.listed.push({ kind, ...at() });
  }
}

/** Both lists as one. */
export function joinFaults(
  a: Pick<RowFaultList, 'counts' | 'listed'>,
  b: Pick<RowFaultList, 'counts' | 'listed'>,
): { counts: CountByReason; listed: RowFault[] } {
  const counts = { ...a.counts };
  for (const [kind, count] of Object.entries(b.counts)) counts[kind] = (counts[kind] ?? 0) + count;
  return { counts, listed: [...a.listed, ...b.listed] };
}
