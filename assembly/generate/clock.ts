// Stamps of a message: when it happened (the exchange's milliseconds) and when it was received.
import {
  GEN_CLOCK_NS,
  GEN_INTERVAL_UNIT_NS,
  GEN_LAST_RECV_NS,
  GEN_MESSAGE_TS_EVENT,
  GEN_MESSAGE_TS_RECV,
} from "../../src/abi/generate";
import { bits, draw, geometric } from "./random";

const MILLISECOND_NS: i64 = 1000000;
/** Receipts lie at least so far apart: a duplicate fits between two of them. */
const RECV_STEP_NS: i64 = 1024;

/**
 * Intervals: uniform up to 1024 units, doubled with probability 1/2, again with 1/2, up to 64 times;
 * a quarter of that in a burst. Latency: 3 to 5 ms, one message in 1024 far more; what
 * comes behind such a one waits for it, as on one connection.
 */
export function advanceClock(s: usize, message: usize, isBurst: bool): void {
  const r = draw(s);
  const units = <i64>(1 + bits(r, 0, 10)) << geometric(r, 10, 6);
  const interval = (units * load<i64>(s, GEN_INTERVAL_UNIT_NS)) >> (isBurst ? 2 : 0);
  const now = load<i64>(s, GEN_CLOCK_NS) + interval;
  store<i64>(s, now, GEN_CLOCK_NS);
  let latency = 2500000 + bits(r, 20, 21);
  if (bits(r, 41, 10) == 0) latency <<= 1 + bits(r, 51, 2) + bits(r, 53, 1);
  const earliest = load<i64>(s, GEN_LAST_RECV_NS) + RECV_STEP_NS + bits(r, 54, 10);
  const received = max<i64>(earliest, now + latency);
  store<i64>(s, received, GEN_LAST_RECV_NS);
  store<i64>(message, now - now % MILLISECOND_NS, GEN_MESSAGE_TS_EVENT);
  store<i64>(message, received, GEN_MESSAGE_TS_RECV);
}
