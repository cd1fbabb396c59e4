// What footerChunks (assembly/parquet/footer-chunks.ts) is told of each column, and what it notes of
// it. Offsets in bytes; i32 unless said; 8-byte aligned.

/** The column's name as it stands in the path of its chunks. */
export const FOOTER_NAME_PTR = 0;
export const FOOTER_NAME_BYTES = 4;
/** Number of the physical type. */
export const FOOTER_PHYSICAL = 8;
/** FOOTER_EXTREMES_...: how its statistics are read. */
export const FOOTER_EXTREMES = 12;
/** Bits of the encodings and codecs that were met; to begin with 0. */
export const FOOTER_ENCODINGS_SEEN = 16;
export const FOOTER_CODECS_SEEN = 20;
/** Notes that were made, one where a chunk had a new encoding or codec; to begin with 0. */
export const FOOTER_NOTE_COUNT = 24;
/** i64, the kernel's own: values of the chunk in work. */
export const FOOTER_VALUES = 32;
/** Pairs: index of the chunk, and offset of its list of encodings from the kernel's `ptr`. */
export const FOOTER_NOTES = 40;
/** 11 kinds of encodings and 9 of codecs, each new once at most. */
export const FOOTER_NOTES_MAX = 20;
export const FOOTER_COLUMN_BYTES = 200;

export const FOOTER_EXTREMES_NONE = 0;
export const FOOTER_EXTREMES_I64 = 1;
export const FOOTER_EXTREMES_I32 = 2;
export const FOOTER_EXTREMES_U32 = 3;
export const FOOTER_EXTREMES_F32 = 4;
export const FOOTER_EXTREMES_F64 = 5;

/** Bit of the encodings that are not known, and the codec that is not. */
export const FOOTER_ENCODING_UNKNOWN = 31;
export const FOOTER_CODEC_UNKNOWN = 255;
/** Bits of a chunk's statistics. */
export const FOOTER_HAS_MIN = 1;
export const FOOTER_HAS_MAX = 2;
