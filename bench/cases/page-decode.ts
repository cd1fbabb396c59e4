import {
  CURSOR_BYTES,
  CURSOR_CODES_MAX,
  CURSOR_CODES_PTR,
  CURSOR_DICTIONARY_PTR,
  CURSOR_KIND,
  VALUE_8,
} from '#src/abi/column-cursor.js';
import { ENCODING_DELTA_BINARY_PACKED, ENCODING_RLE_DICTIONARY } from '#src/abi/encodings.js';
import { DELTA_SCRATCH_BYTES, deltaBytesMax, hybridBytesMax } from '#src/core/page-encode.js';
import type { BenchMemory } from '../bench-memory.js';
import type { CCase } from '../c-program.js';
import type { CaseMaker, KernelCase } from '../harness.js';
import { pricesOf, stampsOf } from './page-columns.js';

/** Kernels read and write up to this much behind a block. */
const SLACK_BYTES = 64;

/** A data page of int64 values in the memory. */
interface ValuePage {
  readonly encoding: number;
  readonly ptr: number;
  readonly byteLength: number;
  /** Address and entries of its dictionary, if it has one. */
  readonly dictionary: { readonly ptr: number; readonly count: number } | null;
}

/** Reads a page as the reader of columns does, in runs of at most CURSOR_CODES_MAX rows. */
function pageCase(
  memory: BenchMemory,
  page: ValuePage,
  values: BigInt64Array,
  what: { readonly name: string; readonly twin: () => BigInt64Array; readonly c: CCase },
): KernelCase {
  const { kernels, views } = memory.core;
  const valueCount = values.length;
  const cursor = memory.buffer(CURSOR_BYTES);
  const out = memory.buffer(values.byteLength + SLACK_BYTES);
  const set = (field: number, value: number): void => {
    views.i32[(cursor + field) / 4] = value;
  };
  set(CURSOR_KIND, VALUE_8);
  set(CURSOR_CODES_PTR, memory.buffer(CURSOR_CODES_MAX * 2 + SLACK_BYTES));
  const { encoding, ptr, byteLength, dictionary } = page;
  const end = ptr + byteLength;
  if (dictionary !== null) {
    set(CURSOR_DICTIONARY_PTR, memory.buffer(dictionary.count * 8 + SLACK_BYTES));
    const dictionaryEnd = dictionary.ptr + dictionary.count * 8;
    kernels.cursorDictionary(cursor, dictionary.ptr, dictionaryEnd, dictionary.count);
  }
  let twinValues: BigInt64Array = new BigInt64Array(0);
  return {
    name: what.name,
    valueCount,
    inputBytes: byteLength,
    prepare: () => undefined,
    ours: () => {
      let present = kernels.cursorBegin(cursor, encoding, valueCount, 0, 0, ptr, end);
      for (let row = 0; present >= 0 && row < valueCount; row += CURSOR_CODES_MAX) {
        const rows = Math.min(CURSOR_CODES_MAX, valueCount - row);
        present = kernels.cursorRead(cursor, rows, out, row, 0);
      }
      return present >= 0;
    },
    twin: () => {
      twinValues = what.twin();
      return true;
    },
    outputs: () => ({ ours: views.i64At(out, valueCount), twin: twinValues }),
    c: { ...what.c, expected: () => views.bytes(out, values.byteLength).slice() },
  };
}

/** DELTA_BINARY_PACKED as our own encoder writes it. */
function deltaCase(memory: BenchMemory, name: string, values: BigInt64Array): KernelCase {
  const { kernels, views } = memory.core;
  const { length: count } = values;
  const ptr = memory.buffer(deltaBytesMax(count, 8) + SLACK_BYTES);
  const scratch = memory.buffer(DELTA_SCRATCH_BYTES);
  const byteLength = kernels.deltaEncodeI64Into(memory.put(values), count, ptr, scratch);
  const bytes = views.bytes(ptr, byteLength).slice();
  const page = { encoding: ENCODING_DELTA_BINARY_PACKED, ptr, byteLength, dictionary: null };
  return pageCase(memory, page, values, {
    name: `delta decode ${name}`,
    twin: () => deltaTwin(bytes),
    c: { name: 'delta_decode', input: [bytes], count },
  });
}

