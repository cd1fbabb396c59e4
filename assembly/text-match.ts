// Texts that stand for one of two things: the words of a side column.
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";
import {
  TEXT_MATCH_COUNT_MAX,
  TEXT_MATCH_LENGTH,
  TEXT_MATCH_STRIDE,
  TEXT_MATCH_TEXT,
  TEXT_MATCH_WORD,
} from "../src/abi/text-match";
import { setBit } from "./lib/decimal";

/** Longer texts do not fit a word and are compared byte by byte behind it. */
const WORD_BYTES = 8;

/**
 * The first bytes of a text as one word, without reading behind it: for texts of equal length up
 * to 8 bytes the words are equal exactly when the texts are.
 *
 *   8 or more:  | 0 1 2 3 4 5 6 7 |      4 to 7:  | 0 1 2 3 | last four |      1 to 3:  first, middle, last
 */
// @ts-ignore: decorator
@inline
function wordOf(ptr: usize, length: i32): u64 {
  if (length >= 8) return load<u64>(ptr);
  if (length >= 4) {
    return <u64>load<u32>(ptr) | ((<u64>load<u32>(ptr + <usize>(length - 4))) << 32);
  }
  if (length <= 0) return 0;
  const middle = <u64>load<u8>(ptr + <usize>(length >> 1));
  const last = <u64>load<u8>(ptr + <usize>(length - 1));
  return <u64>load<u8>(ptr) | (middle << 8) | (last << 16);
}

/** Whether the bytes behind the first word are equal too. */
function sameRest(ptr: usize, entryPtr: usize, length: i32): bool {
  for (let at: usize = WORD_BYTES; at < <usize>length; at++) {
    if (load<u8>(ptr + at) != load<u8>(entryPtr + at, TEXT_MATCH_TEXT)) return false;
  }
  return true;
}

/** The words of two texts of the table; where there is none, of the first. */
// @ts-ignore: decorator
@inline
function wordPair(tablePtr: usize, textCount: i32, index: i32): v128 {
  const first = tablePtr + (index < textCount ? <usize>(index * TEXT_MATCH_STRIDE) : 0);
  const second = tablePtr + (index + 1 < textCount ? <usize>((index + 1) * TEXT_MATCH_STRIDE) : 0);
  return i64x2.replace_lane(
    i64x2.splat(load<u64>(first, TEXT_MATCH_WORD)),
    1,
    load<u64>(second, TEXT_MATCH_WORD),
  );
}

/** Of texts whose words are equal, those of this length: a bit for each. */
// @ts-ignore: decorator
@inline
function ofLength(tablePtr: usize, candidates: u32, length: i32): u32 {
  let matches: u32 = 0;
  // One at most, nearly always: no guess that goes wrong, though sides come at random.
  for (; candidates != 0; candidates &= candidates - 1) {
    const index = ctz<u32>(candidates);
    const entryPtr = tablePtr + <usize>(index * TEXT_MATCH_STRIDE);
    matches |= u32(load<i32>(entryPtr, TEXT_MATCH_LENGTH) == length) << index;
  }
  return matches;
}

/** Of texts whose first words and lengths are equal, those that are equal. */
function longMatchesOf(tablePtr: usize, matches: u32, ptr: usize, length: i32): u32 {
  let found: u32 = 0;
  for (; matches != 0; matches &= matches - 1) {
    const index = ctz<u32>(matches);
    if (sameRest(ptr, tablePtr + <usize>(index * TEXT_MATCH_STRIDE), length)) found |= 1 << index;
  }
  return found;
}

/**
 * Compares each text of a column with up to eight texts.
 *
 * textPtr, offsetsPtr: as in decimalTextToPips. tablePtr: textCount entries of TEXT_MATCH_STRIDE
 * bytes, 8-byte aligned, their words written here. trueMask: bit j says that text j means 1 (bid). outPtr: one bit a row from
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
  if (offsetsPtr & 3 || tablePtr & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  if (textCount < 0 || textCount > TEXT_MATCH_COUNT_MAX) return -STATUS_BAD_ARGUMENT;
  for (let index = 0; index < textCount; index++) {
    const entryPtr = tablePtr + <usize>(index * TEXT_MATCH_STRIDE);
    const word = wordOf(entryPtr + TEXT_MATCH_TEXT, load<i32>(entryPtr, TEXT_MATCH_LENGTH));
    store<u64>(entryPtr, word, TEXT_MATCH_WORD);
  }
  const words01 = wordPair(tablePtr, textCount, 0);
  const words23 = wordPair(tablePtr, textCount, 2);
  const words45 = wordPair(tablePtr, textCount, 4);
  const words67 = wordPair(tablePtr, textCount, 6);
  const all: u32 = (1 << textCount) - 1;
  let badCount = 0;
  let byte: u32 = 0;
  let start = load<i32>(offsetsPtr);
  for (let row = 0; row < rowCount; row++) {
    const end = load<i32>(offsetsPtr + (<usize>row << 2), 4);
    const ptr = textPtr + start;
    const word = i64x2.splat(wordOf(ptr, end - start));
    const same =
      i64x2.bitmask(i64x2.eq(words01, word)) |
      (i64x2.bitmask(i64x2.eq(words23, word)) << 2) |
      (i64x2.bitmask(i64x2.eq(words45, word)) << 4) |
      (i64x2.bitmask(i64x2.eq(words67, word)) << 6);
    let matches = ofLength(tablePtr, <u32>same & all, end - start);
    if (end - start > WORD_BYTES) matches = longMatchesOf(tablePtr, matches, ptr, end - start);
    if (matches == 0) {
      setBit(badBitmapPtr, row);
      badCount++;
    }
    byte |= u32((matches & trueMask) != 0) << (row & 7);
    if ((row & 7) == 7 || row == rowCount - 1) {
      store<u8>(outPtr + (row >>> 3), byte);
      byte = 0;
    }
    start = end;
  }
  return badCount;
}
