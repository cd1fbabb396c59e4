// The book that a tape begins with, and the book as it stands.
import { SIDE_ASK, SIDE_BID } from "../../src/abi/book";
import {
  GEN_ASK,
  GEN_ASKS_PTR,
  GEN_BID,
  GEN_BIDS_PTR,
  GEN_LOT_PIPS,
  GEN_POPULAR,
  GEN_POPULAR_COUNT,
  GEN_SEED_LEVELS,
  GEN_TICK_PIPS,
  GEN_TICKS,
} from "../../src/abi/generate";
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";
import { drawQty, popularQty } from "./quantity";
import { bits, draw } from "./random";

/**
 * Completes a state whose inputs and best bid the host has set: draws the shared quantities, and lays
 * GEN_SEED_LEVELS levels a side, dense at the touch and sparser outwards. Clears both sides first.
 * Returns the levels set; -STATUS_BAD_ARGUMENT if the best bid leaves them no room.
 */
export function generateSeed(s: usize): i32 {
  const bid = load<i32>(s, GEN_BID);
  if (bid < GEN_TICKS / 4 || bid > (GEN_TICKS / 4) * 3) return -STATUS_BAD_ARGUMENT;
  memory.fill(load<usize>(s, GEN_BIDS_PTR), 0, <usize>GEN_TICKS << 2);
  memory.fill(load<usize>(s, GEN_ASKS_PTR), 0, <usize>GEN_TICKS << 2);
  for (let i = 0; i < GEN_POPULAR_COUNT; i++) {
    store<u32>(s + (<usize>i << 2), popularQty(i, draw(s)), GEN_POPULAR);
  }
  store<i32>(s, bid + 1, GEN_ASK);
  return seedSide(s, SIDE_BID, bid) + seedSide(s, SIDE_ASK, bid + 1);
}

/** At most 300 * 2 + 400 * 16 + 200 * 64 + 100 * 1000 ticks deep: less than GEN_TICKS / 4. */
function seedSide(s: usize, side: i32, best: i32): i32 {
  const quantities = side == SIDE_BID ? load<usize>(s, GEN_BIDS_PTR) : load<usize>(s, GEN_ASKS_PTR);
  const outward = side == SIDE_BID ? -1 : 1;
  let tick = best;
  for (let level = 0; level < GEN_SEED_LEVELS; level++) {
    const r = draw(s);
    store<u32>(quantities + (<usize>tick << 2), drawQty(s, r));
    if (level < 300) tick += outward * (1 + bits(r, 56, 1));
    else if (level < 700) tick += outward * (1 + bits(r, 56, 4));
    else if (level < 900) tick += outward * (1 + bits(r, 56, 6));
    else tick += outward > 0 ? 1000 - (tick % 1000) : -(1 + ((tick - 1) % 1000));
  }
  return GEN_SEED_LEVELS;
}

/** Levels of a side as the book stands. */
export function generateLevelCount(s: usize, side: i32): i32 {
  const quantities = side == SIDE_BID ? load<usize>(s, GEN_BIDS_PTR) : load<usize>(s, GEN_ASKS_PTR);
  let count = 0;
  for (let tick = 1; tick < GEN_TICKS; tick++) {
    count += i32(load<u32>(quantities + (<usize>tick << 2)) > 0);
  }
  return count;
}

/**
 * Writes (i64 price_pips, i64 qty_pips) of a side's levels from the best to `out` (8-byte aligned,
 * room for generateLevelCount pairs). Returns the levels written.
 */
export function generateLevels(s: usize, side: i32, out: usize): i32 {
  const quantities = side == SIDE_BID ? load<usize>(s, GEN_BIDS_PTR) : load<usize>(s, GEN_ASKS_PTR);
  const outward = side == SIDE_BID ? -1 : 1;
  let tick = side == SIDE_BID ? load<i32>(s, GEN_BID) : load<i32>(s, GEN_ASK);
  let count = 0;
  for (; tick > 0 && tick < GEN_TICKS; tick += outward) {
    const lots = load<u32>(quantities + (<usize>tick << 2));
    if (lots == 0) continue;
    const at = out + (<usize>count << 4);
    store<i64>(at, <i64>tick * load<i64>(s, GEN_TICK_PIPS));
    store<i64>(at, <i64>lots * load<i64>(s, GEN_LOT_PIPS), 8);
    count++;
  }
  return count;
}
