// Finds the messages of Binance's streams in lines of `<time> <json>` and puts them into columns.
//
//   1723161255088156767 {"stream":"ethusdt@depth@0ms","data":{"e":"depthUpdate","E":...,"b":[["200.00","10.229"]...
//   1723161255378345766 {"lastUpdateId":5123107856276,"E":...,"bids":[["2681.62","16.969"],...],"asks":[...]}
//   1626992741.081672: {"stream":"sushiusdt@depth@100ms","data":{"e":"depthUpdate","E":...
//   https://fapi.binance.com/fapi/v1/depth?symbol=SUSHIUSDT -> 1626992741.301402: {"lastUpdateId":...
//   2019-11-19T00:00:04.7234590Z {"stream":"btcusdt@depthSnapshot","generated":true,"data":{"lastUpdateId":...
//
// captureRows(statePtr, rowsMax): rows that were put, 0 to rowsMax
//   statePtr   ROWS_ block, as for csvRows, with ROWS_STREAM, ROWS_WORDS_PTR (CAPTURE_WORDS_BYTES) and
//              CAPTURE_FIELDS bounds; texts have CAPTURE_TEXT_BYTES_MAX bytes for each of rowsMax rows
// -STATUS_BAD_ARGUMENT. It stops in front of a line whose rows have no room, and of one that does not
// end within the text. Lines of other streams are passed over, and so are those of partial books
// (`@depth20`): they are no snapshots. The symbol in front of `@depthSnapshot` is written in capitals
// where it stands in the text. A damaged line is put as a row without values, once: among
// the rows that its stream's name promises, else among those of CAPTURE_DEPTH.
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";
import {
  CAPTURE_AGG_TRADE,
  CAPTURE_ASK_PRICE,
  CAPTURE_ASK_QTY,
  CAPTURE_BID_PRICE,
  CAPTURE_BID_QTY,
  CAPTURE_DEPTH,
  CAPTURE_EVENT_TS,
  CAPTURE_FIELDS,
  CAPTURE_FIRST_ID,
  CAPTURE_IS_MAKER,
  CAPTURE_IS_SNAPSHOT,
  CAPTURE_LAST_ID,
  CAPTURE_LINE_ENDS,
  CAPTURE_LOCAL_TS,
  CAPTURE_ORDER_TYPE,
  CAPTURE_PREV_ID,
  CAPTURE_PRICE,
  CAPTURE_QTY,
  CAPTURE_SIDE,
  CAPTURE_SYMBOL,
  CAPTURE_TEXT_BYTES_MAX,
  CAPTURE_TICKER,
  CAPTURE_TICKER_ID,
  CAPTURE_TRADE,
  CAPTURE_TRADE_ID,
  CAPTURE_TRADE_PRICE,
  CAPTURE_TRADE_QTY,
  CAPTURE_TRANSACT_TS,
  ROWS_AT,
  ROWS_BOUNDS_PTR,
  ROWS_BROKEN_COUNT,
  ROWS_BROKEN_PTR,
  ROWS_END,
  ROWS_LINES_PTR,
  ROWS_PASSED_COUNT,
  ROWS_STREAM,
  ROWS_WORDS_PTR,
} from "../../src/abi/text-rows";
import { setBit } from "../lib/decimal";
import { putEmptyRow, putRow } from "./columns";
import {
  isNamed,
  KEY_LOCAL_TS,
  KEY_PREV_ID,
  KEY_SNAPSHOT_ID,
  KIND_AGG_TRADE,
  KIND_BROKEN,
  KIND_DEPTH,
  KIND_SNAPSHOT,
  KIND_TICKER,
  KIND_TRADE,
  levelEnd,
  levelPriceEnd,
  levelPriceStart,
  levelQtyEnd,
  levelQtyStart,
  readLevel,
  readMessage,
  valueEnd,
  valueOf,
} from "./capture-message";

const LF = 10;

/** The state of the call; per instance. */
let state: usize = 0;
let bounds: usize = 0;
/** A field of the message is longer than any value, and than its column has room for. */
let isTooLong: bool = false;

// @ts-ignore: decorator
@inline
function bind(field: i32, start: usize, end: usize): void {
  store<u32>(bounds + (<usize>field << 3), <u32>start);
  store<u32>(bounds + (<usize>field << 3), <u32>end, 4);
}

