import { mergeRanges, type ScaleRange } from '../core/scale.js';
import { chunkTable, HAS_MAX, HAS_MIN } from '../parquet/footer-chunks.js';
import type { SourceColumnInfo } from '../parquet/reader.js';
import type { ColumnCounts } from './column-survey.js';
import type { TextColumnFacts, TextFooter, TextLines, TextTruncation } from './text-footer.js';

/** What the first pass has found of one block of lines. */
export interface SurveyedBlock {
  readonly rowCount: number;
  /** Lines among them that are no rows, and have no values. */
  readonly brokenCount: number;
  /** Byte of the (unpacked) text at which it begins. */
  readonly offset: number;
  readonly columns: readonly ColumnCounts[];
}

export interface Surveyed {
  readonly name: string;
  /** Of the file, packed or not. */
  readonly byteLength: number;
  readonly isGzip: boolean;
  readonly lines: TextLines;
  readonly hasHeader: boolean;
  readonly names: readonly string[];
  readonly blocks: readonly SurveyedBlock[];
  /** Bytes of the (unpacked) text that the blocks and what stands before them take. */
  readonly textBytes: number;
  readonly textXxh64: string;
  readonly truncation: TextTruncation | null;
}

const NOTHING: ScaleRange = { decimals: 0, scaleMax: 18 };

/** Words a survey as planning reads them: see TextFooter. */
export function surveyFooter(surveyed: Surveyed): TextFooter {
  const { names, blocks, isGzip, textBytes } = surveyed;
  const facts = names.map((_name, column) => columnFacts(blocks, column));
  const columns = names.map((name, column) => columnInfo(name, facts[column]!));
  const chunks = chunkTable(blocks.length * columns.length);
  for (const [index, block] of blocks.entries()) {
    for (const [column, counts] of block.columns.entries()) {
      const chunk = index * columns.length + column;
      const { kind } = facts[column]!;
      chunks.nullCounts[chunk] = block.rowCount - valueCount(kind, counts);
      if (kind !== 'int64' || counts.integers === 0) continue;
      chunks.minIntegers[chunk] = counts.min;
      chunks.maxIntegers[chunk] = counts.max;
      chunks.statistics[chunk] = HAS_MIN | HAS_MAX;
    }
  }
  const packing = textBytes === 0 ? 1 : surveyed.byteLength / textBytes;
  const offsets = [...blocks.map(({ offset }) => offset), textBytes];
  return {
    name: surveyed.name,
    byteLength: surveyed.byteLength,
    createdBy: null,
    rowCount: blocks.reduce((sum, { rowCount }) => sum + rowCount, 0),
    columns,
    rowGroupRows: Float64Array.from(blocks, ({ rowCount }) => rowCount),
    rowGroupBytes: Float64Array.from(blocks, (_block, index) =>
      Math.round((offsets[index + 1]! - offsets[index]!) * packing),
    ),
    chunks,
    storage: names.map(() => ({ codecs: [isGzip ? 'GZIP' : 'NONE'], encodings: ['TEXT'] })),
    keyValue: new Map(),
    footerXxh64: surveyed.textXxh64,
    text: {
      isGzip,
      lines: surveyed.lines,
      hasHeader: surveyed.hasHeader,
      blockOffsets: Float64Array.from(offsets),
      columns: facts,
      brokenCount: blocks.reduce((sum, { brokenCount }) => sum + brokenCount, 0),
      truncation: surveyed.truncation,
      streams: null,
    },
  };
}

function columnFacts(surveyed: readonly SurveyedBlock[], column: number): TextColumnFacts {
  const blocks = surveyed.map((block) => block.columns[column]!);
  const sum = (of: (counts: ColumnCounts) => number): number =>
    blocks.reduce((total, counts) => total + of(counts), 0);
  const texts = blocks.map(({ distinct, empty, integers, numbers }, block) =>
    empty === surveyed[block]!.brokenCount && integers + numbers === 0 ? distinct : null,
  );
  const kind = kindOf(
    sum(({ integers }) => integers),
    sum(({ numbers }) => numbers),
    sum((counts) => counts.texts),
    sum(({ stamps }) => stamps),
  );
  return {
    kind,
    otherCounts: blocks.map((counts) => valueCount('text', counts) - valueCount(kind, counts)),
    words: blocks.map(({ distinct }) => distinct),
    range: blocks.reduce((range, counts) => mergeRanges(range, counts.range), NOTHING),
    texts,
  };
}

/**
 * Odd fields must not decide for a column: of integers with some words among them the words are
 * refused row by row. One decimal makes it a column of numbers, which are read from their text.
 */
function kindOf(
  integers: number,
  numbers: number,
  texts: number,
  stamps: number,
): TextColumnFacts['kind'] {
  if (stamps > 0 && stamps >= integers + numbers + texts - stamps) return 'stamp';
  return numbers === 0 && integers >= texts ? 'int64' : 'text';
}

/** Fields that have a value once the column's kind is known. */
function valueCount(kind: TextColumnFacts['kind'], counts: ColumnCounts): number {
  if (kind === 'int64') return counts.integers;
  if (kind === 'stamp') return counts.stamps;
  return counts.integers + counts.numbers + counts.texts;
}

const DECLARED = { int64: 'integers', stamp: 'times', text: 'text' } as const;

function columnInfo(name: string, { kind }: TextColumnFacts): SourceColumnInfo {
  return {
    name,
    type: kind === 'text' ? 'utf8' : 'int64',
    nullable: true,
    decimals: 0,
    timeUnitNs: kind === 'stamp' ? 1 : null,
    declared: DECLARED[kind],
    physical: null,
    fixedBytes: 0,
    isUnsigned: false,
  };
}
