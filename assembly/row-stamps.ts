// What may be the matter with stamps and ids that decode well: each kernel counts such rows, and is
// asked of whole columns in which there are none, nearly always. The host then looks for the rows.
//
// Columns are i64, 8-byte aligned, flags i32, 4-byte aligned; all are only read, up to their last
// row. Result: the count, or -STATUS_BAD_ARGUMENT.
import { FLAG_LAST } from "../src/abi/flags";
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";

// @ts-ignore: decorator
@inline
function laneSum(counts: v128): i32 {
  return <i32>(i64x2.extract_lane(counts, 0) + i64x2.extract_lane(counts, 1));
}

/** Values outside [from, to). */
export function stampsOutside(ptr: usize, rowCount: i32, from: i64, to: i64): i32 {
  if ((ptr & 7) != 0 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  const low = i64x2.splat(from);
  const high = i64x2.splat(to);
  let counts = i64x2.splat(0);
  let row = 0;
  for (; row + 2 <= rowCount; row += 2) {
    const values = v128.load(ptr + (<usize>row << 3));
    // A lane that is outside is -1.
    counts = i64x2.sub(counts, v128.or(i64x2.gt_s(low, values), i64x2.ge_s(values, high)));
  }
  let count = laneSum(counts);
  for (; row < rowCount; row++) {
    const value = load<i64>(ptr + (<usize>row << 3));
    count += i32(value < from || value >= to);
  }
  return count;
}

/** Rows whose two stamps are more than `limit` (0 or more) apart; no difference may overflow. */
export function clocksApart(aPtr: usize, bPtr: usize, rowCount: i32, limit: i64): i32 {
  if (((aPtr | bPtr) & 7) != 0 || rowCount < 0 || limit < 0) return -STATUS_BAD_ARGUMENT;
  const limits = i64x2.splat(limit);
  let counts = i64x2.splat(0);
  let row = 0;
  for (; row + 2 <= rowCount; row += 2) {
    const offset = <usize>row << 3;
    const apart = i64x2.abs(i64x2.sub(v128.load(aPtr + offset), v128.load(bPtr + offset)));
    counts = i64x2.sub(counts, i64x2.gt_s(apart, limits));
  }
  let count = laneSum(counts);
  for (; row < rowCount; row++) {
    const offset = <usize>row << 3;
    const apart = load<i64>(aPtr + offset) - load<i64>(bPtr + offset);
    count += i32(apart > limit || apart < -limit);
  }
  return count;
}

/** Rows that are more than `limit` (0 or more) from the row before, later or earlier. */
export function stepsOver(ptr: usize, rowCount: i32, limit: i64): i32 {
  return rowCount < 2 ? 0 : clocksApart(ptr + 8, ptr, rowCount - 1, limit);
}

/** Rows that are not the last of their message, and have another stamp than the row behind. */
export function stampsMixed(stampPtr: usize, flagsPtr: usize, rowCount: i32): i32 {
  if ((stampPtr & 7) != 0 || (flagsPtr & 3) != 0 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  const last = i32x4.splat(FLAG_LAST);
  let counts = i64x2.splat(0);
  let row = 0;
  for (; row + 3 <= rowCount; row += 2) {
    const at = stampPtr + (<usize>row << 3);
    const same = i64x2.eq(v128.load(at), v128.load(at, 8));
    // Two flags, as wide as the stamps.
    const flags = i64x2.extend_low_i32x4_u(v128.load64_zero(flagsPtr + (<usize>row << 2)));
    const goesOn = i64x2.eq(v128.and(flags, last), i64x2.splat(0));
    counts = i64x2.sub(counts, v128.andnot(goesOn, same));
  }
  let count = laneSum(counts);
  for (; row + 1 < rowCount; row++) {
    if ((load<i32>(flagsPtr + (<usize>row << 2)) & FLAG_LAST) != 0) continue;
    const at = stampPtr + (<usize>row << 3);
    count += i32(load<i64>(at) != load<i64>(at, 8));
  }
  return count;
}

/** Rows whose id is not that of the row before + 1. */
export function idsBroken(ptr: usize, rowCount: i32): i32 {
  if ((ptr & 7) != 0 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  let count = 0;
  for (let row = 1; row < rowCount; row++) {
    const at = ptr + (<usize>row << 3);
    count += i32(load<i64>(at) != load<i64>(at - 8) + 1);
  }
  return count;
}
