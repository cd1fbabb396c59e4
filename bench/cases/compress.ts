import { CRC_TABLE_BYTES } from '#src/core/crc32.js';
import { SNAPPY_TABLE_BYTES, snappyBytesMax } from '#src/core/snappy-compress.js';
import type { CaseMaker } from '../harness.js';
import { pageContent } from './page-content.js';

const FRAGMENT_BYTES = 65_536;
const MARGIN_BYTES = 15;

export const compressCases: CaseMaker = (memory, valueCount) => {
  const { kernels, views } = memory.core;
  const content = pageContent(valueCount);
  const ptr = memory.put(content);
  const table = memory.buffer(SNAPPY_TABLE_BYTES);
  const out = memory.buffer(snappyBytesMax(valueCount));
  const crcTables = memory.buffer(CRC_TABLE_BYTES);
  kernels.crc32Init(crcTables);
  const twinTable = crcTable();
  const twinOut = new Uint8Array(snappyBytesMax(valueCount));
  const twinBytes = snappyTwin(content, twinOut);
  const common = { valueCount, inputBytes: valueCount, prepare: () => undefined };
  return [
    {
      ...common,
      name: 'snappy compress (values are bytes)',
      ours: () => kernels.snappyCompressInto(ptr, valueCount, out, table),
      twin: () => snappyTwin(content, twinOut),
      outputs: () => ({ ours: views.bytes(out, twinBytes), twin: twinOut.subarray(0, twinBytes) }),
      floor: 500e6,
      c: {
        name: 'snappy_compress',
        input: [content],
        count: valueCount,
        expected: () => views.bytes(out, twinBytes),
      },
    },
    {
      ...common,
      name: 'crc32 (values are bytes)',
      ours: () => kernels.crc32(crcTables, ptr, valueCount, 0),
      twin: () => crcTwin(content, twinTable),
      outputs: () => ({ ours: null, twin: null }),
      c: {
        name: 'crc32',
        input: [content],
        count: valueCount,
        expected: () => {
          const crc = kernels.crc32(crcTables, ptr, valueCount, 0);
          return new Uint8Array(Int32Array.of(crc).buffer);
        },
      },
    },
  ];
};

function crcTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    return crc;
  });
}

function crcTwin(bytes: Uint8Array, table: Int32Array): number {
  let crc = -1;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return ~crc;
}

/** The same matches as the kernel finds: same hash, same steps. */
function snappyTwin(source: Uint8Array, out: Uint8Array): number {
  let to = 0;
  for (let left = source.length; ; left = Math.floor(left / 128)) {
    out[to++] = (left % 128) | (left > 127 ? 128 : 0);
    if (left < 128) break;
  }
  for (let start = 0; start < source.length; start += FRAGMENT_BYTES) {
    to = fragmentTwin(source.subarray(start, start + FRAGMENT_BYTES), out, to);
  }
  return to;
}

function fragmentTwin(source: Uint8Array, out: Uint8Array, start: number): number {
  let to = start;
  const put = (...bytes: number[]): void => {
    for (const byte of bytes) out[to++] = byte;
  };
  const literal = (from: number, end: number): void => {
    const n = end - from - 1;
    if (n < 0) return;
    if (n < 60) put(n << 2);
    else if (n < 256) put(60 << 2, n);
    else put(61 << 2, n & 255, n >> 8);
    out.set(source.subarray(from, end), to);
    to += end - from;
  };
  const copy = (offset: number, matched: number): void => {
    let left = matched;
    while (left >= 12 || offset >= 2048) {
      const length = left >= 68 ? 64 : left > 64 ? 60 : left;
      put(((length - 1) << 2) | 2, offset & 255, offset >> 8);
      left -= length;
      if (left === 0) return;
    }
    put(((offset >> 8) << 5) | ((left - 4) << 2) | 1, offset & 255);
  };
  if (source.length < MARGIN_BYTES) {
    literal(0, source.length);
    return to;
  }
  const bits = Math.min(14, Math.max(8, Math.ceil(Math.log2(source.length))));
  const table = new Uint16Array(2 ** bits);
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const word = (at: number): number => view.getUint32(at, true);
  const slotOf = (at: number): number => Math.imul(word(at), 0x1e35a7bd) >>> (32 - bits);
  const limit = source.length - MARGIN_BYTES;
  let literalAt = 0;
  let at = 1;
  while (true) {
    let candidate: number;
    let next = at;
    let skip = 32;
    do {
      at = next;
      next = at + (skip >>> 5);
      skip += skip >>> 5;
      if (next > limit) {
        literal(literalAt, source.length);
        return to;
      }
      candidate = table[slotOf(at)]!;
      table[slotOf(at)] = at;
    } while (word(at) !== word(candidate));
    literal(literalAt, at);
    do {
      let end = at + 4;
      while (end < source.length && source[end] === source[candidate + end - at]) end++;
      copy(at - candidate, end - at);
      at = end;
      literalAt = at;
      if (at >= limit) {
        literal(literalAt, source.length);
        return to;
      }
      table[slotOf(at - 1)] = at - 1;
      candidate = table[slotOf(at)]!;
      table[slotOf(at)] = at;
    } while (word(at) === word(candidate));
    at++;
  }
}
