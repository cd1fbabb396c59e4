// Where a decompressor is, as one value that a function can return: the bytes of output done in the
// upper half, the address in the source in the lower. A negative one is a status.

/** So that no position in the output, nor one in its slack, is negative as an i32. */
export const OUT_BYTES_MAX: i32 = 0x7fff_ffff - 128;

// @ts-ignore: decorator
@inline
export function position(ip: usize, done: usize): i64 {
  return (<i64>done << 32) | <i64>ip;
}

// @ts-ignore: decorator
@inline
export function sourceOf(at: i64): usize {
  return <usize>at;
}

// @ts-ignore: decorator
@inline
export function doneOf(at: i64): usize {
  return <usize>(at >>> 32);
}
