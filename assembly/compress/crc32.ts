// CRC-32 as zlib, gzip and Parquet's page headers have it (polynomial 0xEDB88320, reflected).
//
// Long ranges go without tables: 1 + x^145 + x^183 + x^211 + x^300 is a multiple of the polynomial,
// and so is its square, 1 + x^290 + x^366 + x^422 + x^600. A message keeps its checksum when a bit is
// taken out and put in again 290, 366, 422 and 600 bits later. Vector by vector the message is
// carried to its end in this way (the method is called Chorba), and what is left is read 16 bytes a
// step over 16 tables. The square is what makes it fast: nothing falls into the next vector, which
// therefore need not wait for this one.
//
// crc32Init(tables): 0; fills CRC_TABLE_BYTES (16 tables of 256 u32), 4-byte aligned
// crc32(tables, ptr, byteLength, crc): the checksum of the bytes before (0 at the start) and these;
//   ptr has any alignment, only its bytes are read. The result is the checksum's 32 bits.
const POLYNOMIAL: u32 = 0xedb8_8320;

export function crc32Init(tables: usize): i32 {
  for (let i: u32 = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    store<u32>(tables + (i << 2), crc);
  }
  // Table k advances a byte's effect by k bytes of zeros.
  for (let i: usize = 0; i < 256 * 15; i++) {
    const before = load<u32>(tables + (i << 2));
    const next = load<u32>(tables + (<usize>(before & 0xff) << 2)) ^ (before >>> 8);
    store<u32>(tables + ((i + 256) << 2), next);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function at(tables: usize, table: usize, byte: u32): u32 {
  return load<u32>(tables + (table << 10) + ((byte & 0xff) << 2));
}

// @ts-ignore: decorator
@inline
function word(tables: usize, first: usize, value: u32): u32 {
  return (
    at(tables, first, value) ^
    at(tables, first - 1, value >>> 8) ^
    at(tables, first - 2, value >>> 16) ^
    at(tables, first - 3, value >>> 24)
  );
}

/** Below this it is not worth beginning with vectors. */
const VECTOR_BYTES_MIN: usize = 112;
/** Five vectors behind the present one are what it is carried into. */
const CARRIED_BYTES: usize = 80;

export function crc32(tables: usize, ptr: usize, byteLength: i32, crc: u32): u32 {
  crc = ~crc;
  const end = ptr + <usize>byteLength;
  if (end - ptr >= VECTOR_BYTES_MIN) {
    const zero = i64x2.splat(0);
    // The checksum so far is added to the first bytes, as to any message.
    let n0 = i32x4.replace_lane(zero, 0, crc);
    let n1 = zero;
    let n2 = zero;
    let n3 = zero;
    let n4 = zero;
    for (const last = end - 16 - CARRIED_BYTES; ptr <= last; ptr += 16) {
      const v = v128.xor(v128.load(ptr), n0);
      // Words counted from the first of v, of which each word falls into these (and each word's
      // upper bits into the next): 4 << 34, 5 << 46, 6 << 38, 9 << 24. The even ones are lanes of a
      // vector as they are, the odd ones straddle two.
      const word5 = v128.xor(i64x2.shr_u(v, 30), i64x2.shl(v, 46));
      const word6 = v128.xor(i64x2.shr_u(v, 18), i64x2.shl(v, 38));
      const word7 = i64x2.shr_u(v, 26);
      const word9 = i64x2.shl(v, 24);
      n0 = n1;
      n1 = v128.xor(v128.xor(n2, i64x2.shl(v, 34)), v128.shuffle<i64>(zero, word5, 0, 2));
      n2 = v128.xor(v128.xor(n3, v128.shuffle<i64>(word5, word7, 1, 2)), word6);
      n3 = v128.xor(n4, v128.shuffle<i64>(word7, word9, 1, 2));
      n4 = v128.xor(v128.shuffle<i64>(word9, zero, 1, 2), i64x2.shr_u(v, 40));
    }
    crc = vector(tables, v128.xor(v128.load(ptr), n0), 0);
    crc = vector(tables, v128.xor(v128.load(ptr, 16), n1), crc);
    crc = vector(tables, v128.xor(v128.load(ptr, 32), n2), crc);
    crc = vector(tables, v128.xor(v128.load(ptr, 48), n3), crc);
    crc = vector(tables, v128.xor(v128.load(ptr, 64), n4), crc);
    ptr += CARRIED_BYTES;
  }
  for (; ptr + 16 <= end; ptr += 16) crc = vector(tables, v128.load(ptr), crc);
  for (; ptr < end; ptr++) crc = at(tables, 0, crc ^ load<u8>(ptr)) ^ (crc >>> 8);
  return ~crc;
}

/** 16 bytes more. */
// @ts-ignore: decorator
@inline
function vector(tables: usize, bytes: v128, crc: u32): u32 {
  return (
    word(tables, 15, i32x4.extract_lane(bytes, 0) ^ crc) ^
    word(tables, 11, i32x4.extract_lane(bytes, 1)) ^
    word(tables, 7, i32x4.extract_lane(bytes, 2)) ^
    word(tables, 3, i32x4.extract_lane(bytes, 3))
  );
}
