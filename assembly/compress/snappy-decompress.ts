import { STATUS_CORRUPT } from "../../src/abi/status";
export function snappyDecompressInto(source: usize, sourceBytes: i32, out: usize, outBytes: i32): i32 {
  const end = source + <usize>sourceBytes;
  let n: u32 = 0, s: u32 = 0;
  while (source < end) { const b = <u32>load<u8>(source++); n |= (b & 127) << s; s += 7; if (b < 128) break; }
  if (n != <u32>outBytes) return -STATUS_CORRUPT;
  const start = out; const outEnd = out + <usize>outBytes;
  while (source < end) {
    const tag = <u32>load<u8>(source++);
    if ((tag & 3) == 0) {
      let len = (tag >> 2) + 1;
      if (len <= 16) { v128.store(out, v128.load(source)); }
      else {
        if (len > 60) { const nb = len - 60; len = (load<u32>(source) & (nb == 4 ? 0xffffffff : (1 << (nb << 3)) - 1)) + 1; source += nb; }
        if (<usize>len > outEnd - out || <usize>len > end - source) return -STATUS_CORRUPT;
        memory.copy(out, source, len);
      }
      out += len; source += len;
    } else {
      let len: u32, off: u32;
      if ((tag & 3) == 1) { len = ((tag >> 2) & 7) + 4; off = ((tag >> 5) << 8) | <u32>load<u8>(source++); }
      else if ((tag & 3) == 2) { len = (tag >> 2) + 1; off = load<u16>(source); source += 2; }
      else { len = (tag >> 2) + 1; off = load<u32>(source); source += 4; }
      if (off == 0 || off > <u32>(out - start) || <usize>len > outEnd - out) return -STATUS_CORRUPT;
      if (off >= 16) { for (let i: u32 = 0; i < len; i += 16) v128.store(out + i, v128.load(out + i - off)); }
      else { for (let i: u32 = 0; i < len; i++) store<u8>(out + i, load<u8>(out + i - off)); }
      out += len;
    }
    if (out > outEnd) return -STATUS_CORRUPT;
  }
  return out == outEnd ? outBytes : -STATUS_CORRUPT;
}
export function lz4DecompressInto(source: usize, sourceBytes: i32, out: usize, outBytes: i32): i32 { return -STATUS_CORRUPT; }
