import { ROW_FAULTS_MAX } from '../dialects/decode-target.js';
import type { CountByReason, RowFault, RowFaultKind } from './types.js';

/** What is the matter with rows that were taken all the same: counted, and the first ones listed. */
export class RowFaultList {
  readonly counts: CountByReason = {};
  readonly listed: RowFault[] = [];

  /** @param at called only where the row is listed */
  add(kind: RowFaultKind, at: () => Omit<RowFault, 'kind'>): void {
    const count = (this.counts[kind] ?? 0) + 1;
    this.counts[kind] = count;
    if (count <= ROW_FAULTS_MAX) this.listed.push({ kind, ...at() });
  }

  /** More rows of a kind, of which ROW_FAULTS_MAX were added. */
  addUnlisted(kind: RowFaultKind, count: number): void {
    if (count > 0) this.counts[kind] = (this.counts[kind] ?? 0) + count;
  }
}

/** All lists as one. */
export function joinFaults(...lists: readonly Pick<RowFaultList, 'counts' | 'listed'>[]): {
  counts: CountByReason;
  listed: RowFault[];
} {
  const counts: CountByReason = {};
  for (const [kind, count] of lists.flatMap((list) => Object.entries(list.counts))) {
    counts[kind] = (counts[kind] ?? 0) + count;
  }
  return { counts, listed: lists.flatMap(({ listed }) => listed) };
}
