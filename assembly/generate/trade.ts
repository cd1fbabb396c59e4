// One trade into the trades columns, just before the message that shows what it left.
import {
  GEN_LAST_TRADE_RECV_NS,
  GEN_LOT_PIPS,
  GEN_MESSAGE_TS_EVENT,
  GEN_MESSAGE_TS_RECV,
  GEN_NEXT_TRADE_ID,
  GEN_TICK_PIPS,
  GEN_TRADES_FLAGS_PTR,
  GEN_TRADES_ID_PTR,
  GEN_TRADES_IS_BUY_PTR,
  GEN_TRADES_PRICE_PTR,
  GEN_TRADES_QTY_PTR,
  GEN_TRADES_ROW,
  GEN_TRADES_SIDE_PTR,
  GEN_TRADES_TS_EVENT_PTR,
  GEN_TRADES_TS_RECV_PTR,
} from "../../src/abi/generate";
import { storeBit, storeNumber } from "./number";

/** The trades of a taker reach the recorder so far apart, and before the message by some of that. */
const TRADE_STEP_NS: i64 = 300;
const TRADE_LEAD_NS: i64 = 150000;

/** The host gives the trades columns room for GEN_MESSAGE_TRADES_MAX rows before each message. */
export function writeTrade(s: usize, message: usize, isBuy: bool, tick: i32, lots: u32): void {
  const row = load<i32>(s, GEN_TRADES_ROW);
  const at = <usize>row << 3;
  const received = max<i64>(
    load<i64>(s, GEN_LAST_TRADE_RECV_NS) + TRADE_STEP_NS,
    load<i64>(message, GEN_MESSAGE_TS_RECV) - TRADE_LEAD_NS,
  );
  const id = load<i64>(s, GEN_NEXT_TRADE_ID);
  store<i64>(s, received, GEN_LAST_TRADE_RECV_NS);
  store<i64>(s, id + 1, GEN_NEXT_TRADE_ID);
  store<i32>(s, row + 1, GEN_TRADES_ROW);
  store<i64>(load<usize>(s, GEN_TRADES_TS_RECV_PTR) + at, received);
  store<i64>(load<usize>(s, GEN_TRADES_TS_EVENT_PTR) + at, load<i64>(message, GEN_MESSAGE_TS_EVENT));
  store<i64>(load<usize>(s, GEN_TRADES_ID_PTR) + at, id);
  const isBuyBits = load<usize>(s, GEN_TRADES_IS_BUY_PTR);
  if (isBuyBits != 0) storeBit(isBuyBits, row, isBuy);
  const side = load<usize>(s, GEN_TRADES_SIDE_PTR);
  if (side != 0) store<i32>(side + (<usize>row << 2), isBuy ? 0 : 1);
  storeNumber(s, load<usize>(s, GEN_TRADES_PRICE_PTR) + at, <i64>tick * load<i64>(s, GEN_TICK_PIPS));
  storeNumber(s, load<usize>(s, GEN_TRADES_QTY_PTR) + at, <i64>lots * load<i64>(s, GEN_LOT_PIPS));
  const flags = load<usize>(s, GEN_TRADES_FLAGS_PTR);
  if (flags != 0) store<i32>(flags + (<usize>row << 2), 0);
}
