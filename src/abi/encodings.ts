// Numbers of Parquet's encodings (parquet.thrift of apache/parquet-format).

export const ENCODING_PLAIN = 0;
/** Old name of RLE_DICTIONARY in data pages; in dictionary pages the same as PLAIN. */
export const ENCODING_PLAIN_DICTIONARY = 2;
export const ENCODING_RLE = 3;
/** Deprecated, levels only. */
export const ENCODING_BIT_PACKED = 4;
export const ENCODING_DELTA_BINARY_PACKED = 5;
export const ENCODING_DELTA_LENGTH_BYTE_ARRAY = 6;
export const ENCODING_DELTA_BYTE_ARRAY = 7;
export const ENCODING_RLE_DICTIONARY = 8;
export const ENCODING_BYTE_STREAM_SPLIT = 9;
