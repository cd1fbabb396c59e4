// CRC-32 as zlib, gzip and Parquet's page headers have it (polynomial 0xEDB88320, reflected),
// 16 bytes a step over 16 tables.
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

export function crc32(tables: usize, ptr: usize, byteLength: i32, crc: u32): u32 {
  crc = ~crc;
  const end = ptr + <usize>byteLength;
  for (; ptr + 16 <= end; ptr += 16) {
    crc =
      word(tables, 15, load<u32>(ptr) ^ crc) ^
      word(tables, 11, load<u32>(ptr, 4)) ^
      word(tables, 7, load<u32>(ptr, 8)) ^
      word(tables, 3, load<u32>(ptr, 12));
  }
  for (; ptr < end; ptr++) crc = at(tables, 0, crc ^ load<u8>(ptr)) ^ (crc >>> 8);
  return ~crc;
}
