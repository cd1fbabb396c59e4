// The table of texts that matchTexts compares with (assembly/text-match.ts). Offsets in bytes.

/** u64: a text of at most 8 bytes as one word; the kernel's own. */
export const TEXT_MATCH_WORD = 0;
/** i32: length of the text in bytes, at most TEXT_MATCH_BYTES_MAX. */
export const TEXT_MATCH_LENGTH = 8;
/** The bytes of the text. */
export const TEXT_MATCH_TEXT = 12;
export const TEXT_MATCH_BYTES_MAX = 28;
/** Bytes from one text to the next. */
export const TEXT_MATCH_STRIDE = 40;
/** The most texts in a table. */
export const TEXT_MATCH_COUNT_MAX = 8;
