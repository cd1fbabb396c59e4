// What one line of a capture is, and where its values stand. Values are kept by the letter of their
// key in a table of bounds behind the words of ROWS_WORDS_PTR.
import {
  CAPTURE_AGG_TRADE,
  CAPTURE_DEPTH,
  CAPTURE_TEXT_BYTES_MAX,
  CAPTURE_TICKER,
  CAPTURE_TRADE,
  CAPTURE_WORDS_BYTES,
} from "../../src/abi/text-rows";
import { skipBlanks, skipString, skipValue } from "./json-scan";

/** Nothing that becomes rows. */
export const KIND_OTHER = 0;
export const KIND_BROKEN = 1;
export const KIND_DEPTH = 2;
export const KIND_SNAPSHOT = 3;
export const KIND_TRADE = 4;
export const KIND_TICKER = 5;
export const KIND_AGG_TRADE = 6;

// Places in the table: letters by their code, and three that have none.
/** The line's time. */
export const KEY_LOCAL_TS = 0;
/** `pu`. */
export const KEY_PREV_ID = 1;
/** `lastUpdateId`. */
export const KEY_SNAPSHOT_ID = 2;
/** `s` or `symbol`. */
const KEY_SYMBOL = 115;
const KEYS_BYTES = 128 * 8;

const LETTER_E = 101;
const LETTER_U_BIG = 85;
const LETTER_U = 117;
const LETTER_B = 98;
const LETTER_A = 97;

// What readMessage and readLevel have found; per instance, valid until the next line.
let keys: usize = 0;
let messageEnd: usize = 0;
/** The payload stands in `data` of a combined stream. */
let isWrapped: bool = false;
/** The stream is one of snapshots, which a recorder has asked for and put between the others. */
let isOfSnapshots: bool = false;
/** The stream's name says that the line is of the wanted kind. */
export let isNamed: bool = false;
export let levelPriceStart: usize = 0;
export let levelPriceEnd: usize = 0;
export let levelQtyStart: usize = 0;
export let levelQtyEnd: usize = 0;
/** Behind the level; where there was none, behind the array's end, 0: it has none. */
export let levelEnd: usize = 0;

/** Start of a key's value, without quotes; 0: the message has no such key. */
// @ts-ignore: decorator
@inline
export function valueOf(key: i32): usize {
  return load<u32>(keys + (<usize>key << 3));
}

// @ts-ignore: decorator
@inline
export function valueEnd(key: i32): usize {
  return load<u32>(keys + (<usize>key << 3), 4);
}

// @ts-ignore: decorator
@inline
function note(key: i32, start: usize, end: usize): void {
  store<u32>(keys + (<usize>key << 3), <u32>start);
  store<u32>(keys + (<usize>key << 3), <u32>end, 4);
}

/** Whether the text at `at` is this word of up to 8 bytes, the first one lowest. */
// @ts-ignore: decorator
@inline
function isWord(at: usize, length: usize, word: u64, wordBytes: usize): bool {
  return length == wordBytes && (load<u64>(at) & ((~(<u64>0)) >> <u64>(64 - (wordBytes << 3)))) == word;
}

/** Place of a key in the table; -1: nobody asks for it. */
function placeOf(start: usize, length: usize): i32 {
  if (length == 1) {
    const letter: i32 = load<u8>(start);
    return letter >= 65 && letter < 128 ? letter : -1;
  }
  if (length == 2) return isWord(start, length, 0x7570, 2) ? KEY_PREV_ID : -1;
  if (isWord(start, length, 0x73646962, 4)) return LETTER_B; // bids
  if (isWord(start, length, 0x736b7361, 4)) return LETTER_A; // asks
  if (isWord(start, length, 0x6c6f626d7973, 6)) return KEY_SYMBOL;
  const isLast = length == 12 && load<u64>(start) == 0x616470557473616c; // lastUpda
  return isLast && load<u32>(start, 8) == 0x64496574 ? KEY_SNAPSHOT_ID : -1; // teId
}

/** Which rows a stream's name (behind its `@`) promises; -1: none that are wanted anywhere. */
function streamOf(start: usize, end: usize): i32 {
  while (start < end && load<u8>(start) != 64) start++;
  if (start == end) return -1;
  const name = ++start;
  while (start < end && load<u8>(start) != 64) start++;
  const length = start - name;
  // depthSnapshot, as Tardis' recorder calls the replies that it puts between the updates.
  isOfSnapshots =
    length == 13 && load<u64>(name) == 0x616e536874706564 && load<u64>(name, 5) == 0x746f687370616e53;
  if (isOfSnapshots) return CAPTURE_DEPTH;
  // `depth` alone: `depth20` is the top of a book, and no change.
  if (isWord(name, length, 0x6874706564, 5)) return CAPTURE_DEPTH;
  if (isWord(name, length, 0x6564617274, 5)) return CAPTURE_TRADE;
  if (isWord(name, length, 0x6564617254676761, 8)) return CAPTURE_AGG_TRADE;
  const isTicker = length == 10 && load<u64>(name) == 0x6b6369546b6f6f62; // bookTick
  return isTicker && load<u16>(name, 8) == 0x7265 ? CAPTURE_TICKER : -1; // er
}

