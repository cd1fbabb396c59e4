// CRC-32 as zlib, gzip and Parquet's page headers have it (polynomial 0xEDB88320, reflected).
//
// Long ranges go without tables: 1 + x^145 + x^183 + x^211 + x^300 is a multiple of the polynomial,
// so a message keeps its checksum when a bit is taken out and put in again 145, 183, 211 and 300
// bits later. Vector by vector the message is carried to its end in this way (the method is called
// Chorba), and what is left is read 16 bytes a step over 16 tables.
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
const VECTOR_BYTES_MIN: usize = 256;
/** Three vectors behind the present one are what it is carried into. */
const CARRIED_BYTES: usize = 48;

export function crc32(tables: usize, ptr: usize, byteLength: i32, crc: u32): u32 {
  crc = ~crc;
  const end = ptr + <usize>byteLength;
  if (end - ptr >= VECTOR_BYTES_MIN) {
    // The checksum so far is added to the first bytes, as to any message.
    let n0 = i32x4.replace_lane(i32x4.splat(0), 0, crc);
    let n1 = i64x2.splat(0);
    let n2 = n1;
    const zero = n1;
    for (const last = end - 16 - CARRIED_BYTES; ptr <= last; ptr += 16) {
      const v = v128.xor(v128.load(ptr), n0);
      const near = v128.xor(i64x2.shl(v, 17), i64x2.shl(v, 55));
      const next = v128.xor(
        v128.xor(i64x2.shr_u(v, 47), i64x2.shr_u(v, 9)),
        i64x2.shl(v, 19),
      );
      const far = v128.xor(i64x2.shr_u(v, 45), i64x2.shl(v, 44));
      const last = i64x2.shr_u(v, 20);
      n0 = v128.xor(v128.xor(n1, near), v128.shuffle<i64>(zero, next, 0, 2));
      n1 = v128.xor(
        v128.xor(v128.xor(n2, far), v128.shuffle<i64>(next, zero, 1, 2)),
        v128.shuffle<i64>(zero, last, 0, 2),
      );
      n2 = v128.shuffle<i64>(last, zero, 1, 2);
    }
    crc = vector(tables, v128.xor(v128.load(ptr), n0), 0);
    crc = vector(tables, v128.xor(v128.load(ptr, 16), n1), crc);
    crc = vector(tables, v128.xor(v128.load(ptr, 32), n2), crc);
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
