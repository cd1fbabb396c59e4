// Layouts and modes of the book kernels (assembly/book/). Read by both compilers.
// See docs/decisions and src/core/book.ts for what each word means.

/** Sides, as the kernels' arguments have them. */
export const SIDE_ASK = 0;
export const SIDE_BID = 1;

/** States of a book: MODEL section 4. */
export const BOOK_UNSEEDED = 0;
export const BOOK_LIVE = 1;
export const BOOK_SUSPECT = 2;

/**
 * When a row of the `book` table is written. MESSAGE: at each message end, NULL levels while
 * unseeded. CHANGE: when the top N or one of MAYBE_BAD_BOOK, CROSSED, LOCKED, DEPTH_UNKNOWN differs
 * from the row written last; never while unseeded. INTERVAL: at each multiple of RUN_INTERVAL_NS of
 * the chosen clock, the last complete message at or before it; the boundary stands in that clock's
 * column, the message's own stamp in the other; none before the seed or after the last message.
 * Cadence and depth stay the same over a book's life.
 */
export const CADENCE_NONE = 0;
export const CADENCE_MESSAGE = 1;
export const CADENCE_CHANGE = 2;
export const CADENCE_INTERVAL = 3;

/** Why bookApply or bookFollow stopped (RUN_STOP). */
export const STOP_END = 0;
export const STOP_OUT_FULL = 1;
export const STOP_BOOK_FULL = 2;
/** bookFollow only: something other than a row comes next, and the host has to look at it. */
export const STOP_HOST = 3;

// The run block: arguments and results of bookApply. Offsets in bytes; i64 unless said (i32 = I).
/** in: addresses (I) of the columns for row 0 of the slot; a sequence address of 0: no such column. */
export const RUN_TS_RECV_PTR = 0;
export const RUN_TS_EVENT_PTR = 4;
export const RUN_SEQUENCE_PTR = 8;
export const RUN_IS_BID_PTR = 12;
export const RUN_PRICE_PTR = 16;
export const RUN_QTY_PTR = 20;
/** in, out (I): flags; the kernel ORs the marks of each message into all of its rows from messageStart on. */
export const RUN_FLAGS_PTR = 24;
/** in, out (I): next row to apply. */
export const RUN_ROW = 28;
/** in (I): end of the rows, exclusive. */
export const RUN_ROW_END = 32;
/** in, out (I): first row, in this slot, of the message that RUN_ROW is in (0 in a new slot). */
export const RUN_MESSAGE_START = 36;
/** out (I): STOP_... */
export const RUN_STOP = 40;
/** in (I): levels a side of the book table (0 with CADENCE_NONE). */
export const RUN_DEPTH = 44;
/** in (I): CADENCE_... */
export const RUN_CADENCE = 48;
/** in (I): 1: a crossed message end makes a live book suspect. */
export const RUN_SUSPECT_ON_CROSS = 52;
/** in: addresses (I) of the output columns for row 0 of the output slot; sequence may be 0. */
export const RUN_OUT_TS_RECV_PTR = 56;
export const RUN_OUT_TS_EVENT_PTR = 60;
export const RUN_OUT_SEQUENCE_PTR = 64;
export const RUN_OUT_FLAGS_PTR = 68;
/** in (I): address of bid_0_price_pips; level columns follow at RUN_OUT_LEVEL_STRIDE bytes, in the table's order. */
export const RUN_OUT_LEVELS_PTR = 72;
/** in (I): bytes from one level column (price or qty) to the next. */
export const RUN_OUT_LEVEL_STRIDE = 76;
/** in (I): address of the validity bitmap of bid_0_price_pips; the next columns' follow at RUN_OUT_VALIDITY_STRIDE. */
export const RUN_OUT_VALIDITY_PTR = 80;
/** in (I) */
export const RUN_OUT_VALIDITY_STRIDE = 84;
/** in, out (I): rows written to the output slot so far. */
export const RUN_OUT_COUNT = 88;
/** in (I): rows that the output slot holds. */
export const RUN_OUT_CAPACITY = 92;
/** in (I): address of the age_ns column (CADENCE_INTERVAL), else 0. */
export const RUN_OUT_AGE_PTR = 96;
/** in (I): 1: boundaries of CADENCE_INTERVAL follow ts_event, 0: ts_recv. */
export const RUN_CLOCK_IS_EVENT = 100;
/**
 * in, out (I): flags (GAP_BEFORE) for row RUN_ROW, which begins a message, and for the book row of
 * that message, in whichever call it ends. The kernel takes them over and sets this to 0.
 */
