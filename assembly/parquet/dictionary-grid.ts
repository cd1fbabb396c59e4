// Places of a dictionary's values on a grid (dictionary-slots.ts): prices are multiples of a tick and
// quantities of a lot, so how many steps a value lies above a base is nearly an address.
//
//   steps   (value - base) / step, by a multiplication: the step is odd * 2^turn, and
//           rotate((value - base) * inverse of odd, turn) is the quotient where there is no rest. Where
//           there is one it is some other number, but no two values ever share a number: a value is
//           told from all others by its steps, and the entries need not be looked at.
//   slot    i32, the one that the low 16 bits of the steps name: the steps' other bits (15 at most)
//           above the index of the entry (16). A free slot is -1, whose upper half no steps have.
//
// Values that lie further from the base than a slot can say, or whose slot is another's, are found by
// their hashes. There are 65,536 values, some three thousand million steps above entry 0, that a quick
// look at a free slot takes for its own: the index it gives is 0xffff then.
import {
  DICTIONARY_BASE,
  DICTIONARY_ENTRIES,
  DICTIONARY_GRID,
  DICTIONARY_INVERSE,
  DICTIONARY_STEP,
} from "../../src/abi/dictionary";

/** Bits of the steps that name a slot, and that it holds. */
const PLACE_BITS: u64 = 16;
const TAG_BITS: u64 = 15;

export const GRID_FREE: i64 = -1;

// @ts-ignore: decorator
@inline
export function stepsOf<T>(value: T, base: u64, inverse: u64, turn: u64): u64 {
  return rotr<u64>((<u64>(<i64>value) - base) * inverse, turn);
}

/** Whether a slot can say so many steps. */
// @ts-ignore: decorator
@inline
export function fitsGrid(steps: u64): bool {
  return steps >> (PLACE_BITS + TAG_BITS) == 0;
}

/** Bytes from the first slot to that of the steps. */
// @ts-ignore: decorator
@inline
export function gridSlot(steps: u64): usize {
  return (<usize>steps & 0xffff) << 2;
}

/** Index of the entry if the slot is that of the steps, else above 0xffff; see above for 0xffff. */
// @ts-ignore: decorator
@inline
export function quickLook(slot: usize, steps: u64): u64 {
  return <u64>load<u32>(slot) ^ (steps & ~0xffff);
}

/** Whether a slot is that of the steps. */
// @ts-ignore: decorator
@inline
export function isOf(slot: i64, steps: u64): bool {
  return <u64>(slot >> PLACE_BITS) == steps >> PLACE_BITS;
}

// @ts-ignore: decorator
@inline
export function slotWord(steps: u64, index: i32): i32 {
  return (<i32>(steps >> PLACE_BITS) << 16) | index;
}

/** How far a shift turns the quotient. */
// @ts-ignore: decorator
@inline
export function turnOf(step: u64): u64 {
  return ctz<u64>(max<u64>(step, 1));
}

/** Lays an empty grid with entry 0 in its middle. */
export function layGrid<T>(block: usize, step: u64): void {
  store<u64>(block, step, DICTIONARY_STEP);
  const width = max<u64>(step, 1);
  const odd = width >> ctz<u64>(width);
  // Newton's iteration: each round doubles the number of right bits, five at first.
  let inverse = (3 * odd) ^ 2;
  for (let round = 0; round < 4; round++) inverse *= 2 - odd * inverse;
  store<u64>(block, inverse, DICTIONARY_INVERSE);
  // A step so wide that the middle would lie beyond 64 bits: as far as there are bits.
  const half = min<u64>(PLACE_BITS + TAG_BITS - 1, max<u64>(clz<u64>(width), 1) - 1);
  const first = <u64>(<i64>load<T>(block + DICTIONARY_ENTRIES));
  store<u64>(block, first - (width << half), DICTIONARY_BASE);
  memory.fill(block + DICTIONARY_GRID, 0xff, (<usize>4) << (<usize>PLACE_BITS));
}

/** The greatest common divisor of the step and how far the value lies from entry 0. */
export function commonStep<T>(block: usize, step: u64, value: T): u64 {
  if (step == 1) return 1;
  const first = <i64>load<T>(block + DICTIONARY_ENTRIES);
  const other = <i64>value;
  let rest: u64 = other > first ? <u64>(other - first) : <u64>(first - other);
  while (step != 0) {
    // Mostly the first division is the last.
    rest %= step;
    if (rest == 0) return step;
    const smaller = rest;
    rest = step;
    step = smaller;
  }
  return rest;
}
