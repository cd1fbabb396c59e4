import {
  CURSOR_BYTES,
  CURSOR_CODES_MAX,
  CURSOR_KIND,
  CURSOR_NULLABLE,
  VALUE_8,
} from '#src/abi/column-cursor.js';
import { ENCODING_BYTE_STREAM_SPLIT, ENCODING_PLAIN } from '#src/abi/encodings.js';
import { PAGE_HEADER_BYTES } from '#src/abi/page-header.js';
import { hybridBytesMax } from '#src/core/page-encode.js';
import type { BenchMemory } from '../bench-memory.js';
import type { CaseMaker, KernelCase } from '../harness.js';
import { createUnitPrng } from '../prng.js';
import { pricesOf } from './page-columns.js';

/** Kernels read and write up to this much behind a block. */
const SLACK_BYTES = 64;
/** Every so many rows have no value, in runs and alone. */
const NULL_SHARE = 0.2;
/** One header for as many values as a page of the pipeline has. */
const PAGE_VALUES = 512;

interface Shape {
  readonly name: string;
  readonly encoding: number;
  /** The page's bytes, and where its levels (version 2) and its values begin. */
  readonly ptr: number;
  readonly levelBytes: number;
  readonly byteLength: number;
  readonly twin: () => BigInt64Array;
}

/** Reads a page of int64 values in runs of at most CURSOR_CODES_MAX rows. */
function shapeCase(memory: BenchMemory, valueCount: number, shape: Shape): KernelCase {
  const { kernels, views } = memory.core;
  const cursor = memory.buffer(CURSOR_BYTES);
  const out = memory.buffer(valueCount * 8 + SLACK_BYTES);
  const validity = memory.buffer(valueCount / 8 + SLACK_BYTES);
  const { name, encoding, ptr, levelBytes, byteLength, twin } = shape;
  views.i32[(cursor + CURSOR_KIND) / 4] = VALUE_8;
  views.i32[(cursor + CURSOR_NULLABLE) / 4] = levelBytes > 0 ? 1 : 0;
  const valuesPtr = ptr + levelBytes;
  const end = ptr + byteLength;
  let twinValues: BigInt64Array = new BigInt64Array(0);
  return {
    name,
    valueCount,
    inputBytes: byteLength,
    prepare: () => undefined,
    ours: () => {
      let present = kernels.cursorBegin(
        cursor,
        encoding,
        valueCount,
        ptr,
        valuesPtr,
        valuesPtr,
        end,
      );
      for (let row = 0; present >= 0 && row < valueCount; row += CURSOR_CODES_MAX) {
        const rows = Math.min(CURSOR_CODES_MAX, valueCount - row);
        present = kernels.cursorRead(cursor, rows, out, row, validity);
      }
      return present >= 0;
    },
    twin: () => {
      twinValues = twin();
      return true;
    },
    outputs: () => ({ ours: views.i64At(out, valueCount), twin: twinValues }),
  };
}

function plainCase(memory: BenchMemory, values: BigInt64Array): KernelCase {
  const ptr = memory.put(values);
  memory.buffer(SLACK_BYTES);
  return shapeCase(memory, values.length, {
    name: 'plain decode',
    encoding: ENCODING_PLAIN,
    ptr,
    levelBytes: 0,
    byteLength: values.byteLength,
    twin: () => values.slice(),
  });
}

function splitCase(memory: BenchMemory, values: BigInt64Array): KernelCase {
  const { length: count } = values;
  const bytes = new Uint8Array(values.buffer);
  const split = new Uint8Array(count * 8);
  for (let at = 0; at < bytes.length; at++) split[(at % 8) * count + (at >> 3)] = bytes[at]!;
  const ptr = memory.put(split);
  memory.buffer(SLACK_BYTES);
  return shapeCase(memory, count, {
    name: 'byte stream split decode',
    encoding: ENCODING_BYTE_STREAM_SPLIT,
    ptr,
    levelBytes: 0,
    byteLength: split.byteLength,
    twin: () => {
      const joined = new Uint8Array(count * 8);
      for (let i = 0; i < count; i++) {
        for (let b = 0; b < 8; b++) joined[i * 8 + b] = split[b * count + i]!;
      }
      return new BigInt64Array(joined.buffer);
    },
  });
}

/** Levels, and values that are spread to the rows that have one. */
function nullsCase(memory: BenchMemory, values: BigInt64Array): KernelCase {
  const { kernels, views } = memory.core;
  const { length: count } = values;
  const unit = createUnitPrng(31);
  const present = Array.from({ length: count }, () => unit() >= NULL_SHARE);
  const bits = new Uint8Array(count / 8 + SLACK_BYTES);
  present.forEach((flag, i) => {
    if (flag) bits[i >> 3] = bits[i >> 3]! | (1 << (i & 7));
  });
  const stored = values.filter((_, i) => present[i]);
  const bitsPtr = memory.put(bits);
  const ptr = memory.buffer(hybridBytesMax(count, 1) + stored.byteLength + SLACK_BYTES);
  const levelBytes = kernels.hybridEncodeBitsInto(bitsPtr, count, ptr);
  views.u8.set(new Uint8Array(stored.buffer), ptr + levelBytes);
  return shapeCase(memory, count, {
    name: `plain decode, ${NULL_SHARE * 100} % nulls`,
    encoding: ENCODING_PLAIN,
    ptr,
    levelBytes,
    byteLength: levelBytes + stored.byteLength,
    twin: () => {
      const spread = new BigInt64Array(count);
      let next = 0;
      for (let i = 0; i < count; i++) if (present[i]) spread[i] = stored[next++]!;
      return spread;
    },
  });
}

/** A header of version 1 with a checksum, as our writer has it. */
const HEADER = Uint8Array.of(
  ...[0x15, 0, 0x15, 0x80, 0x80, 0x08, 0x15, 0x80, 0x60, 0x15, 0xff, 0xff, 0xff, 0x0f],
  ...[0x1c, 0x15, 0x80, 0x40, 0x15, 0x10, 0x15, 6, 0x15, 6, 0, 0],
);

function headerCase(memory: BenchMemory, valueCount: number): KernelCase {
  const { kernels } = memory.core;
  const ptr = memory.put(HEADER);
  const out = memory.buffer(PAGE_HEADER_BYTES);
  const headerCount = Math.ceil(valueCount / PAGE_VALUES);
  const bytesOf = (read: () => number): number => {
    let sum = 0;
    for (let i = 0; i < headerCount; i++) sum += read();
    return sum;
  };
  return {
    name: 'page header (values are headers)',
    valueCount: headerCount,
    inputBytes: headerCount * HEADER.byteLength,
    prepare: () => undefined,
    ours: () => bytesOf(() => kernels.pageHeader(ptr, HEADER.byteLength, out)),
    twin: () => bytesOf(() => headerTwin(HEADER)),
    outputs: () => ({ ours: null, twin: null }),
  };
}

/** Reads the structs of a header field by field into a map; returns its bytes. */
function headerTwin(bytes: Uint8Array): number {
  const fields = new Map<string, number>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const struct = (path: string): void => {
    for (let id = 0; ; ) {
      const head = bytes[at++]!;
      if (head === 0) return;
      id += head >> 4;
      if ((head & 15) === 12) struct(`${path}${id}.`);
      else fields.set(`${path}${id}`, varint());
    }
  };
  struct('');
  return at;
}

export const pageShapeCases: CaseMaker = (memory, valueCount) => [
  plainCase(memory, pricesOf(valueCount)),
  splitCase(memory, pricesOf(valueCount)),
  nullsCase(memory, pricesOf(valueCount)),
  headerCase(memory, valueCount),
];
