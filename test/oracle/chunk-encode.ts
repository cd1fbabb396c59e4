// A column chunk the plain way: what its encoding must be (docs/encodings.md), and what its pages must
// say. Values are bigints (the bits of doubles, codes of texts, 0 and 1 of booleans), null where missing.
import { deltaBinaryPacked, dictionaryOf, hybridBytes } from './page-encode.js';

const PAGE_ROWS = 16_384;
const ENTRIES_MAX = 65_536;
/** Deltas that are looked at to guess what a page takes. */
const SAMPLE = 2_048;

export type ChunkValue = bigint | null;
export type ChunkEncodingName = 'plain' | 'delta' | 'dictionary';

export interface ChunkShape {
  readonly type: 'int64' | 'int32' | 'double' | 'bool';
  readonly wanted: 'auto' | ChunkEncodingName;
  readonly codec: 'none' | 'snappy' | 'zstd';
}

export interface IndexPage {
  readonly width: number;
  readonly inRuns: boolean;
}

export interface ChunkChoice {
  readonly encoding: ChunkEncodingName;
  /** With 'dictionary': the entries in the order of their first rows, and each page's indices. */
  readonly entries: readonly bigint[];
  readonly indexPages: readonly IndexPage[];
}

/** The rows of each page. */
export function pagesOf<T>(rows: readonly T[]): T[][] {
  const pages: T[][] = [];
  for (let at = 0; at < rows.length; at += PAGE_ROWS) pages.push(rows.slice(at, at + PAGE_ROWS));
  return pages;
}

export function chunkChoice(rows: readonly ChunkValue[], shape: ChunkShape): ChunkChoice {
  const pages = pagesOf(rows).map((page) => page.filter((value) => value !== null));
  const { wanted, type } = shape;
  const nothing = { entries: [], indexPages: [] };
  if (type === 'bool' || wanted === 'plain') return { encoding: 'plain', ...nothing };
  if (wanted === 'delta') return { encoding: 'delta', ...nothing };
  const dictionary = dictionaryChoice(pages, shape);
  if (wanted === 'dictionary') {
    return dictionary === null ? { encoding: 'plain', ...nothing } : dictionary.choice;
  }
  const plainBytes = sum(pages.map((page) => page.length)) * valueBytesOf(shape);
  const deltaBytes = sum(pages.map((page) => deltaPageBytes(page, shape)));
  const rival = Math.min(plainBytes, deltaBytes);
  if (dictionary !== null && dictionary.bytes < rival) return dictionary.choice;
  return { encoding: rival === plainBytes ? 'plain' : 'delta', ...nothing };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const valueBytesOf = ({ type }: ChunkShape): number => (type === 'int32' ? 4 : 8);

function deltaPageBytes(page: readonly bigint[], shape: ChunkShape): number {
  if (shape.type === 'double') return page.length * 8;
  const sample = page.slice(0, SAMPLE + 1);
  const { byteLength } = deltaBinaryPacked(sample, shape.type === 'int32' ? 32 : 64);
  return sample.length === page.length
    ? byteLength
    : Math.ceil((byteLength * page.length) / sample.length);
}

/** Null where a dictionary is impossible, or was given up on the way. */
function dictionaryChoice(
  pages: readonly (readonly bigint[])[],
  shape: ChunkShape,
): { choice: ChunkChoice; bytes: number } | null {
  const isForced = shape.wanted === 'dictionary';
  const { entries, indices } = dictionaryOf(pages.flat(), ENTRIES_MAX);
  if (indices.length < pages.flat().length) return null;
  const facts: { present: number; entryCount: number; runCount: number }[] = [];
  let plainBytes = 0;
  let deltaBytes = 0;
  let indexBytes = 0;
  let row = 0;
  let runCount = 0;
  let entryCount = 0;
  let before = -1;
  for (const page of pages) {
    const runsBefore = runCount;
    for (const index of indices.slice(row, row + page.length)) {
      if (index !== before) runCount++;
      entryCount = Math.max(entryCount, index + 1);
      before = index;
    }
    row += page.length;
    const present = page.length;
    facts.push({ present, entryCount, runCount: runCount - runsBefore });
    const width = widthOf(entryCount, shape.codec);
    indexBytes += Math.min((present * width) / 8, runBytes(runCount - runsBefore, width));
    plainBytes += present * valueBytesOf(shape);
    deltaBytes += deltaPageBytes(page, shape);
    const bytes = entryCount * valueBytesOf(shape) + indexBytes;
    const rival = Math.min(plainBytes, deltaBytes);
    if (!isForced && bytes > (entryCount === runCount ? rival : 2 * rival)) return null;
  }
  const indexPages = facts.map((page) => {
    const width = widthOf(shape.codec === 'none' ? page.entryCount : entryCount, shape.codec);
    const packed = (page.present * width) / 8;
    return { width, inRuns: !isForced && 2 * runBytes(page.runCount, width) <= packed };
  });
  const entryBytes = entryCount * valueBytesOf(shape);
  // As an estimate, but exactly where packed indices might take more than plain values.
  const packedBytes = sum(
    facts.map(({ present }, i) => 6 + Math.ceil(present / 8) * (indexPages[i]!.width + 0.25)),
  );
  if (entryBytes + packedBytes > plainBytes) {
    indexBytes = 0;
    let from = 0;
    for (const [i, { present }] of facts.entries()) {
      indexBytes += 1 + hybridBytes(indices.slice(from, from + present), indexPages[i]!.width);
      from += present;
    }
  }
  const choice = { encoding: 'dictionary' as const, entries, indexPages };
  return { choice, bytes: entryBytes + indexBytes };
}

function widthOf(entryCount: number, codec: ChunkShape['codec']): number {
  const width = entryCount <= 1 ? 0 : (entryCount - 1).toString(2).length;
  if (codec !== 'zstd' || width <= 2) return width;
  return [4, 8, 16].find((whole) => whole >= width)!;
}

const runBytes = (runCount: number, width: number): number => runCount * (1 + Math.ceil(width / 8));
