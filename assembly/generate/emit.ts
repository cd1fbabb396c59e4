// Rows into the depth columns: those of a message, and those of a snapshot of the whole book.
//
// generateEmit(state, message): writes rows of `message` from GEN_EMITTED on, until the message or
// the slot ends. Returns the rows of it that are still to come.
// generateSnapshot(state, message): writes a CLEAR row and every level, the ids and stamps being
// `message`'s; to be called again with a new slot until it returns 0. GEN_SNAPSHOT_LEFT is -1 before
// the first call. Returns the rows still to come.
// `state` and `message` as in message.ts; the columns are 8-byte aligned (bits: bytes), written for
// rows GEN_DEPTH_ROW to GEN_DEPTH_ROW_END only, and alias nothing.
import { SIDE_ASK, SIDE_BID } from "../../src/abi/book";
import { FLAG_CLEAR, FLAG_LAST, FLAG_SNAPSHOT } from "../../src/abi/flags";
import {
  GEN_ASK,
  GEN_ASKS_PTR,
  GEN_BID,
  GEN_BIDS_PTR,
  GEN_DEPTH_FLAGS_PTR,
  GEN_DEPTH_IS_BID_PTR,
  GEN_DEPTH_PRICE_PTR,
  GEN_DEPTH_QTY_PTR,
  GEN_DEPTH_ROW,
  GEN_DEPTH_ROW_END,
  GEN_DEPTH_SEQUENCE_FIRST_PTR,
  GEN_DEPTH_SEQUENCE_PTR,
  GEN_DEPTH_TS_EVENT_PTR,
  GEN_DEPTH_TS_RECV_PTR,
  GEN_EMITTED,
  GEN_LOT_PIPS,
  GEN_MESSAGE_FIRST,
  GEN_MESSAGE_HEAD_BYTES,
  GEN_MESSAGE_LAST,
  GEN_MESSAGE_ROWS,
  GEN_MESSAGE_TS_EVENT,
  GEN_MESSAGE_TS_RECV,
  GEN_SNAPSHOT_LEFT,
  GEN_SNAPSHOT_SIDE,
  GEN_SNAPSHOT_TICK,
  GEN_TICK_PIPS,
} from "../../src/abi/generate";
import { generateLevelCount } from "./levels";
import { storeBit, storeNumber } from "./number";

export function generateEmit(s: usize, message: usize): i32 {
  const first = load<i32>(s, GEN_EMITTED);
  const total = load<i32>(message, GEN_MESSAGE_ROWS);
  const row = load<i32>(s, GEN_DEPTH_ROW);
  const count = min<i32>(total - first, load<i32>(s, GEN_DEPTH_ROW_END) - row);
  writeHead(s, message, row, count);
  const isBid = load<usize>(s, GEN_DEPTH_IS_BID_PTR);
  const price = load<usize>(s, GEN_DEPTH_PRICE_PTR) + (<usize>row << 3);
  const qty = load<usize>(s, GEN_DEPTH_QTY_PTR) + (<usize>row << 3);
  const flags = load<usize>(s, GEN_DEPTH_FLAGS_PTR);
  const tickPips = load<i64>(s, GEN_TICK_PIPS);
  const lotPips = load<i64>(s, GEN_LOT_PIPS);
  const packedRows = message + (<usize>first << 3);
  for (let i = 0; i < count; i++) {
    const at = <usize>i << 3;
    const packed = load<u64>(packedRows + at, GEN_MESSAGE_HEAD_BYTES);
    storeBit(isBid, row + i, ((packed >> 31) & 1) == SIDE_BID);
    storeNumber(s, price + at, <i64>(packed & 0x7fffffff) * tickPips);
    storeNumber(s, qty + at, <i64>(packed >> 32) * lotPips);
  }
  if (flags != 0) {
    memory.fill(flags + (<usize>row << 2), 0, <usize>count << 2);
    if (first + count == total) store<i32>(flags + (<usize>(row + count - 1) << 2), FLAG_LAST);
  }
  store<i32>(s, row + count, GEN_DEPTH_ROW);
  store<i32>(s, first + count, GEN_EMITTED);
  return total - first - count;
}

