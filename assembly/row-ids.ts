// Ids that go up by one: counts those that do not, and is asked of whole columns in which there are
// none, nearly always. The host then looks for the rows.
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";

/**
 * Rows whose id is not that of the row before + 1. ptr: i64, 8-byte aligned, only read. Returns the
 * count, or -STATUS_BAD_ARGUMENT.
 */
export function idsBroken(ptr: usize, rowCount: i32): i32 {
  if ((ptr & 7) != 0 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  let count = 0;
  for (let row = 1; row < rowCount; row++) {
    const at = ptr + (<usize>row << 3);
    count += i32(load<i64>(at) != load<i64>(at - 8) + 1);
  }
  return count;
}
