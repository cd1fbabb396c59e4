// Rows of text files: what the kernels of assembly/text/ find in a block of lines, and where they
// put it. Offsets in bytes. The blocks are 8-byte aligned, and the host clears them.

// ── ROWS_: the state of one file's lines.
/** u32: address of the next line; the kernel moves it on. */
export const ROWS_AT = 0;
/** u32: behind the last byte of the text. The byte there is overwritten with a newline. */
export const ROWS_END = 4;
/** i32: fields of a row. */
export const ROWS_FIELD_COUNT = 8;
/** u32: the byte between fields. */
export const ROWS_DELIMITER = 12;
/** u32: room for the bounds of a row's fields, 8 bytes each: start and end address. */
export const ROWS_BOUNDS_PTR = 16;
/** u32: COLUMN_ blocks, one behind the other. */
export const ROWS_COLUMNS_PTR = 20;
/** i32: how many of them. */
export const ROWS_COLUMN_COUNT = 24;
/** u32: a bit for each row: set where the line has another number of fields. */
export const ROWS_BROKEN_PTR = 28;
/** i32: such rows of this call. */
export const ROWS_BROKEN_COUNT = 32;
/** u32: the address at which each row's line starts, a u32 each; 0: not wanted. */
export const ROWS_LINES_PTR = 36;
/** i32: lines of other kinds, and empty ones, that were passed over in this call. */
export const ROWS_PASSED_COUNT = 40;
/** u32: captures: CAPTURE_SCRATCH_BYTES that begin with words which rows point at. */
export const ROWS_WORDS_PTR = 44;
/** i32: captures: which rows are wanted, CAPTURE_. */
export const ROWS_STREAM = 48;
export const ROWS_BYTES = 64;

// ── COLUMN_: where one field of each row goes.
/** i32: which field. */
export const COLUMN_FIELD = 0;
/** i32: COLUMN_INT64, COLUMN_TEXT ... */
export const COLUMN_KIND = 4;
/** u32: int64 values; bytes of texts; a SURVEY_ block. */
export const COLUMN_VALUES_PTR = 8;
/** u32: texts: one i32 a row and one more; the first is written by the host. */
export const COLUMN_OFFSETS_PTR = 12;
/** u32: a bit a row, all set by the host; cleared where there is no value. */
export const COLUMN_VALIDITY_PTR = 16;
/** i32: texts: bytes that fit. */
export const COLUMN_TEXT_BYTES_MAX = 20;
/** i32: rows without a value, added up. */
export const COLUMN_NULL_COUNT = 24;
/** i32: those of them that have a text, but not one of a value, added up. */
export const COLUMN_INVALID_COUNT = 28;
/**
 * Integers and times: the address and length (u32 each; length 0: none) of the last field of this
 * text that was read, and its value (i64). The host clears the length for another text.
 */
export const COLUMN_LAST = 32;
export const COLUMN_LAST_LENGTH = 36;
export const COLUMN_LAST_VALUE = 40;
export const COLUMN_BYTES = 48;

/** An integer. */
export const COLUMN_INT64 = 0;
/** The text as it is, without quotes. */
export const COLUMN_TEXT = 1;
/** Seconds with decimals, or ISO 8601, as nanoseconds since the epoch. */
export const COLUMN_STAMP = 2;
/** Nothing is written but what the SURVEY_ block counts. */
export const COLUMN_SURVEY = 3;

// ── SURVEY_: what the fields of a column are. The host sets MIN to the largest int64, MAX to the
// smallest, and clears the rest.
/** i32: fields without any text. */
export const SURVEY_EMPTY = 0;
/** i32: integers that fit int64. */
export const SURVEY_INTEGERS = 4;
/** i32: other decimal numbers. */
export const SURVEY_NUMBERS = 8;
/** i32: texts that are no number. */
export const SURVEY_TEXTS = 12;
/** i32: of the numbers and texts, those that COLUMN_STAMP reads. */
export const SURVEY_STAMPS = 16;
/** i32: longest field. */
export const SURVEY_LENGTH_MAX = 20;
/** i64: smallest and largest integer. */
export const SURVEY_MIN = 24;
export const SURVEY_MAX = 32;
/** DECIMALS_ block (src/abi/scale.ts): of numbers that the table below cannot hold. */
export const SURVEY_DECIMALS = 40;
/** u64 for each number of decimals, 0 to 18: the largest coefficient. */
export const SURVEY_COEFFICIENTS = 56;
/** i32: different texts, at most SURVEY_DISTINCT_MAX; one more: there are others. */
export const SURVEY_DISTINCT_COUNT = 208;
/** Their addresses and lengths, two u32 each, valid as long as the block of text. */
export const SURVEY_DISTINCT = 216;
export const SURVEY_DISTINCT_MAX = 32;
/** The last field that was not as the one before: its address (u32) and length (i32; 0: none). */
export const SURVEY_LAST = 472;
export const SURVEY_LAST_LENGTH = 476;
/** i32: the offset of the counter that counted it, and what it added to SURVEY_STAMPS. */
export const SURVEY_LAST_COUNTER = 480;
export const SURVEY_LAST_STAMPS = 484;
export const SURVEY_BYTES = 488;

// ── CAPTURE_: lines of `<time> <json>`, as Binance's streams and REST snapshots are recorded.
// Which of them become rows (ROWS_STREAM), and the fields of those.
/** A row for each level of an update or a snapshot; one of price 0 where there is none. */
export const CAPTURE_DEPTH = 0;
export const CAPTURE_TRADE = 1;
/** Best bid and ask. */
export const CAPTURE_TICKER = 2;
export const CAPTURE_AGG_TRADE = 3;

/** Fields of all rows: the line's time, `E`, `T`, `s` (or `symbol`). */
export const CAPTURE_LOCAL_TS = 0;
export const CAPTURE_EVENT_TS = 1;
export const CAPTURE_TRANSACT_TS = 2;
export const CAPTURE_SYMBOL = 3;
/** Depth: `U`, `u`, `pu`; a snapshot has its one id in all three. */
export const CAPTURE_FIRST_ID = 4;
export const CAPTURE_LAST_ID = 5;
export const CAPTURE_PREV_ID = 6;
export const CAPTURE_IS_SNAPSHOT = 7;
export const CAPTURE_SIDE = 8;
export const CAPTURE_PRICE = 9;
export const CAPTURE_QTY = 10;
/** 0 in the last row of a line, which is a whole message; empty in the others. */
export const CAPTURE_LINE_ENDS = 11;
/** Trades: `t` (or `a`), `p`, `q`, `m`, `X`. */
export const CAPTURE_TRADE_ID = 4;
export const CAPTURE_TRADE_PRICE = 5;
export const CAPTURE_TRADE_QTY = 6;
export const CAPTURE_IS_MAKER = 7;
export const CAPTURE_ORDER_TYPE = 8;
/** Ticker: `u`, `b`, `B`, `a`, `A`. */
export const CAPTURE_TICKER_ID = 4;
export const CAPTURE_BID_PRICE = 5;
export const CAPTURE_BID_QTY = 6;
export const CAPTURE_ASK_PRICE = 7;
export const CAPTURE_ASK_QTY = 8;
export const CAPTURE_FIELDS = 12;

/** Texts of capture fields have at most so many bytes, and so much room in their columns. */
export const CAPTURE_TEXT_BYTES_MAX = 32;
/** The words that ROWS_WORDS_PTR points at, `truefalsebidask0`; then a table of the kernel's own. */
export const CAPTURE_WORDS_BYTES = 16;
export const CAPTURE_SCRATCH_BYTES = 1040;
