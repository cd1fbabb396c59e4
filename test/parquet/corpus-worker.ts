// Reads files that may be damaged in any way, on a thread of its own: whatever happens here, the
// test that started it goes on. Built by `npm run build:fuzz`, since threads load no TypeScript.
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PipelineError } from '#src/errors/errors.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import { type ChunkSpan, spanOf } from '#src/parquet/footer-chunks.js';
import { readPathOf } from '#src/parquet/read-path.js';
import type { ParquetFooter, RowGroupReader } from '#src/parquet/reader.js';
import { type ColumnCopy, readCopies } from '../support/column-copy.js';
import { PageReading } from '../support/page-reading.js';

export interface Damage {
  readonly pick: number;
  readonly changes: readonly { nearStart: boolean; place: number; value: number }[];
}

export interface CorpusJob {
  readonly files: readonly string[];
  readonly damages: readonly Damage[];
}

export interface ColumnReport {
  readonly name: string;
  /** Why the footer, or a page at run time, sent the column to parquet-wasm; null: kernels read it. */
  readonly fallback: string | null;
  /** Rows, or the code of the error; what is no PipelineError is told in full. */
  readonly ours: number | string;
  readonly theirs: number | string;
  readonly isEqual: boolean;
}

export interface FileReport {
  readonly path: string;
  readonly begin?: true;
  readonly footerError?: string;
  readonly rowCount?: number;
  readonly columns?: readonly ColumnReport[];
  readonly damagedReads?: readonly { expected: number; found: number | string }[];
  readonly isClean?: boolean;
}

const { files, damages } = workerData as CorpusJob;
const reading = await PageReading.create();

async function outcomeOf(
  reader: RowGroupReader,
  column: string,
  rowGroups?: readonly number[],
): Promise<ColumnCopy | string> {
  try {
    const request = { names: [column], ...(rowGroups === undefined ? {} : { rowGroups }) };
    return (await readCopies(reader, request))[0]!;
  } catch (error) {
    return codeOf(error);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof PipelineError ? error.code : `escaped: ${(error as Error)?.stack ?? error}`;

const rowsOf = (outcome: ColumnCopy | string): number | string =>
  typeof outcome === 'string' ? outcome : outcome.rowCount;

async function columnReport(
  path: string,
  bytes: Uint8Array,
  footer: ParquetFooter,
  columnIndex: number,
): Promise<ColumnReport> {
  const { name } = footer.columns[columnIndex]!;
  const wanted = { rowGroupIndexes: footer.rowGroupRows.keys(), columnIndexes: [columnIndex] };
  const readPath = readPathOf(footer, wanted);
  const before = reading.fallbacks;
  const ours = await outcomeOf(await reading.open(path, bytes, footer), name);
  const atRunTime = reading.fallbacks > before ? 'what its pages turned out to be' : null;
  const theirs = await outcomeOf(await reading.openGeneral(path, bytes, footer), name);
  const isEqual = typeof ours !== 'string' && typeof theirs !== 'string' && ours.equals(theirs);
  const fallback = readPath.reader === 'parquet-wasm' ? readPath.reason : atRunTime;
  return { name, fallback, ours: rowsOf(ours), theirs: rowsOf(theirs), isEqual };
}

/** Changes a few bytes of one chunk, half of them near its start, where the page header is. */
function damaged(
  bytes: Uint8Array,
  { offset, byteLength }: ChunkSpan,
  changes: Damage['changes'],
): Uint8Array {
  const copy = bytes.slice();
  for (const { nearStart, place, value } of changes) {
    const range = nearStart ? Math.min(64, byteLength) : byteLength;
    copy[offset + Math.floor(place * range)] = value;
  }
  return copy;
}

/** With parquet-wasm: the page kernels have the fuzzer. */
async function damagedOutcomes(path: string, bytes: Uint8Array, footer: ParquetFooter) {
  const outcomes: { expected: number; found: number | string }[] = [];
  const flat = footer.columns.flatMap(({ type }, index) => (type === 'other' ? [] : [index]));
  if (flat.length === 0 || footer.rowCount === 0) return outcomes;
  for (const { pick, changes } of damages) {
    const rowGroup = Math.floor(pick * footer.rowGroupRows.length);
    const columnIndex = flat[Math.floor(pick * 7919) % flat.length]!;
    const rowCount = footer.rowGroupRows[rowGroup]!;
    if (rowCount === 0) continue;
    const copy = damaged(bytes, spanOf(footer, rowGroup, columnIndex), changes);
    const reader = await reading.openGeneral(path, copy, footer);
    const found = await outcomeOf(reader, footer.columns[columnIndex]!.name, [rowGroup]);
    outcomes.push({ expected: rowCount, found: rowsOf(found) });
  }
  return outcomes;
}

const post = (report: FileReport): void => parentPort!.postMessage(report);

for (const path of files) {
  post({ path, begin: true });
  const bytes = new Uint8Array(readFileSync(path));
  try {
    const footer = await readFooter(memorySource(path, bytes));
    const columns: ColumnReport[] = [];
    for (const [index, { type }] of footer.columns.entries()) {
      if (type !== 'other') columns.push(await columnReport(path, bytes, footer, index));
    }
    const damagedReads = await damagedOutcomes(path, bytes, footer);
    const { isClean } = reading;
    post({ path, rowCount: footer.rowCount, columns, damagedReads, isClean });
  } catch (error) {
    post({ path, footerError: codeOf(error) });
  }
}
parentPort!.close();
