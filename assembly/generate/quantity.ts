// Quantities in lots: one in 16 is a size that many orders share, the rest are spread over five
// orders of magnitude with as many below as above some 8,000 lots.
import { GEN_POPULAR } from "../../src/abi/generate";
import { bits, geometric } from "./random";

/** A quantity of at least 1 lot from the low 48 bits of `r`. */
// @ts-ignore: decorator
@inline
export function drawQty(s: usize, r: u64): u32 {
  if (bits(r, 0, 4) == 0) {
    const index = (geometric(r, 4, 7) << 2) | bits(r, 12, 2);
    return load<u32>(s + (<usize>index << 2), GEN_POPULAR);
  }
  const width = 8 + bits(r, 4, 3) + bits(r, 7, 2);
  return 1 + bits(r, 12, width);
}

/** The shared sizes of one tape: 1, 2, 5 and their like times powers of ten, and some odd ones. */
export function popularQty(index: i32, r: u64): u32 {
  const digit = 1 + bits(r, 0, 3);
  let lots: u32 = digit;
  for (let power = bits(r, 8, 2); power > 0; power--) lots *= 10;
  return (index & 3) == 3 ? lots + bits(r, 16, 10) : lots;
}
