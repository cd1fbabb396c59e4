// Message after message into the columns, until one of them is full or the host wants to look.
//
// generateRun(state, message): the blocks of message.ts; what is left of the present message goes
// first. Returns a GEN_STOP_... reason; call again once its cause is gone.
import {
  GEN_BOOK_ROW,
  GEN_BOOK_ROW_END,
  GEN_EMITTED,
  GEN_LIMIT_ROWS,
  GEN_MESSAGE_ROWS,
  GEN_PAUSE_ROWS,
  GEN_STOP_BOOK_FULL,
  GEN_STOP_DEPTH_FULL,
  GEN_STOP_LIMIT,
  GEN_STOP_PAUSE,
  GEN_STOP_TRADES_FULL,
} from "../../src/abi/generate";
import { generateEmit } from "./emit";
import { generateMessage } from "./message";

export function generateRun(s: usize, message: usize): i32 {
  while (true) {
    if (load<i32>(s, GEN_EMITTED) < load<i32>(message, GEN_MESSAGE_ROWS)) {
      if (generateEmit(s, message) > 0) return GEN_STOP_DEPTH_FULL;
    }
    if (load<i64>(s, GEN_LIMIT_ROWS) <= 0) return GEN_STOP_LIMIT;
    if (load<i64>(s, GEN_PAUSE_ROWS) <= 0) return GEN_STOP_PAUSE;
    if (generateMessage(s, message) < 0) {
      const isBookFull = load<i32>(s, GEN_BOOK_ROW) >= load<i32>(s, GEN_BOOK_ROW_END);
      return isBookFull ? GEN_STOP_BOOK_FULL : GEN_STOP_TRADES_FULL;
    }
  }
}