/** Binds a field to the value of a key; empty: the message has no such key. */
// @ts-ignore: decorator
@inline
function bindKey(field: i32, key: i32): void {
  const start = valueOf(key);
  const end = valueEnd(key);
  bind(field, start, end);
  isTooLong = isTooLong || end - start > <usize>CAPTURE_TEXT_BYTES_MAX;
}

// @ts-ignore: decorator
@inline
function bindWord(field: i32, offset: usize, length: usize): void {
  const words: usize = load<u32>(state, ROWS_WORDS_PTR);
  bind(field, words + offset, words + offset + length);
}

/** Address of the next newline; `end`: there is none before. */
function lineEnd(at: usize, end: usize): usize {
  const newlines = i8x16.splat(<i8>LF);
  for (; at + 16 <= end; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), newlines));
    if (found != 0) return at + <usize>ctz<u32>(found);
  }
  while (at < end && load<u8>(at) != LF) at++;
  return at;
}

/** Puts the levels of one side as rows; they were counted before. Returns the next row. */
function putSide(start: usize, row: i32, lastRow: i32): i32 {
  if (start == 0) return row;
  for (let at = start + 1; readLevel(at); at = levelEnd) {
    bind(CAPTURE_PRICE, levelPriceStart, levelPriceEnd);
    bind(CAPTURE_QTY, levelQtyStart, levelQtyEnd);
    if (row == lastRow) bindWord(CAPTURE_LINE_ENDS, 15, 1);
    putRow(state, row++);
  }
  return row;
}

function bindIds(kind: i32): void {
  if (kind == KIND_SNAPSHOT) {
    bindKey(CAPTURE_FIRST_ID, KEY_SNAPSHOT_ID);
    bindKey(CAPTURE_LAST_ID, KEY_SNAPSHOT_ID);
    bindKey(CAPTURE_PREV_ID, KEY_SNAPSHOT_ID);
    bindWord(CAPTURE_IS_SNAPSHOT, 0, 4);
  } else {
    bindKey(CAPTURE_FIRST_ID, 85);
    bindKey(CAPTURE_LAST_ID, 117);
    bindKey(CAPTURE_PREV_ID, KEY_PREV_ID);
    bindWord(CAPTURE_IS_SNAPSHOT, 4, 5);
  }
}

/** Puts a message's levels, or one row for none. */
function putDepth(bids: usize, asks: usize, row: i32, rowCount: i32): i32 {
  const lastRow = row + rowCount - 1;
  bindWord(CAPTURE_LINE_ENDS, 15, 0);
  bindWord(CAPTURE_SIDE, 9, 3);
  const rowStart = row;
  row = putSide(bids, row, lastRow);
  bindWord(CAPTURE_SIDE, 12, 3);
  row = putSide(asks, row, lastRow);
  if (row == rowStart) {
    bindWord(CAPTURE_LINE_ENDS, 15, 1);
    // Price 0 with quantity 0 advances the ids and changes nothing (MODEL section 4).
    bindWord(CAPTURE_PRICE, 15, 1);
    bindWord(CAPTURE_QTY, 15, 1);
    putRow(state, row++);
  }
  return row;
}

function bindTrade(idKey: i32): void {
  bindKey(CAPTURE_TRADE_ID, idKey);
  bindKey(CAPTURE_TRADE_PRICE, 112);
  bindKey(CAPTURE_TRADE_QTY, 113);
  bindKey(CAPTURE_IS_MAKER, 109);
  bindKey(CAPTURE_ORDER_TYPE, 88);
}

function bindTicker(): void {
  bindKey(CAPTURE_TICKER_ID, 117);
  bindKey(CAPTURE_BID_PRICE, 98);
  bindKey(CAPTURE_BID_QTY, 66);
  bindKey(CAPTURE_ASK_PRICE, 97);
  bindKey(CAPTURE_ASK_QTY, 65);
}

/** How many levels a side has; 0 for none, -1 where something else stands there. */
function countLevels(start: usize, end: usize): i32 {
  if (start == 0) return 0;
  let count = 0;
  let at = start + 1;
  for (; readLevel(at); at = levelEnd) count++;
  // Behind the last level stands the array's end, and nothing else.
  return levelEnd == end ? count : -1;
}

