// XXH64 with seed 0: the digest of books, parts and footers (MODEL section 4).
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
//
// xxh64 hashes one range. init, update (or word) and finish hash a stream whose state lies in
// memory that the caller gives: the book kernel feeds levels as it walks over them.
//
//   stripe of 32 bytes:   | word 0 | word 1 | word 2 | word 3 |
//                             v        v        v        v
//   lanes (accumulators): | lane 0 | lane 1 | lane 2 | lane 3 |
import {
  DIGEST_LANES,
  DIGEST_STATE_BYTES,
  DIGEST_STRIPE,
  DIGEST_TOTAL_BYTES,
} from "../src/abi/digest";

const PRIME_1: u64 = 0x9e3779b185ebca87;
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME_3: u64 = 0x165667b19e3779f9;
const PRIME_4: u64 = 0x85ebca77c2b2ae63;
const PRIME_5: u64 = 0x27d4eb2f165667c5;

const STRIPE_BYTES: usize = 32;

// @ts-ignore: decorator
@inline
function round(lane: u64, word: u64): u64 {
  return rotl<u64>(lane + word * PRIME_2, 31) * PRIME_1;
}

// @ts-ignore: decorator
@inline
function merge(hash: u64, lane: u64): u64 {
  return (hash ^ round(0, lane)) * PRIME_1 + PRIME_4;
}

// @ts-ignore: decorator
@inline
function converge(lane0: u64, lane1: u64, lane2: u64, lane3: u64): u64 {
  let hash = rotl<u64>(lane0, 1) + rotl<u64>(lane1, 7) + rotl<u64>(lane2, 12) + rotl<u64>(lane3, 18);
  hash = merge(hash, lane0);
  hash = merge(hash, lane1);
  hash = merge(hash, lane2);
  return merge(hash, lane3);
}

/** Mixes in the bytes behind the last whole stripe (fewer than 32) and spreads the bits. */
function tail(hash: u64, ptr: usize, end: usize): u64 {
  for (; ptr + 8 <= end; ptr += 8) {
    hash = rotl<u64>(hash ^ round(0, load<u64>(ptr)), 27) * PRIME_1 + PRIME_4;
  }
  if (ptr + 4 <= end) {
    hash = rotl<u64>(hash ^ ((load<u32>(ptr) as u64) * PRIME_1), 23) * PRIME_2 + PRIME_3;
    ptr += 4;
  }
  for (; ptr < end; ptr++) {
    hash = rotl<u64>(hash ^ ((load<u8>(ptr) as u64) * PRIME_5), 11) * PRIME_1;
  }
  hash = (hash ^ (hash >> 33)) * PRIME_2;
  hash = (hash ^ (hash >> 29)) * PRIME_3;
  return hash ^ (hash >> 32);
}

/**
 * XXH64 (seed 0) of the bytes [ptr, ptr + byteLength). Any alignment; reads only these bytes.
 * The result's 64 bits are an unsigned number; JS sees them as a signed bigint.
 */
export function xxh64(ptr: usize, byteLength: u32): i64 {
  const end = ptr + byteLength;
  if (byteLength < <u32>STRIPE_BYTES) {
    return tail(PRIME_5 + <u64>byteLength, ptr, end) as i64;
  }
  let lane0 = PRIME_1 + PRIME_2;
  let lane1 = PRIME_2;
  let lane2: u64 = 0;
  let lane3: u64 = 0 - PRIME_1;
  const stripesEnd = end - STRIPE_BYTES;
  do {
    lane0 = round(lane0, load<u64>(ptr));
    lane1 = round(lane1, load<u64>(ptr, 8));
    lane2 = round(lane2, load<u64>(ptr, 16));
    lane3 = round(lane3, load<u64>(ptr, 24));
    ptr += STRIPE_BYTES;
  } while (ptr <= stripesEnd);
  return tail(converge(lane0, lane1, lane2, lane3) + <u64>byteLength, ptr, end) as i64;
}