export const RUN_FIRST_ROW_MARKS = 104;
/**
 * out (I): marks that all rows of the first message which ended in this call got, for its rows in
 * earlier slots; -1: none ended.
 */
export const RUN_FIRST_MARKS = 108;
/** in: interval in ns (CADENCE_INTERVAL). */
export const RUN_INTERVAL_NS = 112;
export const RUN_BYTES = 128;

// The head of a book's block. i64 unless said.
export const BOOK_MAGIC = 0;
/** I: BOOK_UNSEEDED, BOOK_LIVE or BOOK_SUSPECT. The host sets it; the kernel only turns LIVE into SUSPECT. */
export const BOOK_STATE = 8;
/** I: 1 while the last message end was crossed; 2 while it was locked. */
export const BOOK_CROSS_STATE = 12;
/** Bids are known at and above this price; I64_MIN: all. */
export const BOOK_KNOWN_BID = 16;
/** Asks are known at and below this price; I64_MAX: all. */
export const BOOK_KNOWN_ASK = 24;
/** ts_recv at which the present crossing (or lock) began. */
export const BOOK_CROSS_SINCE = 32;
/** Counters, all since bookInit. */
export const BOOK_MESSAGES = 40;
export const BOOK_CROSSED_MESSAGES = 48;
export const BOOK_CROSSED_NS = 56;
export const BOOK_LOCKED_MESSAGES = 64;
export const BOOK_LOCKED_NS = 72;
export const BOOK_DELETES = 80;
export const BOOK_DELETES_UNKNOWN = 88;
/** Rows of messages at whose end the book was live. */
export const BOOK_ROWS_TRUSTED = 96;
/** Book rows that carried DEPTH_UNKNOWN. */
export const BOOK_DEPTH_UNKNOWN = 104;
/** Greatest common divisor of the prices of all rows applied, in pips (u64); 0 before the first. */
export const BOOK_TICK_PIPS = 112;
/** ts_recv, ts_event, sequence of the last complete message. */
export const BOOK_LAST_TS_RECV = 120;
export const BOOK_LAST_TS_EVENT = 128;
export const BOOK_LAST_SEQUENCE = 136;
/** Next boundary of CADENCE_INTERVAL; I64_MIN: none yet. */
export const BOOK_NEXT_BOUNDARY = 144;
/** I: flags of the last complete message's book row, for rows filled forward. */
export const BOOK_LAST_MARKS = 152;
/** I: levels a side. */
export const BOOK_BID_COUNT = 156;
export const BOOK_ASK_COUNT = 160;
/** I: bytes of the block. */
export const BOOK_BYTES = 164;
/** ts_recv of the first message end that crossed since the host last cleared this to 0. */
export const BOOK_FIRST_CROSS_TS = 168;
/** Sequence of that message. */
export const BOOK_FIRST_CROSS_SEQUENCE = 176;
/** Rows applied (set, removed or cleared something, or tried to). */
export const BOOK_ROWS_APPLIED = 184;
/** Rows applied whose price lay off the dense window. A high share asks for a larger block. */
export const BOOK_ROWS_OFF_WINDOW = 192;
/** I: ticks of the dense window, a side; it follows from the block's size. */
export const BOOK_WINDOW_TICKS = 200;
/** I: row, in the slot of that call, at which the message of BOOK_FIRST_CROSS_TS begins. */
export const BOOK_FIRST_CROSS_ROW = 204;
/** Host-visible head; the kernel's own fields follow (assembly/book/layout.ts). */
export const BOOK_HEAD_BYTES = 256;

/** Most levels a side that a row of the book table can have (RUN_DEPTH). */
export const BOOK_DEPTH_MAX = 256;