/** RLE_DICTIONARY: the width, then the hybrid of indices. */
function dictionaryCase(memory: BenchMemory, values: BigInt64Array): KernelCase {
  const { kernels, views } = memory.core;
  const { length: count } = values;
  const places = new Map<bigint, number>();
  const indices = Uint16Array.from(values, (value) => {
    const place = places.get(value) ?? places.size;
    places.set(value, place);
    return place;
  });
  const entries = BigInt64Array.from(places.keys());
  const width = Math.ceil(Math.log2(entries.length));
  const ptr = memory.buffer(1 + hybridBytesMax(count, width) + SLACK_BYTES);
  views.u8[ptr] = width;
  const indicesPtr = memory.put(indices);
  memory.buffer(SLACK_BYTES);
  const hybridBytes = kernels.hybridEncodeU16Into(indicesPtr, count, width, ptr + 1);
  const hybrid = views.bytes(ptr + 1, hybridBytes).slice();
  const dictionary = { ptr: memory.put(entries), count: entries.length };
  memory.buffer(SLACK_BYTES);
  const byteLength = 1 + hybridBytes;
  const page = { encoding: ENCODING_RLE_DICTIONARY, ptr, byteLength, dictionary };
  const input = [BigInt64Array.of(BigInt(entries.length)), entries, hybrid];
  return pageCase(memory, page, values, {
    name: `dictionary decode prices, ${width} bits`,
    twin: () => dictionaryTwin(hybrid, width, entries, count),
    c: { name: 'dictionary_decode', input, count, param: width },
  });
}

export const pageDecodeCases: CaseMaker = (memory, valueCount) => [
  deltaCase(memory, 'prices', pricesOf(valueCount)),
  deltaCase(memory, 'stamps', stampsOf(valueCount)),
  dictionaryCase(memory, pricesOf(valueCount)),
];

/** Reads varints and bits; numbers below 2^53 but for the values themselves. */
class TwinBytes {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes[this.at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  zigzag(): bigint {
    const value = this.varint();
    return (value >> 1n) ^ -(value & 1n);
  }

  /** The value of `width` bits that begins at a bit behind `at`. */
  bits(bit: number, width: number): number {
    let value = 0;
    for (let i = width - 1; i >= 0; i--) {
      const place = this.at * 8 + bit + i;
      value = value * 2 + ((this.bytes[place >> 3]! >> (place & 7)) & 1);
    }
    return value;
  }
}

function deltaTwin(page: Uint8Array): BigInt64Array {
  const bytes = new TwinBytes(page);
  const [blockValues, miniblocks, count] = [bytes.varint(), bytes.varint(), bytes.varint()];
  const miniblockValues = Number(blockValues / miniblocks);
  const values: bigint[] = [bytes.zigzag()];
  while (values.length < Number(count)) {
    const smallest = bytes.zigzag();
    const widths = page.subarray(bytes.at, bytes.at + Number(miniblocks));
    bytes.at += Number(miniblocks);
    for (const width of widths) {
      if (values.length === Number(count)) break;
      for (let i = 0; i < miniblockValues && values.length < Number(count); i++) {
        values.push(values.at(-1)! + smallest + BigInt(bytes.bits(i * width, width)));
      }
      bytes.at += (miniblockValues * width) / 8;
    }
  }
  return BigInt64Array.from(values);
}

function dictionaryTwin(
  hybrid: Uint8Array,
  width: number,
  entries: BigInt64Array,
  count: number,
): BigInt64Array {
  const bytes = new TwinBytes(hybrid);
  const values: bigint[] = [];
  while (values.length < count) {
    const head = Number(bytes.varint());
    const isPacked = (head & 1) === 1;
    const runValues = isPacked ? (head >> 1) * 8 : head >> 1;
    for (let i = 0; i < runValues && values.length < count; i++) {
      values.push(entries[bytes.bits(isPacked ? i * width : 0, width)]!);
    }
    bytes.at += isPacked ? (head >> 1) * width : Math.ceil(width / 8);
  }
  return BigInt64Array.from(values);
}
