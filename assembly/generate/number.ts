// A number of ticks or lots as a table shows it: pips, or the double nearest to the decimal. The
// integer is below 2^53 and 10^8 is exact, so the division rounds once: it is that double.
import { GEN_AS_DOUBLES } from "../../src/abi/generate";

const PIPS_A_UNIT: f64 = 100000000;

// @ts-ignore: decorator
@inline
export function storeNumber(s: usize, at: usize, pips: i64): void {
  if (load<i32>(s, GEN_AS_DOUBLES) != 0) store<f64>(at, <f64>pips / PIPS_A_UNIT);
  else store<i64>(at, pips);
}

// @ts-ignore: decorator
@inline
export function storeBit(base: usize, row: i32, bit: bool): void {
  const at = base + (<usize>row >> 3);
  const mask = <u8>1 << <u8>(row & 7);
  const rest = load<u8>(at) & ~mask;
  store<u8>(at, bit ? rest | mask : rest);
}
