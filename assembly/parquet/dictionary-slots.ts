// The table of a dictionary (dictionary-encode.ts): where a value's entry may stand.
//
//   slot, u16   the index of an entry; 0 where the slot is free
//
// A value's own slot is the top bits of value * multiplier. The multiplier is 2^64 / (slots *
// step), where step is the greatest common divisor of how far the first entries lie apart: a tick,
// a lot. So neighbours in value are neighbours in the table, seldom want the same slot, and the
// values that come again and again share a few cache lines: that halves the time of columns of
// tens of thousands of values. Where many clash the multiplier is a constant that scatters. A value
// whose own slot is taken goes to the first free one on a path of its hash's.
//
// A free slot needs no mark of its own: entry 0 has its own slot, where no other goes, and it reads
// as if it were free. Whatever a row's slot says, that entry is compared with the row's value.
//
// The table starts small and grows with the entries; a block without one has DICTIONARY_SLOT_BITS 0.
// The dictionary's kernels, which call these, have checked the block.
import {
  DICTIONARY_COUNT,
  DICTIONARY_ENTRIES,
  DICTIONARY_ENTRIES_MAX,
  DICTIONARY_MULTIPLIER,
  DICTIONARY_SLOT_BITS,
  DICTIONARY_SLOTS,
} from "../../src/abi/dictionary";

const SLOT_BITS_MIN: i32 = 6;
/** Up to here a quarter of the slots may be taken, beyond it a half. */
const SLOT_BITS_SPARSE: i32 = 14;
const SLOT_BITS_MAX: i32 = 17;
/** Entries that the step is taken from. */
const STEP_ENTRIES: i32 = 1024;
/** MurmurHash3's constant. */
const SCATTER: u64 = 0xff51_afd7_ed55_8ccd;

/** Bytes from the first slot to the value's own. */
// @ts-ignore: decorator
@inline
export function slotOf<T>(value: T, multiplier: u64, shift: u64): usize {
  return <usize>((bitsOf<T>(value) * multiplier) >> shift) << 1;
}

// @ts-ignore: decorator
@inline
function bitsOf<T>(value: T): u64 {
  return sizeof<T>() == 4 ? <u64>(<u32>value) : <u64>value;
}

/**
 * Address of the slot that holds the value or is free for it; its own slot is another's. Entry 0's
 * is at slot0.
 */
export function search<T>(block: usize, value: T, shift: u64, slot0: usize): usize {
  const entries = block + DICTIONARY_ENTRIES;
  const slots = block + DICTIONARY_SLOTS;
  const mask = ((<usize>2) << <usize>(64 - shift)) - 2;
  // The product's top bits depend on the high half only through its low bits; fold it in.
  const bits = bitsOf<T>(value);
  const hash = (bits ^ (bits >> 32) ^ SCATTER) * SCATTER;
  let slot = <usize>(hash >> shift) << 1;
  // Stretches of neighbours fill whole parts of the table: leave them by long steps of any length.
  const step = (<usize>(hash >> 24) | 1) << 1;
  while (true) {
    const index = <usize>load<u16>(slots + slot);
    const at = slots + slot;
    if (index == 0 ? at != slot0 : load<T>(entries + index * sizeof<T>()) == value) return at;
    slot = (slot + step) & mask;
  }
}

/** Entries that a table takes before it grows. */
// @ts-ignore: decorator
@inline
export function slotEntriesMax(bits: i32): i32 {
  if (bits == SLOT_BITS_MAX) return DICTIONARY_ENTRIES_MAX;
  return bits > SLOT_BITS_SPARSE ? 1 << (bits - 1) : 1 << (bits - 2);
}

/** Index of a value that is in: without a table only of the last entry. */
export function find<T>(block: usize, value: T): i32 {
  if (load<i32>(block, DICTIONARY_SLOT_BITS) == 0) return load<i32>(block, DICTIONARY_COUNT) - 1;
  return findOrInsert<T>(block, value);
}

