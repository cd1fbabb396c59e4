import { DICTIONARY_BYTES } from '#src/abi/dictionary.js';
import { DELTA_SCRATCH_BYTES, deltaBytesMax, runBytesMax } from '#src/core/page-encode.js';
import type { BenchMemory } from '../bench-memory.js';
import type { CaseMaker, KernelCase } from '../harness.js';
import { pricesOf, stampsOf } from './page-columns.js';

export const pageEncodeCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const { kernels, views } = core;
  const columns = { prices: pricesOf(valueCount), stamps: stampsOf(valueCount) };
  const cases = Object.entries(columns).flatMap(([name, values]) => {
    const ptr = memory.put(values);
    const scratch = memory.buffer(DELTA_SCRATCH_BYTES);
    const out = memory.buffer(deltaBytesMax(valueCount, 8));
    const block = memory.buffer(DICTIONARY_BYTES);
    // The kernel may write 32 bytes behind the indices.
    const indicesPtr = memory.buffer(valueCount * 2 + 32);
    const twinOut = new Uint8Array(deltaBytesMax(valueCount, 8));
    let twinIndices = new Uint16Array(0);
    const deltaBytes = deltaTwin(values, twinOut);
    const common = { valueCount, inputBytes: valueCount * 8, prepare: () => undefined };
    return [
      {
        ...common,
        name: `delta encode ${name}`,
        ours: () => kernels.deltaEncodeI64Into(ptr, valueCount, out, scratch),
        twin: () => deltaTwin(values, twinOut),
        outputs: () => ({
          ours: views.bytes(out, deltaBytes),
          twin: twinOut.subarray(0, deltaBytes),
        }),
        floor: 490e6,
        c: {
          name: 'delta_encode',
          input: [values],
          count: valueCount,
          expected: () => views.bytes(out, deltaBytes),
        },
      },
      {
        ...common,
        name: `dictionary encode ${name}`,
        ours: () => {
          kernels.dictionaryInit(block);
          return kernels.dictionaryAddI64(block, ptr, valueCount, indicesPtr);
        },
        twin: () => {
          twinIndices = dictionaryTwin(values);
          return twinIndices.length;
        },
        outputs: () => ({
          ours: new Uint16Array(views.bytes(indicesPtr, valueCount * 2).slice().buffer),
          twin: twinIndices,
        }),
      },
    ];
  });
  return [...cases, runCase(memory, valueCount)];
};

/** Indices of stamps, said as runs. */
function runCase(memory: BenchMemory, valueCount: number): KernelCase {
  const { kernels, views } = memory.core;
  // Indices of a page fit 16 bits: more stamps than that start again at 0.
  const indices = dictionaryTwin(stampsOf(valueCount));
  const ptr = memory.put(indices);
  const out = memory.buffer(runBytesMax(valueCount));
  const twinOut = new Uint8Array(runBytesMax(valueCount));
  const byteLength = runTwin(indices, twinOut);
  return {
    name: 'run encode indices of stamps',
    valueCount,
    inputBytes: valueCount * 2,
    prepare: () => undefined,
    ours: () => kernels.runEncodeU16Into(ptr, valueCount, 16, out),
    twin: () => runTwin(indices, twinOut),
    outputs: () => ({
      ours: views.bytes(out, byteLength),
      twin: twinOut.subarray(0, byteLength),
    }),
  };
}

function runTwin(values: Uint16Array, out: Uint8Array): number {
  let at = 0;
  for (let start = 0; start < values.length; ) {
    let end = start + 1;
    while (end < values.length && values[end] === values[start]) end++;
    let header = (end - start) * 2;
    for (; header > 127; header >>>= 7) out[at++] = (header & 127) | 128;
    out[at++] = header;
    out[at++] = values[start]! & 255;
    out[at++] = values[start]! >> 8;
    start = end;
  }
  return at;
}

function dictionaryTwin(values: BigInt64Array): Uint16Array<ArrayBuffer> {
  const places = new Map<bigint, number>();
  return Uint16Array.from(values, (value) => {
    const known = places.get(value);
    if (known !== undefined) return known;
    places.set(value, places.size);
    return places.size - 1;
  });
}

/**
 * For columns whose deltas are below 2^53. Numbers and not bigints: Node 20's optimising compiler
 * dies of a bigint that a loop carries out of a BigInt64Array ("Phi of kRepTagged ... cannot be
 * changed to kRepWord64").
 */
function deltaTwin(values: BigInt64Array, out: Uint8Array): number {
  let at = 0;
  const varint = (value: number): void => {
    let left = value;
    for (; left > 127; left = Math.floor(left / 128)) out[at++] = (left % 128) | 128;
    out[at++] = left;
  };
  const signed = (value: number): void => varint(value >= 0 ? value * 2 : -value * 2 - 1);
  varint(256);
  varint(8);
  varint(values.length);
  for (const byte of firstValueBytes(values[0] ?? 0n)) out[at++] = byte;
  for (let start = 1; start < values.length; start += 256) {
    const count = Math.min(256, values.length - start);
    const deltas = Array.from({ length: count }, (_, i) =>
      Number(values[start + i]! - values[start + i - 1]!),
    );
    const smallest = Math.min(...deltas);
    signed(smallest);
    const widthsAt = at;
    out.fill(0, at, at + 8);
    at += 8;
    for (let from = 0; from < count; from += 32) {
      const above = deltas.slice(from, from + 32).map((delta) => delta - smallest);
      const largest = Math.max(...above);
      const width = largest === 0 ? 0 : largest.toString(2).length;
      out[widthsAt + from / 32] = width;
      out.fill(0, at, at + width * 4);
      for (const [i, value] of above.entries()) setBits(out, at * 8 + i * width, value, width);
      at += width * 4;
    }
  }
  return at;
}

function firstValueBytes(value: bigint): number[] {
  const digits = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)).toString(2);
  const groups: number[] = [];
  for (let end = digits.length; end > 0; end -= 7) {
    groups.push(Number.parseInt(digits.slice(Math.max(0, end - 7), end), 2) | (end > 7 ? 128 : 0));
  }
  return groups;
}

function setBits(out: Uint8Array, bit: number, value: number, width: number): void {
  let left = value;
  for (let to = bit; to < bit + width; to++) {
    out[to >> 3] = out[to >> 3]! | ((left % 2) << (to & 7));
    left = Math.floor(left / 2);
  }
}
