import { ENCODING_PLAIN, ENCODING_RLE, PAGE_TYPE_DATA, PAGE_TYPE_DICTIONARY } from './format.js';
import { THRIFT_I32, THRIFT_STRUCT } from './thrift.js';

/** No page header is longer: seven small integers and their field ids. */
export const PAGE_HEADER_BYTES_MAX = 64;

export interface PageHeader {
  readonly kind: 'data' | 'dictionary';
  readonly byteLength: number;
  readonly compressedByteLength: number;
  /** CRC-32 (that of zlib) of the page's bytes as they stand in the file. */
  readonly crc: number;
  /** Rows of a data page, nulls included; entries of a dictionary page. */
  readonly valueCount: number;
  readonly encoding: number;
}

/**
 * Data pages are of version 1: every reader that knows DELTA_BINARY_PACKED takes it there too
 * (tried: DuckDB, pyarrow, parquet-wasm, hyparquet), a codec then covers the levels as well, and
 * the version 2 header's counts stand in the page index already.
 *
 * @returns bytes written to `bytes` from `start` on; the same as a ThriftWriter's, without one:
 *   there is a header for every 16,384 values
 */
export function pageHeaderInto(header: PageHeader, bytes: Uint8Array, start: number): number {
  const isData = header.kind === 'data';
  let at = start;
  const field = (step: number, value: number): void => {
    bytes[at++] = (step << 4) | THRIFT_I32;
    let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; zigzag >= 128; zigzag >>>= 7) bytes[at++] = (zigzag & 127) | 128;
    bytes[at++] = zigzag;
  };
  field(1, isData ? PAGE_TYPE_DATA : PAGE_TYPE_DICTIONARY);
  field(1, header.byteLength);
  field(1, header.compressedByteLength);
  field(1, header.crc | 0);
  // From field 4 to field 5 (data_page_header) or 7 (dictionary_page_header).
  bytes[at++] = ((isData ? 1 : 3) << 4) | THRIFT_STRUCT;
  field(1, header.valueCount);
  field(1, isData ? header.encoding : ENCODING_PLAIN);
  if (isData) {
    field(1, ENCODING_RLE);
    field(1, ENCODING_RLE);
  }
  // The ends of both structs.
  bytes[at++] = 0;
  bytes[at++] = 0;
  return at - start;
}

/** A header by itself. */
export function pageHeaderBytes(header: PageHeader): Uint8Array {
  const bytes = new Uint8Array(PAGE_HEADER_BYTES_MAX);
  return bytes.subarray(0, pageHeaderInto(header, bytes, 0));
}
