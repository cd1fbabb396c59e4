import { invariant } from '../errors/errors.js';
import { int64Words, isThere, words } from '../parquet/column-words.js';
import { rowCountOf } from '../parquet/footer-chunks.js';
import type { SourceColumn } from '../parquet/reader.js';
import { type DepthPlace, isBefore, type StoredParts, timeSpan } from './depth-place.js';
import type { WholeBook } from './replay-book.js';
import type { StoredFile } from './stored-files.js';
import type { StoredReader } from './stored-reader.js';

/** A whole book out of the table `keyframes`. */
export interface StoredKeyframe {
  readonly number: number;
  /** The row of `depth` after which the book is this. */
  readonly place: DepthPlace;
  readonly levels: WholeBook;
  readonly digest: string;
  /** Prices up to which the sides were known; null: known whole. */
  readonly knownBidPips: bigint | null;
  readonly knownAskPips: bigint | null;
}

/** A row group of keyframes. */
interface GroupPlace {
  readonly file: StoredFile;
  readonly rowGroup: number;
}

/** Rows of a keyframe in its row group. */
interface FoundRows {
  readonly number: number;
  readonly place: DepthPlace;
  readonly rowStart: number;
  readonly rowEnd: number;
}

/**
 * The last keyframe at or before a row of `depth`; null where there is none.
 *
 * @param atNs no row up to that one was received later: row groups of later keyframes are passed
 *   over
 */
export async function findKeyframe(
  reader: StoredReader,
  keyframes: StoredParts,
  last: DepthPlace,
  atNs: bigint,
): Promise<StoredKeyframe | null> {
  const groups = await groupsOf(keyframes);
  for (let index = groups.length - 1; index >= 0; index--) {
    const { file, rowGroup } = groups[index]!;
    const span = timeSpan(file, rowGroup);
    if (span !== null && span.min > atNs) continue;
    const found = await lastUpTo(reader, groups[index]!, last);
    if (found !== null) return readKeyframe(reader, groups[index]!, found);
  }
  return null;
}

async function groupsOf(keyframes: StoredParts): Promise<GroupPlace[]> {
  const groups: GroupPlace[] = [];
  for (let part = 0; part < keyframes.count; part++) {
    const file = await keyframes.file(part);
    for (const rowGroup of file.footer.rowGroupRows.keys()) {
      if (rowCountOf(file.footer, rowGroup) > 0) groups.push({ file, rowGroup });
    }
  }
  return groups;
}

async function lastUpTo(
  reader: StoredReader,
  { file, rowGroup }: GroupPlace,
  last: DepthPlace,
): Promise<FoundRows | null> {
  let number = -1;
  let place: DepthPlace = { part: 0, row: -1 };
  let rowStart = 0;
  let rowEnd = 0;
  const names = ['keyframe', 'part', 'row'];
  await reader.read(file, rowGroup, names, ({ columns, firstRow, rowCount }) => {
    const [numbers, parts, rows] = [
      words(columns[0]!),
      words(columns[1]!),
      int64Words(columns[2]!),
    ];
    for (let row = 0; row < rowCount; row++) {
      if (numbers[row] === number) continue;
      const next = { part: parts[row]!, row: Number(rows[row]!) };
      rowEnd = firstRow + row;
      if (isBefore(last, next)) return false;
      number = numbers[row]!;
      place = next;
      rowStart = rowEnd;
    }
    rowEnd = firstRow + rowCount;
    return true;
  });
  return number === -1 ? null : { number, place, rowStart, rowEnd };
}

const LEVEL_COLUMNS = [
  'is_bid',
  'price_pips',
  'qty_pips',
  'known_bid_pips',
  'known_ask_pips',
  'digest',
];

/** Reads the rows of a keyframe: a row group ends with one, so that none lies in two. */
async function readKeyframe(
  reader: StoredReader,
  { file, rowGroup }: GroupPlace,
  { number, place, rowStart, rowEnd }: FoundRows,
): Promise<StoredKeyframe> {
  const levelCount = rowEnd - rowStart;
  const isBid = new Uint8Array(levelCount);
  const pricePips = new BigInt64Array(levelCount);
  const qtyPips = new BigInt64Array(levelCount);
  let facts: KeyframeFacts | null = null;
  await reader.read(file, rowGroup, LEVEL_COLUMNS, ({ columns, firstRow, rowCount }) => {
    const start = Math.max(0, rowStart - firstRow);
    const end = Math.min(rowCount, rowEnd - firstRow);
    if (start >= end) return firstRow < rowEnd;
    const [sides, prices, qtys] = columns;
    const at = firstRow + start - rowStart;
    pricePips.set(int64Words(prices!).subarray(start, end), at);
    qtyPips.set(int64Words(qtys!).subarray(start, end), at);
    for (let row = start; row < end; row++) {
      isBid[at + row - start] = isThere(sides!.values, row) ? 1 : 0;
    }
    facts ??= factsAt(columns, start);
    return true;
  });
  invariant(facts !== null, 'a keyframe has rows');
  return { number, place, levels: { isBid, pricePips, qtyPips }, ...(facts as KeyframeFacts) };
}

type KeyframeFacts = Pick<StoredKeyframe, 'digest' | 'knownBidPips' | 'knownAskPips'>;

function factsAt(columns: readonly SourceColumn[], row: number): KeyframeFacts {
  const [, , , knownBid, knownAsk, digest] = columns;
  const bound = (column: SourceColumn): bigint | null =>
    column.validity !== null && !isThere(column.validity, row) ? null : int64Words(column)[row]!;
  const { values, offsets } = digest!;
  // A copy: a TextDecoder takes no view of a shared memory.
  const text = new Uint8Array(values.subarray(offsets![row]!, offsets![row + 1]!));
  return {
    digest: new TextDecoder().decode(text),
    knownBidPips: bound(knownBid!),
    knownAskPips: bound(knownAsk!),
  };
}