/** The columns that are the same in all rows of a message. */
function writeHead(s: usize, message: usize, row: i32, count: i32): void {
  const from = <usize>row << 3;
  const bytes = <usize>count << 3;
  fill(load<usize>(s, GEN_DEPTH_TS_RECV_PTR) + from, bytes, load<i64>(message, GEN_MESSAGE_TS_RECV));
  fill(load<usize>(s, GEN_DEPTH_TS_EVENT_PTR) + from, bytes, load<i64>(message, GEN_MESSAGE_TS_EVENT));
  fill(load<usize>(s, GEN_DEPTH_SEQUENCE_PTR) + from, bytes, load<i64>(message, GEN_MESSAGE_LAST));
  const sequenceFirst = load<usize>(s, GEN_DEPTH_SEQUENCE_FIRST_PTR);
  if (sequenceFirst != 0) fill(sequenceFirst + from, bytes, load<i64>(message, GEN_MESSAGE_FIRST));
}

// @ts-ignore: decorator
@inline
function fill(at: usize, bytes: usize, value: i64): void {
  const end = at + bytes;
  for (; at < end; at += 8) store<i64>(at, value);
}

export function generateSnapshot(s: usize, message: usize): i32 {
  const rowStart = load<i32>(s, GEN_DEPTH_ROW);
  const rowEnd = load<i32>(s, GEN_DEPTH_ROW_END);
  let left = load<i32>(s, GEN_SNAPSHOT_LEFT);
  let row = rowStart;
  if (left < 0 && row < rowEnd) {
    left = generateLevelCount(s, SIDE_BID) + generateLevelCount(s, SIDE_ASK);
    store<i32>(s, SIDE_BID, GEN_SNAPSHOT_SIDE);
    store<i32>(s, load<i32>(s, GEN_BID), GEN_SNAPSHOT_TICK);
    const last = left == 0 ? FLAG_LAST : 0;
    writeSnapshotRow(s, row++, SIDE_BID, 0, 0, FLAG_SNAPSHOT | FLAG_CLEAR | last);
  }
  for (; row < rowEnd && left > 0; row++) {
    left--;
    writeNextLevel(s, row, left == 0 ? FLAG_SNAPSHOT | FLAG_LAST : FLAG_SNAPSHOT);
  }
  writeHead(s, message, rowStart, row - rowStart);
  store<i32>(s, row, GEN_DEPTH_ROW);
  store<i32>(s, left, GEN_SNAPSHOT_LEFT);
  return left;
}

/** Finds the next level from the snapshot's cursor on; there is one, GEN_SNAPSHOT_LEFT says so. */
function writeNextLevel(s: usize, row: i32, flags: i32): void {
  let side = load<i32>(s, GEN_SNAPSHOT_SIDE);
  let tick = load<i32>(s, GEN_SNAPSHOT_TICK);
  const bids = load<usize>(s, GEN_BIDS_PTR);
  if (side == SIDE_BID) {
    while (tick > 0 && load<u32>(bids + (<usize>tick << 2)) == 0) tick--;
    if (tick == 0) {
      side = SIDE_ASK;
      tick = load<i32>(s, GEN_ASK);
    }
  }
  const quantities = side == SIDE_BID ? bids : load<usize>(s, GEN_ASKS_PTR);
  if (side == SIDE_ASK) while (load<u32>(quantities + (<usize>tick << 2)) == 0) tick++;
  writeSnapshotRow(s, row, side, tick, load<u32>(quantities + (<usize>tick << 2)), flags);
  store<i32>(s, side, GEN_SNAPSHOT_SIDE);
  store<i32>(s, side == SIDE_BID ? tick - 1 : tick + 1, GEN_SNAPSHOT_TICK);
}

function writeSnapshotRow(s: usize, row: i32, side: i32, tick: i32, lots: u32, flags: i32): void {
  const at = <usize>row << 3;
  storeBit(load<usize>(s, GEN_DEPTH_IS_BID_PTR), row, side == SIDE_BID);
  storeNumber(s, load<usize>(s, GEN_DEPTH_PRICE_PTR) + at, <i64>tick * load<i64>(s, GEN_TICK_PIPS));
  storeNumber(s, load<usize>(s, GEN_DEPTH_QTY_PTR) + at, <i64>lots * load<i64>(s, GEN_LOT_PIPS));
  const column = load<usize>(s, GEN_DEPTH_FLAGS_PTR);
  if (column != 0) store<i32>(column + (<usize>row << 2), flags);
}
