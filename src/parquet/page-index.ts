import { PAGE_ROWS } from '../abi/limits.js';
import { BOUNDARY_ASCENDING, BOUNDARY_DESCENDING, BOUNDARY_UNORDERED } from './format.js';
import { comparePlain, storedType } from './page-statistics.js';
import { THRIFT_BINARY, THRIFT_I64, THRIFT_STRUCT, THRIFT_TRUE, ThriftWriter } from './thrift.js';
import type { EncodedChunk, EncodedPage, WriteColumn } from './write-types.js';

const NO_BYTES = new Uint8Array(0);

/**
 * ColumnIndex of a chunk: min, max and null count of each page. Null without statistics, for texts,
 * and where a page of nothing but NaN has no min: the format knows no such page.
 */
export function columnIndexBytes(
  column: Pick<WriteColumn, 'type' | 'statistics'>,
  pages: readonly EncodedPage[],
): Uint8Array | null {
  if (!column.statistics || column.type === 'string') return null;
  const isNull = (page: EncodedPage): boolean => page.nullCount === page.rowCount;
  if (pages.some((page) => page.min === null && !isNull(page))) return null;
  const thrift = new ThriftWriter();
  thrift.listBegin(1, THRIFT_TRUE, pages.length);
  for (const page of pages) thrift.elementBool(isNull(page));
  thrift.listBegin(2, THRIFT_BINARY, pages.length);
  for (const page of pages) thrift.elementBinary(page.min ?? NO_BYTES);
  thrift.listBegin(3, THRIFT_BINARY, pages.length);
  for (const page of pages) thrift.elementBinary(page.max ?? NO_BYTES);
  thrift.i32(4, boundaryOrder(column, pages));
  thrift.listBegin(5, THRIFT_I64, pages.length);
  for (const page of pages) thrift.elementInt(page.nullCount);
  return thrift.end().slice();
}

/** OffsetIndex of a chunk whose first byte stands at `offset`: place and first row of each page. */
export function offsetIndexBytes(
  chunk: Pick<EncodedChunk, 'pageByteLengths' | 'dictionaryByteLength'>,
  offset: number,
): Uint8Array {
  const thrift = new ThriftWriter();
  thrift.listBegin(1, THRIFT_STRUCT, chunk.pageByteLengths.length);
  let at = offset + chunk.dictionaryByteLength;
  chunk.pageByteLengths.forEach((byteLength, pageIndex) => {
    thrift.elementStructBegin();
    thrift.i64(1, at);
    thrift.i32(2, byteLength);
    thrift.i64(3, pageIndex * PAGE_ROWS);
    thrift.structEnd();
    at += byteLength;
  });
  return thrift.end();
}

function boundaryOrder(column: Pick<WriteColumn, 'type'>, pages: readonly EncodedPage[]): number {
  const type = storedType(column);
  let ascending = true;
  let descending = true;
  let before: EncodedPage | null = null;
  for (const page of pages) {
    if (page.min === null || page.max === null) continue;
    if (before?.min && before.max) {
      const min = comparePlain(type, before.min, page.min);
      const max = comparePlain(type, before.max, page.max);
      if (min > 0 || max > 0) ascending = false;
      if (min < 0 || max < 0) descending = false;
    }
    before = page;
  }
  if (ascending) return BOUNDARY_ASCENDING;
  return descending ? BOUNDARY_DESCENDING : BOUNDARY_UNORDERED;
}
