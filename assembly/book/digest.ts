/**
 * bookDigest: XXH64, seed 0, of a whole book in the canonical form of MODEL section 4: u32 bids,
 * u32 asks, then (i64 price, i64 quantity) of each bid from the best on, then of each ask, all
 * little-endian. Equal digests mean equal books, on any host.
 */
import { DIGEST_STATE_BYTES } from "../../src/abi/digest";
import { xxh64Finish, xxh64Init, xxh64Update, xxh64Word } from "../digest";
import { MAGIC, S_FLIP, SCRATCH, levelCount, sideOf } from "./layout";
import { readLevels } from "./levels";

/** Levels that are read at a time; with the digest's state they fit the scratch. */
const CHUNK = 128;

/** 0 for a block that is no book. */
export function bookDigest(book: usize): i64 {
  if (load<u64>(book) != MAGIC) return 0;
  const ask = sideOf(book, 0);
  const bid = sideOf(book, 1);
  const state = book + SCRATCH;
  xxh64Init(state);
  xxh64Word(state, <u64>levelCount(bid) | (<u64>levelCount(ask) << 32));
  digestSide(book, bid, state);
  digestSide(book, ask, state);
  return xxh64Finish(state);
}

function digestSide(book: usize, side: usize, state: usize): void {
  const flip = load<i64>(side, S_FLIP);
  const levels = state + DIGEST_STATE_BYTES;
  let key = i64.MAX_VALUE;
  while (true) {
    const count = readLevels(book, side, key, CHUNK, levels, levels + 8, 16);
    const bytes: u32 = <u32>count << 4;
    xxh64Update(state, levels, bytes);
    if (count < CHUNK) return;
    key = load<i64>(levels + bytes - 16) ^ flip;
    if (key == i64.MIN_VALUE) return;
    key--;
  }
}
