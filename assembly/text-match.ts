// Texts that stand for one of two things: the words of a side column.
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";
import {
  TEXT_MATCH_COUNT_MAX,
  TEXT_MATCH_LENGTH,
  TEXT_MATCH_STRIDE,
  TEXT_MATCH_TEXT,
} from "../src/abi/text-match";
import { setBit } from "./lib/decimal";

/** Index of the table's text that equals [ptr, ptr + length), or -1. */
function indexOfText(tablePtr: usize, textCount: i32, ptr: usize, length: i32): i32 {
  for (let index = 0; index < textCount; index++) {
    const entry = tablePtr + <usize>(index * TEXT_MATCH_STRIDE);
    if (load<i32>(entry, TEXT_MATCH_LENGTH) != length) continue;
    let at: usize = 0;
    while (at < <usize>length && load<u8>(ptr + at) == load<u8>(entry + at, TEXT_MATCH_TEXT)) at++;
    if (at == <usize>length) return index;
  }
  return -1;
}

/**
 * Compares each text of a column with up to eight texts.
 *
 * textPtr, offsetsPtr: as in decimalTextToPips. tablePtr: textCount entries of TEXT_MATCH_STRIDE
 * bytes, 4-byte aligned. trueMask: bit j says that text j means 1 (bid). outPtr: one bit a row from
 * bit 0, every one written (0 where nothing matches); writes whole bytes, no more than the rows
 * need. badBitmapPtr: the bit of each row that matches none is set; the host clears.
 * Returns the number of rows that match none, or -STATUS_BAD_ARGUMENT.
 */
export function matchTexts(
  textPtr: usize,
  offsetsPtr: usize,
  rowCount: i32,
  tablePtr: usize,
  textCount: i32,
  trueMask: i32,
  outPtr: usize,
  badBitmapPtr: usize,
): i32 {
  if (offsetsPtr & 3 || tablePtr & 3 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  if (textCount < 0 || textCount > TEXT_MATCH_COUNT_MAX) return -STATUS_BAD_ARGUMENT;
  let badCount = 0;
  let byte: u32 = 0;
  let start = load<i32>(offsetsPtr);
  for (let row = 0; row < rowCount; row++) {
    const end = load<i32>(offsetsPtr + (<usize>row << 2), 4);
    const index = indexOfText(tablePtr, textCount, textPtr + start, end - start);
    if (index < 0) {
      setBit(badBitmapPtr, row);
      badCount++;
    } else {
      byte |= ((<u32>trueMask >> index) & 1) << (row & 7);
    }
    if ((row & 7) == 7 || row == rowCount - 1) {
      store<u8>(outPtr + (row >>> 3), byte);
      byte = 0;
    }
    start = end;
  }
  return badCount;
}