/** Starts a stream in the DIGEST_STATE_BYTES at statePtr (8-byte aligned). */
export function xxh64Init(statePtr: usize): void {
  memory.fill(statePtr, 0, DIGEST_STATE_BYTES);
  store<u64>(statePtr, PRIME_1 + PRIME_2, DIGEST_LANES);
  store<u64>(statePtr, PRIME_2, DIGEST_LANES + 8);
  store<u64>(statePtr, 0, DIGEST_LANES + 16);
  store<u64>(statePtr, 0 - PRIME_1, DIGEST_LANES + 24);
}

// @ts-ignore: decorator
@inline
function consumeStripe(statePtr: usize, ptr: usize): void {
  store<u64>(statePtr, round(load<u64>(statePtr, DIGEST_LANES), load<u64>(ptr)), DIGEST_LANES);
  store<u64>(
    statePtr,
    round(load<u64>(statePtr, DIGEST_LANES + 8), load<u64>(ptr, 8)),
    DIGEST_LANES + 8,
  );
  store<u64>(
    statePtr,
    round(load<u64>(statePtr, DIGEST_LANES + 16), load<u64>(ptr, 16)),
    DIGEST_LANES + 16,
  );
  store<u64>(
    statePtr,
    round(load<u64>(statePtr, DIGEST_LANES + 24), load<u64>(ptr, 24)),
    DIGEST_LANES + 24,
  );
}

/** Adds the bytes [ptr, ptr + byteLength) to a stream; any alignment, any length. */
export function xxh64Update(statePtr: usize, ptr: usize, byteLength: u32): void {
  const total = load<u64>(statePtr, DIGEST_TOTAL_BYTES);
  store<u64>(statePtr, total + <u64>byteLength, DIGEST_TOTAL_BYTES);
  const end = ptr + byteLength;
  const held = <usize>(total & (STRIPE_BYTES - 1));
  if (held + <usize>byteLength < STRIPE_BYTES) {
    memory.copy(statePtr + DIGEST_STRIPE + held, ptr, byteLength);
    return;
  }
  if (held > 0) {
    const missing = STRIPE_BYTES - held;
    memory.copy(statePtr + DIGEST_STRIPE + held, ptr, missing);
    consumeStripe(statePtr, statePtr + DIGEST_STRIPE);
    ptr += missing;
  }
  for (; ptr + STRIPE_BYTES <= end; ptr += STRIPE_BYTES) consumeStripe(statePtr, ptr);
  memory.copy(statePtr + DIGEST_STRIPE, ptr, end - ptr);
}

/**
 * Adds one little-endian 64-bit word. Only for streams that hold a multiple of 8 bytes so far:
 * then no word straddles two stripes.
 */
export function xxh64Word(statePtr: usize, word: u64): void {
  const total = load<u64>(statePtr, DIGEST_TOTAL_BYTES);
  assert((total & 7) == 0);
  const held = <usize>(total & (STRIPE_BYTES - 1));
  store<u64>(statePtr + DIGEST_STRIPE + held, word);
  store<u64>(statePtr, total + 8, DIGEST_TOTAL_BYTES);
  if (held == STRIPE_BYTES - 8) consumeStripe(statePtr, statePtr + DIGEST_STRIPE);
}

/** The digest of the bytes so far. Changes nothing: the stream may go on. */
export function xxh64Finish(statePtr: usize): u64 {
  const total = load<u64>(statePtr, DIGEST_TOTAL_BYTES);
  const stripe = statePtr + DIGEST_STRIPE;
  const hash =
    total < <u64>STRIPE_BYTES
      ? PRIME_5
      : converge(
          load<u64>(statePtr, DIGEST_LANES),
          load<u64>(statePtr, DIGEST_LANES + 8),
          load<u64>(statePtr, DIGEST_LANES + 16),
          load<u64>(statePtr, DIGEST_LANES + 24),
        );
  return tail(hash + total, stripe, stripe + <usize>(total & (STRIPE_BYTES - 1)));
}
