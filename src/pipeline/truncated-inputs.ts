import type { GapFinding } from '../audit/types.js';
import type { Selection } from '../dialects/options.js';
import { selectRowGroups } from '../dialects/selection.js';
import type { InstrumentDay, PlannedFile } from '../dialects/types.js';
import { textFactsOf } from '../text/text-footer.js';
import type { RowOrigin } from './gap-findings.js';
import type { BookResult } from './protocol.js';

/** Where a file breaks off, and the first row that it should have had; null: it does not. */
export function breakOf(file: PlannedFile): { reason: string; origin: RowOrigin } | null {
  const truncation = textFactsOf(file.footer)?.truncation ?? null;
  if (truncation === null) return null;
  const reason = `${truncation.reason}; it was used up to byte ${truncation.offset} of its text`;
  return { reason, origin: { file: file.path, row: file.footer.rowCount } };
}

/**
 * The files of a day that break off, each once, but for those behind which the day's depth goes on:
 * the book found these as it came to them. An input that a selection ends before is not named.
 */
export function truncatedInputs(
  { files }: InstrumentDay,
  { gaps, last }: Pick<BookResult, 'gaps' | 'last'>,
  selection: Selection,
): GapFinding[] {
  if (selection.limit !== null) return [];
  const named = new Set(gaps.filter(({ kind }) => kind === 'truncated').map(({ file }) => file));
  const found: GapFinding[] = [];
  for (const file of Object.values(files).flat()) {
    const cut = breakOf(file);
    if (cut === null || named.has(file.path) || !reachesEnd(file, selection)) continue;
    named.add(file.path);
    const before = file === files.depth.at(-1) ? last : null;
    found.push({
      kind: 'truncated',
      proven: true,
      sequence_before: before?.sequence ?? null,
      sequence_after: null,
      missing: null,
      ts_recv_before: before?.ts_recv ?? null,
      ts_recv_after: null,
      ...cut.origin,
      reason: cut.reason,
    });
  }
  return found;
}

function reachesEnd(file: PlannedFile, selection: Selection): boolean {
  const lastBlock = file.footer.rowGroupRows.findLastIndex((rowCount) => rowCount > 0);
  return selectRowGroups(selection, file, [lastBlock]).length > 0;
}
