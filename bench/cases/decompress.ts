import {
  isLoaded,
  compress as libraryCompress,
  decompress as libraryDecompress,
} from '@foxglove/wasm-zstd';
import { ZSTD_WORKSPACE_BYTES } from '#src/abi/zstd.js';
import { DECOMPRESS_SLACK_BYTES, SNAPPY_TAGS_BYTES } from '#src/core/decompress.js';
import { SNAPPY_TABLE_BYTES, snappyBytesMax } from '#src/core/snappy-compress.js';
import type { CaseMaker } from '../harness.js';
import { pageContent } from './page-content.js';

await isLoaded;

/**
 * The block formats on what our own compressor makes of a page; LZ4 with the same copies. zstd as
 * its library compresses the page, which is its twin as well.
 */
export const decompressCases: CaseMaker = (memory, valueCount) => {
  const { kernels, views } = memory.core;
  const content = pageContent(valueCount);
  const contentPtr = memory.put(content);
  const scratch = memory.buffer(snappyBytesMax(valueCount));
  const table = memory.buffer(SNAPPY_TABLE_BYTES);
  const byteLength = kernels.snappyCompressInto(contentPtr, valueCount, scratch, table);
  const snappy = views.bytes(scratch, byteLength).slice();
  const lz4 = lz4OfSnappy(snappy);
  const put = (block: Uint8Array): number => {
    const ptr = memory.buffer(block.byteLength + DECOMPRESS_SLACK_BYTES);
    views.u8.set(block, ptr);
    return ptr;
  };
  const snappyPtr = put(snappy);
  const lz4Ptr = put(lz4);
  const tags = memory.buffer(SNAPPY_TAGS_BYTES);
  kernels.snappyInit(tags);
  const zstd = Uint8Array.from(libraryCompress(content, 3));
  const zstdPtr = put(zstd);
  const workspace = memory.buffer(ZSTD_WORKSPACE_BYTES);
  kernels.zstdInit(workspace);
  const out = memory.buffer(valueCount + DECOMPRESS_SLACK_BYTES);
  const twinOut = new Uint8Array(valueCount);
  const common = {
    valueCount,
    inputBytes: valueCount,
    prepare: () => undefined,
    outputs: () => ({ ours: views.bytes(out, valueCount), twin: twinOut }),
  };
  return [
    {
      ...common,
      name: 'snappy decompress (values are bytes out)',
      ours: () => kernels.snappyDecompressInto(snappyPtr, snappy.byteLength, out, valueCount, tags),
      twin: () => snappyTwin(snappy, twinOut),
      floor: 1_100e6,
      c: {
        name: 'snappy_decompress',
        input: [snappy],
        count: valueCount,
        expected: () => content,
      },
    },
    {
      ...common,
      name: 'lz4 decompress (values are bytes out)',
      ours: () => kernels.lz4DecompressInto(lz4Ptr, lz4.byteLength, out, valueCount),
      twin: () => lz4Twin(lz4, twinOut),
    },
    {
      ...common,
      name: 'zstd decompress (values are bytes out; twin: its library)',
      ours: () => kernels.zstdDecompressInto(zstdPtr, zstd.byteLength, out, valueCount, workspace),
      twin: () => {
        twinOut.set(libraryDecompress(zstd, valueCount));
        return valueCount;
      },
    },
  ];
};

type OnLiteral = (at: number, length: number) => void;
type OnCopy = (offset: number, length: number) => void;

function walkSnappy(source: Uint8Array, onLiteral: OnLiteral, onCopy: OnCopy): void {
  let at = 0;
  while (source[at++]! > 127);
  while (at < source.length) {
    const tag = source[at++]!;
    const upper = tag >> 2;
    if ((tag & 3) === 0) {
      let length = upper + 1;
      if (upper >= 60) {
        length = 1;
        for (let i = 0; i < upper - 59; i++) length += source[at++]! * 256 ** i;
      }
      onLiteral(at, length);
      at += length;
    } else if ((tag & 3) === 1) {
      onCopy((tag >> 5) * 256 + source[at++]!, (upper & 7) + 4);
    } else {
      onCopy(source[at]! + source[at + 1]! * 256, upper + 1);
      at += 2;
    }
  }
}

function copyTwin(out: Uint8Array, to: number, offset: number, length: number): number {
  for (let i = 0; i < length; i++) out[to + i] = out[to + i - offset]!;
  return to + length;
}

function snappyTwin(source: Uint8Array, out: Uint8Array): number {
  let to = 0;
  walkSnappy(
    source,
    (at, length) => {
      for (let i = 0; i < length; i++) out[to++] = source[at + i]!;
    },
    (offset, length) => {
      to = copyTwin(out, to, offset, length);
    },
  );
  return to;
}

function lz4Twin(source: Uint8Array, out: Uint8Array): number {
  let at = 0;
  let to = 0;
  const lengthOf = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    while (source[at] === 255) length += source[at++]!;
    return length + source[at++]!;
  };
  while (true) {
    const token = source[at++]!;
    for (let left = lengthOf(token >> 4); left > 0; left--) out[to++] = source[at++]!;
    if (at >= source.length) return to;
    const offset = source[at]! + source[at + 1]! * 256;
    at += 2;
    to = copyTwin(out, to, offset, lengthOf(token & 15) + 4);
  }
}

/** The same literals and copies in LZ4's format; all of the compressor's copies have 4 bytes. */
function lz4OfSnappy(source: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  let literals: number[] = [];
  const add = (length: number): void => {
    if (length < 15) return;
    let left = length - 15;
    for (; left >= 255; left -= 255) bytes.push(255);
    bytes.push(left);
  };
  const sequence = (offset: number, length: number): void => {
    const m = Math.max(0, length - 4);
    bytes.push((Math.min(15, literals.length) << 4) | Math.min(15, m));
    add(literals.length);
    for (const byte of literals) bytes.push(byte);
    literals = [];
    if (length === 0) return;
    bytes.push(offset & 255, offset >> 8);
    add(m);
  };
  walkSnappy(
    source,
    (at, length) => {
      for (let i = 0; i < length; i++) literals.push(source[at + i]!);
    },
    sequence,
  );
  sequence(0, 0);
  return Uint8Array.from(bytes);
}
