import { beforeAll, expect, it } from 'vitest';
import { PipelineError } from '#src/errors/errors.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import { chunkIndexOf, spanOf } from '#src/parquet/footer-chunks.js';
import type { RowGroupReader } from '#src/parquet/reader.js';
import { type FuzzFile, ownFiles } from '../fuzz/fuzz-files.js';
import { pagesOf } from '../fuzz/page-map.js';
import { readCopies } from '../support/column-copy.js';
import { PageReading } from '../support/page-reading.js';

const COLUMN = 'int64_dictionary_optional';

let reading: PageReading;
let file: FuzzFile;
let pages: Buffer[];
beforeAll(async () => {
  reading = await PageReading.create();
  file = (await ownFiles()).find(({ name }) => name === 'own-none-few')!;
  const footer = await readFooter(memorySource('x', file.bytes));
  const column = footer.columns.findIndex(({ name }) => name === COLUMN);
  const spans = pagesOf(reading.core, reading.scratchPtr, file.bytes, spanOf(footer, 0, column));
  pages = spans.map(({ headerOffset, endOffset }) =>
    Buffer.from(file.bytes.subarray(headerOffset, endOffset)),
  );
  expect(pages).toHaveLength(2);
});

/** What each reader makes of a chunk of other pages: rows, or the code and message of its error. */
async function outcomes(parts: readonly Buffer[]) {
  const footer = await readFooter(memorySource('x', file.bytes));
  const index = chunkIndexOf(
    footer,
    0,
    footer.columns.findIndex(({ name }) => name === COLUMN),
  );
  const chunk = Buffer.concat(parts);
  footer.chunks.offsets[index] = file.bytes.byteLength;
  footer.chunks.byteLengths[index] = chunk.byteLength;
  const bytes = new Uint8Array(Buffer.concat([file.bytes, chunk]));
  const ours = await outcome(reading.open('x', bytes, footer));
  const theirs = await outcome(reading.openGeneral('x', bytes, footer));
  expect(reading.isClean).toBe(true);
  return { ours, theirs };
}

async function outcome(opened: Promise<RowGroupReader>) {
  try {
    const [copy] = await readCopies(await opened, { names: [COLUMN], rowGroups: [0] });
    return { rows: copy!.rowCount, code: null, message: '' };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { rows: null, code: error.code, message: error.message };
  }
}

it('the pages as they were are read', async () => {
  const { ours, theirs } = await outcomes(pages);
  expect([ours.rows, theirs.rows]).toEqual([400, 400]);
});

it.each([
  ['zeros behind the last page', () => [...pages, Buffer.alloc(60)], 'ERR_PARQUET_CORRUPT'],
  ['a byte behind the last page', () => [...pages, Buffer.alloc(1)], 'ERR_PARQUET_CORRUPT'],
  ['noise behind the last page', () => [...pages, Buffer.of(1, 2, 3)], 'ERR_PARQUET_CORRUPT'],
  ['a dictionary twice', () => [pages[0]!, ...pages], 'ERR_PARQUET_CORRUPT'],
  ['a dictionary behind the data', () => [...pages, pages[0]!], 'ERR_PARQUET_CORRUPT'],
  ['data in front of the dictionary', () => [pages[1]!, pages[0]!], 'ERR_PARQUET_CORRUPT'],
  ['a page twice', () => [...pages, pages[1]!], 'ERR_PARQUET_ROW_COUNT'],
  ['no data', () => [pages[0]!], 'ERR_PARQUET_ROW_COUNT'],
  ['no dictionary', () => [pages[1]!], 'ERR_PARQUET_CORRUPT'],
  ['half a page', () => [pages[0]!, pages[1]!.subarray(0, 100)], 'ERR_PARQUET_CORRUPT'],
])('are refused, as by parquet-wasm: %s', async (_name, parts, code) => {
  const { ours, theirs } = await outcomes(parts());
  expect(ours.code).toBe(code);
  expect(theirs.code).not.toBeNull();
  expect(ours.message).toMatch(/^x, row group 0, column int64_dictionary_optional[,:]/);
});