// @ts-ignore: decorator
@inline
function isStream(kind: i32, stream: i32): bool {
  if (stream == CAPTURE_DEPTH) return kind == KIND_DEPTH || kind == KIND_SNAPSHOT;
  if (stream == CAPTURE_TRADE) return kind == KIND_TRADE;
  return kind == (stream == CAPTURE_TICKER ? KIND_TICKER : KIND_AGG_TRADE);
}

/** Where the fields are that all rows have. */
function bindCommon(): void {
  bindKey(CAPTURE_LOCAL_TS, KEY_LOCAL_TS);
  bindKey(CAPTURE_EVENT_TS, 69);
  bindKey(CAPTURE_TRANSACT_TS, 84);
  bindKey(CAPTURE_SYMBOL, 115);
}

/** Binds the fields of a message, but for those of its levels; the rows it takes, -1: it is none. */
function rowsOf(kind: i32, bids: usize, asks: usize): i32 {
  isTooLong = false;
  bindCommon();
  if (kind == KIND_TRADE) bindTrade(116);
  else if (kind == KIND_AGG_TRADE) bindTrade(97);
  else if (kind == KIND_TICKER) bindTicker();
  else bindIds(kind);
  if (isTooLong) return -1;
  if (kind != KIND_DEPTH && kind != KIND_SNAPSHOT) return 1;
  const bidCount = countLevels(bids, valueEnd(98));
  const askCount = countLevels(asks, valueEnd(97));
  if (bidCount < 0 || askCount < 0) return -1;
  return max(bidCount + askCount, 1);
}

export function captureRows(statePtr: usize, rowsMax: i32): i32 {
  if (statePtr & 7 || rowsMax < 0) return -STATUS_BAD_ARGUMENT;
  const stream = load<i32>(statePtr, ROWS_STREAM);
  if (stream < CAPTURE_DEPTH || stream > CAPTURE_AGG_TRADE) return -STATUS_BAD_ARGUMENT;
  state = statePtr;
  bounds = load<u32>(statePtr, ROWS_BOUNDS_PTR);
  const end: usize = load<u32>(statePtr, ROWS_END);
  const linesPtr: usize = load<u32>(statePtr, ROWS_LINES_PTR);
  const words: usize = load<u32>(statePtr, ROWS_WORDS_PTR);
  let start: usize = load<u32>(statePtr, ROWS_AT);
  store<u8>(end, LF);
  memory.fill(bounds, 0, CAPTURE_FIELDS << 3);
  let brokenCount = 0;
  let passedCount = 0;
  let row = 0;
  while (start < end) {
    const newline = lineEnd(start, end);
    if (newline == end) break;
    let kind = readMessage(start, newline, stream, words);
    const bids = valueOf(98);
    const asks = valueOf(97);
    let needed = 1;
    if (isStream(kind, stream)) {
      needed = rowsOf(kind, bids, asks);
      if (needed < 0) kind = KIND_BROKEN;
    }
    const isBroken = kind == KIND_BROKEN && (isNamed || stream == CAPTURE_DEPTH);
    if (!isBroken && !isStream(kind, stream)) {
      passedCount++;
      start = newline + 1;
      continue;
    }
    if (isBroken) needed = 1;
    if (needed > rowsMax - row) break;
    if (linesPtr != 0) {
      for (let i = row; i < row + needed; i++) store<u32>(linesPtr + (<usize>i << 2), <u32>start);
    }
    if (isBroken) {
      setBit(load<u32>(statePtr, ROWS_BROKEN_PTR), row);
      putEmptyRow(statePtr, row++);
      brokenCount++;
    } else if (stream == CAPTURE_DEPTH) {
      row = putDepth(bids, asks, row, needed);
    } else {
      putRow(state, row++);
    }
    start = newline + 1;
  }
  store<u32>(statePtr, <u32>start, ROWS_AT);
  store<i32>(statePtr, brokenCount, ROWS_BROKEN_COUNT);
  store<i32>(statePtr, passedCount, ROWS_PASSED_COUNT);
  return row;
}