/** Index of the entry that holds the value, which is made if it may be; -1 if it may not. */
export function findOrInsert<T>(block: usize, value: T): i32 {
  if (load<i32>(block, DICTIONARY_SLOT_BITS) == 0) makeSlots<T>(block);
  const bits = load<i32>(block, DICTIONARY_SLOT_BITS);
  const shift = <u64>(64 - bits);
  const entries = block + DICTIONARY_ENTRIES;
  const multiplier = load<u64>(block, DICTIONARY_MULTIPLIER);
  let slot = block + DICTIONARY_SLOTS + slotOf<T>(value, multiplier, shift);
  let index = <i32>load<u16>(slot);
  if (load<T>(entries + (<usize>index) * sizeof<T>()) == value) return index;
  const slot0 = block + DICTIONARY_SLOTS + slotOf<T>(load<T>(entries), multiplier, shift);
  if (index != 0 || slot == slot0) {
    slot = search<T>(block, value, shift, slot0);
    index = <i32>load<u16>(slot);
    if (index != 0) return index;
  }
  const entryCount = load<i32>(block, DICTIONARY_COUNT);
  if (entryCount == DICTIONARY_ENTRIES_MAX) return -1;
  store<T>(entries + (<usize>entryCount) * sizeof<T>(), value);
  store<u16>(slot, <u16>entryCount);
  store<i32>(block, entryCount + 1, DICTIONARY_COUNT);
  if (entryCount + 1 > slotEntriesMax(bits)) makeSlots<T>(block);
  return entryCount;
}

/** Makes the table anew, large enough for the entries. */
export function makeSlots<T>(block: usize): void {
  const entryCount = load<i32>(block, DICTIONARY_COUNT);
  let bits = SLOT_BITS_MIN;
  while (bits < SLOT_BITS_MAX - 1 && entryCount > slotEntriesMax(bits)) bits += 2;
  if (entryCount > slotEntriesMax(bits)) bits = SLOT_BITS_MAX;
  store<i32>(block, bits, DICTIONARY_SLOT_BITS);
  const step = commonStep<T>(block + DICTIONARY_ENTRIES, min(entryCount, STEP_ENTRIES));
  const multiplier = step == 0 ? SCATTER : ((<u64>1) << <u64>(64 - bits)) / step;
  const clashes = fillSlots<T>(block, bits, entryCount, multiplier);
  if (clashes << 2 > entryCount) fillSlots<T>(block, bits, entryCount, SCATTER);
}

/** Greatest common divisor of how far the entries lie apart, as unsigned numbers; 0 for one. */
function commonStep<T>(entries: usize, count: i32): u64 {
  const first = bitsOf<T>(load<T>(entries));
  let step: u64 = 0;
  for (let i = 1; i < count; i++) {
    const value = bitsOf<T>(load<T>(entries + (<usize>i) * sizeof<T>()));
    let rest = value > first ? value - first : first - value;
    // The step is mostly found among the first few; from then on one division tells.
    while (rest != 0) {
      const smaller = step == 0 ? 0 : rest % step;
      if (step == 0 || smaller == 0) {
        if (step == 0) step = rest;
        break;
      }
      rest = step;
      step = smaller;
    }
  }
  return step;
}

/** Puts all entries but the first into free slots; how many found their own slot taken. */
function fillSlots<T>(block: usize, bits: i32, entryCount: i32, multiplier: u64): i32 {
  store<u64>(block, multiplier, DICTIONARY_MULTIPLIER);
  const entries = block + DICTIONARY_ENTRIES;
  const slots = block + DICTIONARY_SLOTS;
  const shift = <u64>(64 - bits);
  memory.fill(slots, 0, (<usize>2) << bits);
  const slot0 = slots + slotOf<T>(load<T>(entries), multiplier, shift);
  let clashes = 0;
  for (let i = 1; i < entryCount; i++) {
    const value = load<T>(entries + (<usize>i) * sizeof<T>());
    let slot = slots + slotOf<T>(value, multiplier, shift);
    if (load<u16>(slot) != 0 || slot == slot0) {
      clashes++;
      slot = search<T>(block, value, shift, slot0);
    }
    store<u16>(slot, <u16>i);
  }
  return clashes;
}
