// SplitMix64 (Steele, Lea, Flood 2014): one word of state, so that a tape can be begun anywhere, and
// integer arithmetic only, so that every host draws the same numbers.
import { GEN_RANDOM } from "../../src/abi/generate";

/** The next 64 random bits of the tape whose state is at `s`. */
// @ts-ignore: decorator
@inline
export function draw(s: usize): u64 {
  let x = load<u64>(s, GEN_RANDOM) + 0x9e3779b97f4a7c15;
  store<u64>(s, x, GEN_RANDOM);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/** `width` bits of `word` from bit `at`. */
// @ts-ignore: decorator
@inline
export function bits(word: u64, at: u64, width: u64): i32 {
  return <i32>((word >> at) & ((1 << width) - 1));
}

/** 0 with probability 1/2, 1 with 1/4 ... and at most `most`: the trailing zeros of the bits at `at`. */
// @ts-ignore: decorator
@inline
export function geometric(word: u64, at: u64, most: u64): i32 {
  return <i32>ctz<u64>((word >> at) | (1 << most));
}
