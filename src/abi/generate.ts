// Layouts of the tape generator's kernels (assembly/generate/). Read by both compilers.
// Offsets in bytes from the start of a block; fields are i64 unless said (i32 = I).

/** Prices of a generated book lie on a grid of so many ticks; tick 0 is never used. */
export const GEN_TICKS = 524288;
/** Levels a side of the book that a tape starts with. */
export const GEN_SEED_LEVELS = 1000;
/** The most rows of a message. */
export const GEN_MESSAGE_ROWS_MAX = 1024;
/** The most trades that one message can come with. */
export const GEN_MESSAGE_TRADES_MAX = 16;
/** Levels a side of a row of Lake's `book` table. */
export const GEN_BOOK_LEVELS = 20;
/** Quantities that many orders share (round lots), drawn once for each tape. */
export const GEN_POPULAR_COUNT = 32;

/** Why generateRun stopped. */
export const GEN_STOP_DEPTH_FULL = 1;
export const GEN_STOP_TRADES_FULL = 2;
export const GEN_STOP_BOOK_FULL = 3;
/** GEN_PAUSE_ROWS reached 0 or less: the host wants to handle the next messages one by one. */
export const GEN_STOP_PAUSE = 4;
/** GEN_LIMIT_ROWS reached 0: the day is over. */
export const GEN_STOP_LIMIT = 5;

// The state of one instrument's tape.
/** SplitMix64's counter. */
export const GEN_RANDOM = 0;
/** in: pips a tick, pips a lot. */
export const GEN_TICK_PIPS = 8;
export const GEN_LOT_PIPS = 16;
/** First id of the next message. */
export const GEN_NEXT_ID = 24;
export const GEN_NEXT_TRADE_ID = 32;
/** True time of the last message, before it is cut to the exchange's milliseconds. */
export const GEN_CLOCK_NS = 40;
/** Receipt of the last message, and of the last trade. */
export const GEN_LAST_RECV_NS = 48;
export const GEN_LAST_TRADE_RECV_NS = 56;
/** in: 1/2048 of the mean interval between messages in quiet times, in ns. */
export const GEN_INTERVAL_UNIT_NS = 64;
/** in, out: rows until the day ends; the last message is cut to fit exactly. */
export const GEN_LIMIT_ROWS = 72;
/** in, out: generateRun stops before the first message at which this is 0 or less. */
export const GEN_PAUSE_ROWS = 80;
/** ts_recv from which the next row of the `book` table is due; I64_MAX: that table is not wanted. */
export const GEN_NEXT_BOOK_NS = 88;
/** Messages and trades so far. */
export const GEN_MESSAGES = 96;
/** I: best prices, as ticks. */
export const GEN_BID = 104;
export const GEN_ASK = 108;
/** I: messages left of the present burst (0: quiet), and its direction (-1, 1). */
export const GEN_BURST_LEFT = 112;
export const GEN_BURST_SIGN = 116;
/** I, in: addresses of the levels' quantities in lots, u32[GEN_TICKS] each. */
export const GEN_BIDS_PTR = 120;
export const GEN_ASKS_PTR = 124;
/** I: cursor of generateSnapshot: the side, the tick to look at next, levels left; -1: not begun. */
export const GEN_SNAPSHOT_SIDE = 128;
export const GEN_SNAPSHOT_TICK = 132;
export const GEN_SNAPSHOT_LEFT = 136;
// in (I): the depth columns, for row 0 of the slot; an address of 0: no such column.
export const GEN_DEPTH_TS_RECV_PTR = 144;
export const GEN_DEPTH_TS_EVENT_PTR = 148;
export const GEN_DEPTH_SEQUENCE_PTR = 152;
export const GEN_DEPTH_SEQUENCE_FIRST_PTR = 156;
export const GEN_DEPTH_IS_BID_PTR = 160;
export const GEN_DEPTH_PRICE_PTR = 164;
export const GEN_DEPTH_QTY_PTR = 168;
export const GEN_DEPTH_FLAGS_PTR = 172;
/** in, out (I): rows in the slot so far. */
export const GEN_DEPTH_ROW = 176;
/** in (I): rows that the slot is to hold. */
export const GEN_DEPTH_ROW_END = 180;
/** in (I): 1: prices and quantities of all tables are doubles, 0: pips as int64. */
export const GEN_AS_DOUBLES = 184;
/** I: rows of the present message that are emitted already. */
export const GEN_EMITTED = 188;
// in (I): the trades columns.
export const GEN_TRADES_TS_RECV_PTR = 192;
export const GEN_TRADES_TS_EVENT_PTR = 196;
export const GEN_TRADES_ID_PTR = 200;
export const GEN_TRADES_IS_BUY_PTR = 204;
export const GEN_TRADES_PRICE_PTR = 208;
export const GEN_TRADES_QTY_PTR = 212;
export const GEN_TRADES_FLAGS_PTR = 216;
export const GEN_TRADES_ROW = 220;
export const GEN_TRADES_ROW_END = 224;
// in (I): the columns of Lake's `book` table; levels lie GEN_BOOK_LEVEL_STRIDE bytes apart: bid 0's
// price, bid 0's size, bid 1's price ... then the asks.
export const GEN_BOOK_TS_RECV_PTR = 228;
export const GEN_BOOK_TS_EVENT_PTR = 232;
export const GEN_BOOK_SEQUENCE_PTR = 236;
export const GEN_BOOK_LEVELS_PTR = 240;
export const GEN_BOOK_LEVEL_STRIDE = 244;
export const GEN_BOOK_ROW = 248;
export const GEN_BOOK_ROW_END = 252;
/** I, in: address of the taker's side as int32 (0 buy, 1 sell), for a text column; 0: none. */
export const GEN_TRADES_SIDE_PTR = 256;
/** u32[GEN_POPULAR_COUNT]: the shared quantities, in lots. */
export const GEN_POPULAR = 264;
export const GEN_STATE_BYTES = 448;

// A message as the kernels pass it on: a head, then a u64 for each row: quantity in lots in the
// high word, the side in bit 31, the tick below.
export const GEN_MESSAGE_TS_RECV = 0;
export const GEN_MESSAGE_TS_EVENT = 8;
export const GEN_MESSAGE_FIRST = 16;
export const GEN_MESSAGE_LAST = 24;
/** I */
export const GEN_MESSAGE_ROWS = 32;
export const GEN_MESSAGE_HEAD_BYTES = 64;
export const GEN_MESSAGE_BYTES = 8256;
