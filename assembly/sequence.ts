// Ids: gaps in a plain column, and the sequence policies of message streams (MODEL section 3).
import { FLAG_LAST } from "../src/abi/flags";
import {
  SEQUENCE_CHAIN,
  SEQUENCE_CONTIGUOUS,
  SEQUENCE_MONOTONIC,
  SEQUENCE_NONE,
  SEQ_FIRST_PTR,
  SEQ_FLAGS_PTR,
  SEQ_HAS_LAST,
  SEQ_LAST_ID,
  SEQ_MESSAGE_OPEN,
  SEQ_POLICY,
  SEQ_PREV_PTR,
  SEQ_SEQUENCE_PTR,
} from "../src/abi/sequence";
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";

// @ts-ignore: decorator
@inline
function leavesGap(previous: i64, id: i64): bool {
  // Compared before it is subtracted: the distance of two i64 need not fit one.
  return id > previous && <u64>(id - previous) > 1;
}

// @ts-ignore: decorator
@inline
function gapLanes(ptr: usize): v128 {
  const ids = v128.load(ptr);
  const previous = v128.load(ptr - 8);
  const following = i64x2.eq(i64x2.sub(ids, previous), i64x2.splat(1));
  return v128.andnot(i64x2.gt_s(ids, previous), following);
}

/** The first row of eight at a time, from `row` on, in which some id leaves a gap; or `rowEnd`. */
function skipGapless(idsPtr: usize, row: i32, rowEnd: i32): i32 {
  for (; row + 8 <= rowEnd; row += 8) {
    const ptr = idsPtr + (<usize>row << 3);
    const gaps = v128.or(
      v128.or(gapLanes(ptr), gapLanes(ptr + 16)),
      v128.or(gapLanes(ptr + 32), gapLanes(ptr + 48)),
    );
    if (v128.any_true(gaps)) return row;
  }
  return row;
}

/**
 * Finds each id that is more than 1 above the one before it.
 *
 * idsPtr: i64, 8-byte aligned, read only. previousId: the id before the first one (the first one
 * itself, where there is none). outIndexPtr: i32 rows (4-byte aligned), outSizePtr: i64 ids that
 * are missing (8-byte aligned), both for outCapacity items; neither aliases the ids.
 * Returns the number of gaps; when that is outCapacity, more may follow behind the last one.
 * Missing counts of 2^63 and more come out as negative numbers. -STATUS_BAD_ARGUMENT: alignment,
 * counts.
 */
export function gapScan(
  idsPtr: usize,
  rowCount: i32,
  previousId: i64,
  outIndexPtr: usize,
  outSizePtr: usize,
  outCapacity: i32,
): i32 {
  if ((idsPtr | outSizePtr) & 7 || outIndexPtr & 3 || rowCount < 0 || outCapacity < 1) {
    return -STATUS_BAD_ARGUMENT;
  }
  let found = 0;
  let row = 0;
  while (row < rowCount) {
    // The vector loop looks one id back, so row 0 is for the scalar one.
    if (row > 0) row = skipGapless(idsPtr, row, rowCount);
    const blockEnd = min(row + 8, rowCount);
    for (; row < blockEnd; row++) {
      const ptr = idsPtr + (<usize>row << 3);
      const previous = row > 0 ? load<i64>(ptr - 8) : previousId;
      const id = load<i64>(ptr);
      if (!leavesGap(previous, id)) continue;
      store<i32>(outIndexPtr + (<usize>found << 2), row);
      store<i64>(outSizePtr + (<usize>found << 3), id - previous - 1);
      if (++found == outCapacity) return found;
    }
  }
  return found;
}

/** Whether a message that names the id `named` follows `last` under the policy. */
// @ts-ignore: decorator
@inline
function follows(policy: i32, named: i64, last: i64): bool {
  if (policy == SEQUENCE_MONOTONIC) return named > last;
  return named == (policy == SEQUENCE_CONTIGUOUS ? last + 1 : last);
}

/** Lanes of 64 bits: rows `row` and `row + 1` start messages (the rows before them are LAST). */
// @ts-ignore: decorator
@inline
function startLanes(flagsPtr: usize, row: i32): v128 {
  const flags = v128.load64_zero(flagsPtr + (<usize>(row - 1) << 2));
  // FLAG_LAST is bit 7: to the sign, and over all bits.
  return i64x2.extend_low_i32x4_s(i32x4.shr_s(i32x4.shl(flags, 24), 31));
}

/** Lanes of 32 bits: of four rows, those that start a message whose id is not above the one before. */
// @ts-ignore: decorator
@inline
function fallsAmongFour(sequencePtr: usize, flagsPtr: usize): v128 {
  const rises = v128.shuffle<i32>(risesOf(sequencePtr), risesOf(sequencePtr + 16), 0, 2, 4, 6);
  // FLAG_LAST is bit 7: to the sign, and over all bits.
  const starts = i32x4.shr_s(i32x4.shl(v128.load(flagsPtr - 4), 24), 31);
  return v128.andnot(starts, rises);
}

/** Lanes of 64 bits: of two rows, those whose id is above the one before. */
// @ts-ignore: decorator
@inline
function risesOf(sequencePtr: usize): v128 {
  return i64x2.lt_s(v128.load(sequencePtr - 8), v128.load(sequencePtr));
}

/**
 * From rowStart on, the first row of some at a time that may break the policy, or where fewer than
 * that are left (eight, or four). Needs rowStart > 0 and row - 1 to be a row of this scan.
 */
