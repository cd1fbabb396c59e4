// Brings the rows of a page together: bits at any bit offset, and values without their nulls.
//
// gatherBits(source, sourceBit, count, target, targetBit): count
//   Copies count bits (least significant first) to bit targetBit of target. Bits of target before
//   targetBit stay; bits of the last byte behind the copied ones become 0. Reads up to 8 bytes
//   past the last source byte and writes up to 8 past the last target byte; no overlap.
// copyBytes(from, to, byteLength): byteLength
//   memory.copy: a TypedArray's copyWithin goes byte by byte on shared memory. May overlap.
// fillBytes(to, byteLength, byte): byteLength
//   memory.fill, for the same reason.
// countBits(bits, count): how many of the first count bits are set. bits 8-byte aligned; reads
//   whole words, so the caller pads to 8 bytes.
// compactI64, compactI32(values, validity, count): how many values are there
//   Moves the values whose bit is set together, in place. values naturally aligned, validity
//   8-byte aligned and readable in whole words.
// compactBits(bits, validity, count): the same for bits; both 8-byte aligned.
// Wrong alignment or a negative count gives -STATUS_BAD_ARGUMENT.
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";

export function gatherBits(
  source: usize, sourceBit: i32, count: i32, target: usize, targetBit: i32,
): i32 {
  if (sourceBit < 0 || targetBit < 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  let from = source + (sourceBit >>> 3);
  const shift = <u64>(sourceBit & 7);
  let to = target + (targetBit >>> 3);
  const lead = <u64>(targetBit & 7);
  let held: u64 = lead == 0 ? 0 : load<u8>(to) & ((1 << <u32>lead) - 1);
  // 48 bits a step: with up to 7 held and 7 shifted out they fit a word.
  for (let left = count; left > 0; left -= 48) {
    const n = min(left, 48);
    const bits = (load<u64>(from) >> shift) & (((<u64>1) << <u64>n) - 1);
    const word = held | (bits << lead);
    store<u64>(to, word);
    from += 6;
    to += 6;
    held = word >> 48;
  }
  return count;
}

export function copyBytes(from: usize, to: usize, byteLength: i32): i32 {
  if (byteLength < 0) return -STATUS_BAD_ARGUMENT;
  memory.copy(to, from, <usize>byteLength);
  return byteLength;
}

export function fillBytes(to: usize, byteLength: i32, byte: i32): i32 {
  if (byteLength < 0) return -STATUS_BAD_ARGUMENT;
  memory.fill(to, <u8>byte, <usize>byteLength);
  return byteLength;
}

export function countBits(bits: usize, count: i32): i32 {
  if ((bits & 7) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  let set: i64 = 0;
  let i = 0;
  for (; i + 64 <= count; i += 64) set += popcnt<i64>(load<i64>(bits + (i >>> 3)));
  if (i < count) {
    set += popcnt<i64>(load<i64>(bits + (i >>> 3)) & <i64>(((<u64>1) << <u64>(count - i)) - 1));
  }
  return <i32>set;
}

export function compactI64(values: usize, validity: usize, count: i32): i32 {
  if (((values | validity) & 7) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  return compact<u64>(values, validity, count);
}

export function compactI32(values: usize, validity: usize, count: i32): i32 {
  if ((values & 3) != 0 || (validity & 7) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  return compact<u32>(values, validity, count);
}

// @ts-ignore: decorator
@inline
function compact<T>(values: usize, validity: usize, count: i32): i32 {
  let to = values;
  for (let i = 0; i < count; i += 64) {
    let word = load<u64>(validity + (i >>> 3));
    if (count - i < 64) word &= ((<u64>1) << <u64>(count - i)) - 1;
    const from = values + (<usize>i) * sizeof<T>();
    if (word == ~(<u64>0)) {
      if (to != from) memory.copy(to, from, 64 * sizeof<T>());
      to += 64 * sizeof<T>();
      continue;
    }
    for (; word != 0; word &= word - 1) {
      store<T>(to, load<T>(from + (<usize>ctz<u64>(word)) * sizeof<T>()));
      to += sizeof<T>();
    }
  }
  return <i32>((to - values) / sizeof<T>());
}

export function compactBits(bits: usize, validity: usize, count: i32): i32 {
  if (((bits | validity) & 7) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  let kept = 0;
  let out: u64 = 0;
  let to = bits;
  for (let i = 0; i < count; i += 64) {
    let word = load<u64>(validity + (i >>> 3));
    if (count - i < 64) word &= ((<u64>1) << <u64>(count - i)) - 1;
    const source = load<u64>(bits + (i >>> 3));
    for (; word != 0; word &= word - 1) {
      out |= ((source >> ctz<u64>(word)) & 1) << <u64>(kept & 63);
      kept++;
      if ((kept & 63) == 0) {
        store<u64>(to, out);
        to += 8;
        out = 0;
      }
    }
  }
  // The words behind `to` are read already: a store of the rest never meets unread bits.
  if ((kept & 63) != 0) store<u64>(to, out);
  return kept;
}
