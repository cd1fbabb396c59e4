// Where the pages of a column chunk lie, so that damage can be aimed.
import { PAGE_COMPRESSED_BYTES, PAGE_HEADER_BYTES } from '#src/abi/page-header.js';
import type { Core } from '#src/core/core.js';
import type { ChunkSpan } from '#src/parquet/footer-chunks.js';

export interface PageSpan {
  /** Offsets in the file: the header's, the body's, and the end of the page. */
  readonly headerOffset: number;
  readonly bodyOffset: number;
  readonly endOffset: number;
}

/** The pages of an undamaged chunk. `ptr`: scratch for the chunk's bytes and a header block. */
export function pagesOf(
  core: Core,
  ptr: number,
  file: Uint8Array,
  { offset, byteLength }: ChunkSpan,
): PageSpan[] {
  const { kernels, views } = core;
  const from = ptr + PAGE_HEADER_BYTES;
  views.u8.set(file.subarray(offset, offset + byteLength), from);
  const pages: PageSpan[] = [];
  for (let at = 0; at < byteLength; ) {
    const headerBytes = kernels.pageHeader(from + at, byteLength - at, ptr);
    if (headerBytes <= 0) break;
    const bodyBytes = views.i32[(ptr + PAGE_COMPRESSED_BYTES) / 4]!;
    const headerOffset = offset + at;
    const bodyOffset = headerOffset + headerBytes;
    pages.push({ headerOffset, bodyOffset, endOffset: bodyOffset + bodyBytes });
    at += headerBytes + bodyBytes;
  }
  return pages;
}
