// What pageHeader (assembly/parquet/page-header.ts) finds in a page's header. Offsets in bytes; all
// fields are i32. A field that the header does not have is 0 unless said.

/** PAGE_TYPE_... */
export const PAGE_TYPE = 0;
/** Bytes of the page behind its header, before and after compression. */
export const PAGE_BYTES = 4;
export const PAGE_COMPRESSED_BYTES = 8;
/** 1: PAGE_CRC is there. */
export const PAGE_HAS_CRC = 12;
export const PAGE_CRC = 16;
/** Values of a data page, nulls included; entries of a dictionary. */
export const PAGE_VALUES = 20;
/** ENCODING_... of the values. */
export const PAGE_ENCODING = 24;
/** Version 1: ENCODING_... of the definition levels. */
export const PAGE_LEVEL_ENCODING = 28;
/** Version 2: bytes of the repetition and definition levels in front of the values; nulls. */
export const PAGE_REPETITION_BYTES = 32;
export const PAGE_DEFINITION_BYTES = 36;
export const PAGE_NULLS = 40;
/** Version 2: 1 unless the header says that the values are not compressed. */
export const PAGE_IS_COMPRESSED = 44;
/** Version 2: rows. */
export const PAGE_ROWS = 48;
export const PAGE_HEADER_BYTES = 52;

export const PAGE_TYPE_DATA = 0;
export const PAGE_TYPE_INDEX = 1;
export const PAGE_TYPE_DICTIONARY = 2;
export const PAGE_TYPE_DATA_V2 = 3;

/** No header that we write is longer: seven small integers and their field ids. */
export const PAGE_HEADER_BYTES_MAX = 64;
