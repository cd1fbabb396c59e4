import { ENCODING_PLAIN, ENCODING_RLE, PAGE_TYPE_DATA, PAGE_TYPE_DICTIONARY } from './format.js';
import { ThriftWriter } from './thrift.js';

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

/** The header of a page, as assembly/parquet/chunk-output.ts makes it. */
export function pageHeaderBytes(header: PageHeader): Uint8Array {
  const isData = header.kind === 'data';
  const thrift = new ThriftWriter();
  thrift.i32(1, isData ? PAGE_TYPE_DATA : PAGE_TYPE_DICTIONARY);
  thrift.i32(2, header.byteLength);
  thrift.i32(3, header.compressedByteLength);
  thrift.i32(4, header.crc | 0);
  // data_page_header or dictionary_page_header.
  thrift.structBegin(isData ? 5 : 7);
  thrift.i32(1, header.valueCount);
  thrift.i32(2, isData ? header.encoding : ENCODING_PLAIN);
  if (isData) {
    thrift.i32(3, ENCODING_RLE);
    thrift.i32(4, ENCODING_RLE);
  }
  thrift.structEnd();
  return thrift.end();
}
