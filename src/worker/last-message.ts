import { FLAG_LAST } from '../abi/flags.js';
import { int64Words, words } from '../parquet/column-words.js';
import type { SourceColumn } from '../parquet/reader.js';
import { type DepthPlace, rowGroupsWithin, type StoredParts, timeSpan } from './depth-place.js';
import type { StoredFile } from './stored-files.js';
import type { StoredReader } from './stored-reader.js';

/** A complete message of `depth`, by its last row. */
export interface LastMessage {
  readonly place: DepthPlace;
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  /** null where the source has no ids. */
  readonly sequence: bigint | null;
  readonly flags: number;
}

/** What the search saw of a row group. */
interface Searched {
  /** Its last complete message before the moment passed. */
  readonly last: LastMessage | null;
  /** A row that was received later stands in it. */
  readonly isPast: boolean;
}

/**
 * The last message that was complete before the first row received after `atNs`, in the order of
 * the files; null where there is none. Statistics show which row group that is in.
 */
export async function findLastMessage(
  reader: StoredReader,
  depth: StoredParts,
  atNs: bigint,
): Promise<LastMessage | null> {
  /** Row groups that lie before the moment as a whole; the last one is looked into where needed. */
  const before: { part: number; rowGroup: number; firstRow: number }[] = [];
  for (let part = 0; part < depth.count; part++) {
    const file = await depth.file(part);
    for (const group of rowGroupsWithin(file, 0, file.footer.rowCount)) {
      const span = timeSpan(file, group.rowGroup);
      if (span !== null && span.max <= atNs) {
        before.push({ part, ...group });
        continue;
      }
      const { last, isPast } = await search(reader, file, { part, ...group }, atNs);
      if (last !== null && isPast) return last;
      if (isPast) return lastOf(reader, depth, before, atNs);
      before.push({ part, ...group });
    }
  }
  return lastOf(reader, depth, before, atNs);
}

/** Of row groups before the moment: nearly always the last row of the last one. */
async function lastOf(
  reader: StoredReader,
  depth: StoredParts,
  groups: readonly { part: number; rowGroup: number; firstRow: number }[],
  atNs: bigint,
): Promise<LastMessage | null> {
  for (const group of groups.toReversed()) {
    const { last } = await search(reader, await depth.file(group.part), group, atNs);
    if (last !== null) return last;
  }
  return null;
}

async function search(
  reader: StoredReader,
  file: StoredFile,
  group: { readonly part: number; readonly rowGroup: number; readonly firstRow: number },
  atNs: bigint,
): Promise<Searched> {
  const hasSequence = file.footer.columns.some(({ name }) => name === 'sequence');
  const names = ['ts_recv', 'ts_event', 'flags', ...(hasSequence ? ['sequence'] : [])];
  let last: LastMessage | null = null;
  let isPast = false;
  await reader.read(file, group.rowGroup, names, ({ columns, firstRow, rowCount }) => {
    const end = firstAfter(columns[0]!, rowCount, atNs);
    isPast = end < rowCount;
    const flags = words(columns[2]!);
    let row = end - 1;
    while (row >= 0 && (flags[row]! & FLAG_LAST) === 0) row--;
    if (row >= 0) {
      const place = { part: group.part, row: group.firstRow + firstRow + row };
      last = { place, ...messageAt(columns, row) };
    }
    return !isPast;
  });
  return { last, isPast };
}

/** The first of a run's rows that was received after `atNs`, or `rowCount`. */
function firstAfter(tsRecv: SourceColumn, rowCount: number, atNs: bigint): number {
  const times = int64Words(tsRecv);
  for (let row = 0; row < rowCount; row++) if (times[row]! > atNs) return row;
  return rowCount;
}

function messageAt(columns: readonly SourceColumn[], row: number): Omit<LastMessage, 'place'> {
  const [tsRecv, tsEvent, flags, sequence] = columns;
  return {
    tsRecv: int64Words(tsRecv!)[row]!,
    tsEvent: int64Words(tsEvent!)[row]!,
    flags: words(flags!)[row]! | 0,
    sequence: sequence === undefined ? null : int64Words(sequence)[row]!,
  };
}