/**
 * The symbol of a snapshot that names none stands in front of its stream's `@`, in small letters.
 * They become capitals where they stand, as all other messages of the symbol have them.
 */
function noteStreamSymbol(start: usize): void {
  let at = start;
  for (; load<u8>(at) != 64; at++) {
    const letter: u32 = load<u8>(at);
    if (letter >= 97 && letter <= 122) store<u8>(at, letter - 32);
  }
  if (at > start) note(KEY_SYMBOL, start, at);
}

/** Whether the bytes from `at` on are blank to the end of the line. */
function isBlank(at: usize): bool {
  return skipBlanks(at, messageEnd) == messageEnd;
}

/**
 * Notes the values of an object's keys, and those of the object in its `data`. Returns the address
 * behind it; 0: it is no JSON; 1: it is of a stream that is not wanted.
 */
function readObject(at: usize, stream: i32, isOuter: bool): usize {
  at = skipBlanks(at + 1, messageEnd);
  if (load<u8>(at) == 125) return at + 1;
  while (load<u8>(at) == 34) {
    const keyStart = at + 1;
    at = skipString(at, messageEnd);
    if (at == 0) return 0;
    const keyLength = at - 1 - keyStart;
    at = skipBlanks(at, messageEnd);
    if (load<u8>(at) != 58) return 0;
    at = skipBlanks(at + 1, messageEnd);
    const start = at;
    if (isOuter && load<u8>(at) == 123 && isWord(keyStart, keyLength, 0x61746164, 4)) {
      isWrapped = true;
      at = readObject(at, stream, false);
      if (at <= 1) return at;
    } else {
      at = skipValue(at, messageEnd);
      if (at == 0) return 0;
      const quoted = <usize>(load<u8>(start) == 34);
      if (isOuter && isWord(keyStart, keyLength, 0x6d6165727473, 6)) {
        isNamed = streamOf(start + quoted, at - quoted) == stream;
        if (!isNamed) return 1;
        if (isOfSnapshots && valueOf(KEY_SYMBOL) == 0) noteStreamSymbol(start + quoted);
      }
      const place = placeOf(keyStart, keyLength);
      if (place >= 0) note(place, start + quoted, at - quoted);
    }
    at = skipBlanks(at, messageEnd);
    const next: u32 = load<u8>(at);
    if (next == 125) return at + 1;
    if (next != 44) return 0;
    at = skipBlanks(at + 1, messageEnd);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function isArray(key: i32): bool {
  const start = valueOf(key);
  return start != 0 && load<u8>(start) == 91;
}

/** The kind of the message whose keys are noted. */
function kindOf(): i32 {
  const event = valueOf(LETTER_E);
  const length = valueEnd(LETTER_E) - event;
  const hasSides = isArray(LETTER_B) || isArray(LETTER_A);
  if (event == 0) {
    if (valueOf(KEY_SNAPSHOT_ID) != 0 && hasSides) {
      return isWrapped && !isOfSnapshots ? KIND_OTHER : KIND_SNAPSHOT;
    }
    const isTicker = valueOf(LETTER_U) != 0 && valueOf(66) != 0 && valueOf(65) != 0;
    return isTicker && !hasSides ? KIND_TICKER : KIND_OTHER;
  }
  const isDepth = length == 11 && load<u64>(event) == 0x6470556874706564; // depthUpd
  if (isDepth && load<u16>(event, 8) == 0x7461) {
    const hasIds = valueOf(LETTER_U_BIG) != 0 && valueOf(LETTER_U) != 0;
    return hasIds && hasSides ? KIND_DEPTH : KIND_BROKEN;
  }
  if (isWord(event, length, 0x6564617274, 5)) return KIND_TRADE;
  if (isWord(event, length, 0x6564617254676761, 8)) return KIND_AGG_TRADE;
  return length == 10 && load<u64>(event) == 0x6b6369546b6f6f62 ? KIND_TICKER : KIND_OTHER;
}

/** Behind ` -> ` in [at, end); 0: it is not there. */
function behindArrow(at: usize, end: usize): usize {
  for (; at + 4 <= end; at++) if (load<u32>(at) == 0x203e2d20) return at + 4;
  return 0;
}

/** Notes what the address [at, end) of a request says for a reply that names no symbol itself. */
function noteSymbol(at: usize, end: usize): void {
  // symbol=
  while (at + 7 <= end && (load<u64>(at) & 0xffffffffffffff) != 0x3d6c6f626d7973) at++;
  const start = at + 7;
  if (start > end) return;
  for (at = start; at < end && load<u8>(at) != 38 && load<u8>(at) != 32; ) at++;
  if (at > start) note(KEY_SYMBOL, start, at);
}

/**
 * Behind the time at `at`, and a blank; 0: none is there. A time is digits, with a fraction or
 * without, with a colon or without; or ISO 8601, whose parts are looked at where it is read.
 */
function readTime(at: usize, end: usize): usize {
  const start = at;
  while (at < end && load<u8>(at) - 48 <= 9) at++;
  if (at == start) return 0;
  if (load<u8>(at) == 45) {
    while (at < end && load<u8>(at) > 32 && load<u8>(at) != 123) at++;
    note(KEY_LOCAL_TS, start, at);
    return load<u8>(at) == 32 ? skipBlanks(at, end) : 0;
  }
  if (load<u8>(at) == 46) {
    const point = at++;
    while (at < end && load<u8>(at) - 48 <= 9) at++;
    if (at == point + 1) return 0;
  }
  note(KEY_LOCAL_TS, start, at);
  if (load<u8>(at) == 58) at++;
  return load<u8>(at) == 32 ? skipBlanks(at, end) : 0;
}

/**
 * Reads the line [start, end): its time is noted under KEY_LOCAL_TS. A line that its stream's name
 * says to be of another kind than `stream` is KIND_OTHER at once, and so is `wss://...`: it records
 * a connection. In front of a reply's time may stand `https://... -> `.
 * @param words ROWS_WORDS_PTR
 */
export function readMessage(start: usize, end: usize, stream: i32, words: usize): i32 {
  keys = words + CAPTURE_WORDS_BYTES;
  messageEnd = end;
  isWrapped = false;
  isOfSnapshots = false;
  isNamed = false;
  memory.fill(keys, 0, KEYS_BYTES);
  if (isBlank(start)) return KIND_OTHER;
  let at = start;
  if (isWord(at, 4, 0x3a737377, 4)) return KIND_OTHER; // wss:
  if (isWord(at, 4, 0x70747468, 4)) {
    // http
    at = behindArrow(at, end);
    if (at == 0) return KIND_BROKEN;
    noteSymbol(start, at - 4);
  }
  at = readTime(at, end);
  if (at == 0 || load<u8>(at) != 123) return KIND_BROKEN;
  at = readObject(at, stream, true);
  if (at == 1) return KIND_OTHER;
  return at == 0 || !isBlank(at) ? KIND_BROKEN : kindOf();
}

/** Reads one element of a level into [levelQtyStart, levelQtyEnd); the address behind it, or 0. */
// @ts-ignore: decorator
@inline
function readNumber(at: usize): usize {
  at = skipBlanks(at, messageEnd);
  const behind = skipValue(at, messageEnd);
  const quoted = <usize>(load<u8>(at) == 34);
  levelQtyStart = at + quoted;
  levelQtyEnd = behind - quoted;
  const isFit = behind != 0 && levelQtyEnd - levelQtyStart <= <usize>CAPTURE_TEXT_BYTES_MAX;
  return isFit ? skipBlanks(behind, messageEnd) : 0;
}

/** Reads the level `[price, quantity ...]` at `at`, behind a comma or not; false: there is none. */
export function readLevel(at: usize): bool {
  at = skipBlanks(at, messageEnd);
  levelEnd = at + 1;
  if (load<u8>(at) == 93) return false;
  levelEnd = 0;
  if (load<u8>(at) == 44) at = skipBlanks(at + 1, messageEnd);
  if (load<u8>(at) != 91) return false;
  at = readNumber(at + 1);
  if (at == 0 || load<u8>(at) != 44) return false;
  levelPriceStart = levelQtyStart;
  levelPriceEnd = levelQtyEnd;
  at = readNumber(at + 1);
  if (at == 0) return false;
  // Spot's levels once had a third, empty element.
  while (load<u8>(at) == 44) {
    at = skipValue(skipBlanks(at + 1, messageEnd), messageEnd);
    if (at == 0) return false;
    at = skipBlanks(at, messageEnd);
  }
  if (load<u8>(at) != 93) return false;
  levelEnd = at + 1;
  return true;
}