function skipFollowing(
  policy: i32,
  sequencePtr: usize,
  namedPtr: usize,
  flagsPtr: usize,
  rowStart: i32,
  rowEnd: i32,
): i32 {
  let row = rowStart;
  if (policy == SEQUENCE_MONOTONIC) {
    for (; row + 8 <= rowEnd; row += 8) {
      const sequenceAt = sequencePtr + (<usize>row << 3);
      const flagsAt = flagsPtr + (<usize>row << 2);
      const falls = v128.or(
        fallsAmongFour(sequenceAt, flagsAt),
        fallsAmongFour(sequenceAt + 32, flagsAt + 16),
      );
      if (v128.any_true(falls)) return row;
    }
    return row;
  }
  const step = i64x2.splat(policy == SEQUENCE_CONTIGUOUS ? 1 : 0);
  for (; row + 4 <= rowEnd; row += 4) {
    const offset = <usize>row << 3;
    const expected01 = i64x2.add(v128.load(sequencePtr + offset - 8), step);
    const expected23 = i64x2.add(v128.load(sequencePtr + offset + 8), step);
    const breaks01 = i64x2.ne(v128.load(namedPtr + offset), expected01);
    const breaks23 = i64x2.ne(v128.load(namedPtr + offset + 16), expected23);
    const breaks = v128.or(
      v128.and(breaks01, startLanes(flagsPtr, row)),
      v128.and(breaks23, startLanes(flagsPtr, row + 2)),
    );
    if (v128.any_true(breaks)) return row;
  }
  return row;
}

/** Carries the state over the rows [rowStart, rowEnd), which all passed. */
function carry(blockPtr: usize, rowStart: i32, rowEnd: i32): void {
  if (rowStart >= rowEnd) return;
  const sequencePtr = <usize>load<u32>(blockPtr, SEQ_SEQUENCE_PTR);
  const flagsPtr = <usize>load<u32>(blockPtr, SEQ_FLAGS_PTR);
  const lastFlags = load<i32>(flagsPtr + (<usize>(rowEnd - 1) << 2));
  store<i32>(blockPtr, i32((lastFlags & FLAG_LAST) == 0), SEQ_MESSAGE_OPEN);
  for (let row = rowEnd - 1; row >= rowStart; row--) {
    if ((load<i32>(flagsPtr + (<usize>row << 2)) & FLAG_LAST) == 0) continue;
    store<i64>(blockPtr, load<i64>(sequencePtr + (<usize>row << 3)), SEQ_LAST_ID);
    store<i32>(blockPtr, 1, SEQ_HAS_LAST);
    return;
  }
}

/**
 * Follows the ids of a message stream over rows [rowStart, rowEnd) and stops at the first message
 * start that breaks the policy.
 *
 * blockPtr: the SEQ_ block, 8-byte aligned: addresses of the columns for row 0 (i64 8-byte, flags
 * 4-byte aligned; read only), the policy, and the state, which the call carries on: the id of the
 * last message that ended, and whether the next row continues a message. The id of a message is
 * that of its last row. The first message of all is not checked; with acceptFirst 1 the message
 * at rowStart is not either (the host has looked at it and takes it).
 * Returns the row of the breaking message, which is not carried into the state, else rowEnd; or
 * -STATUS_BAD_ARGUMENT.
 */
export function sequenceScan(blockPtr: usize, rowStart: i32, rowEnd: i32, acceptFirst: i32): i32 {
  const policy = load<i32>(blockPtr, SEQ_POLICY);
  const sequencePtr = <usize>load<u32>(blockPtr, SEQ_SEQUENCE_PTR);
  const flagsPtr = <usize>load<u32>(blockPtr, SEQ_FLAGS_PTR);
  const firstPtr = <usize>load<u32>(blockPtr, SEQ_FIRST_PTR);
  const prevPtr = <usize>load<u32>(blockPtr, SEQ_PREV_PTR);
  if (blockPtr & 7 || (sequencePtr | firstPtr | prevPtr) & 7 || flagsPtr & 3) {
    return -STATUS_BAD_ARGUMENT;
  }
  if (rowStart < 0 || rowEnd < rowStart || policy < SEQUENCE_NONE || policy > SEQUENCE_CHAIN) {
    return -STATUS_BAD_ARGUMENT;
  }
  let namedPtr = sequencePtr;
  if (policy == SEQUENCE_CONTIGUOUS && firstPtr != 0) namedPtr = firstPtr;
  if (policy == SEQUENCE_CHAIN) namedPtr = prevPtr;

  let row = policy == SEQUENCE_NONE ? rowEnd : rowStart;
  let checked = acceptFirst == 0 && load<i32>(blockPtr, SEQ_HAS_LAST) != 0;
  let starts = load<i32>(blockPtr, SEQ_MESSAGE_OPEN) == 0;
  let last = load<i64>(blockPtr, SEQ_LAST_ID);
  while (row < rowEnd) {
    // Four rows one by one: the first rows, those where the vectors saw something, and the tail.
    const blockEnd = min(row + 4, rowEnd);
    for (; row < blockEnd; row++) {
      if (starts && checked) {
        const named = load<i64>(namedPtr + (<usize>row << 3));
        if (!follows(policy, named, last)) {
          carry(blockPtr, rowStart, row);
          return row;
        }
      }
      starts = (load<i32>(flagsPtr + (<usize>row << 2)) & FLAG_LAST) != 0;
      if (starts) {
        last = load<i64>(sequencePtr + (<usize>row << 3));
        checked = true;
      }
    }
    if (row >= rowEnd) break;
    const resume = skipFollowing(policy, sequencePtr, namedPtr, flagsPtr, row, rowEnd);
    if (resume == row) continue;
    row = resume;
    starts = (load<i32>(flagsPtr + (<usize>(row - 1) << 2)) & FLAG_LAST) != 0;
    last = load<i64>(sequencePtr + (<usize>(row - 1) << 3));
    checked = checked || starts;
  }
  carry(blockPtr, rowStart, rowEnd);
  return rowEnd;
}
