import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import type { StoredType, ValueRun } from './page-source.js';

/** Plain-encoded smallest and largest value; null where there is none. */
export interface MinMax {
  readonly min: Uint8Array | null;
  readonly max: Uint8Array | null;
}

export const NO_MIN_MAX: MinMax = { min: null, max: null };

const KERNELS = { int64: 'minMaxI64', int32: 'minMaxI32', double: 'minMaxF64' } as const;

/** Min and max of a page's values; `outPtr` has 16 bytes. */
export function pageMinMax(
  core: Core,
  type: Exclude<StoredType, 'bool'>,
  runs: readonly ValueRun[],
  outPtr: number,
): MinMax {
  const { kernels, views } = core;
  const name = KERNELS[type];
  let isThere = 0;
  runs.forEach(({ ptr, count }, i) => {
    isThere = countOf(name, kernels[name](ptr, count, outPtr, i === 0 ? 0 : 1));
  });
  if (isThere === 0) return NO_MIN_MAX;
  const byteLength = type === 'int32' ? 4 : 8;
  // slice() copies out of the shared memory.
  return {
    min: views.bytes(outPtr, byteLength).slice(),
    max: views.bytes(outPtr + 8, byteLength).slice(),
  };
}

/** Min and max of a page whose values ascend; there is one at least. */
export function firstAndLast(
  core: Core,
  type: 'int64' | 'int32',
  runs: readonly ValueRun[],
): MinMax {
  const { views } = core;
  const byteLength = type === 'int32' ? 4 : 8;
  const first = runs[0]!;
  const last = runs.at(-1)!;
  return {
    min: views.bytes(first.ptr, byteLength).slice(),
    max: views.bytes(last.ptr + (last.count - 1) * byteLength, byteLength).slice(),
  };
}

/** Min and max of a page's `count` bits. */
export function bitsMinMax(core: Core, bitsPtr: number, count: number): MinMax {
  if (count === 0) return NO_MIN_MAX;
  const set = countOf('countBits', core.kernels.countBits(bitsPtr, count));
  return { min: Uint8Array.of(set === count ? 1 : 0), max: Uint8Array.of(set > 0 ? 1 : 0) };
}

/** Order of two plain-encoded values: negative, zero or positive. */
export function comparePlain(type: StoredType, a: Uint8Array, b: Uint8Array): number {
  const x = plainNumber(type, a);
  const y = plainNumber(type, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

function plainNumber(type: StoredType, bytes: Uint8Array): bigint | number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'int64':
      return view.getBigInt64(0, true);
    case 'int32':
      return view.getInt32(0, true);
    case 'double':
      return view.getFloat64(0, true);
    case 'bool':
      return view.getUint8(0);
  }
}

/** Min and max of a chunk out of its pages'. */
export function mergeMinMax(type: StoredType, pages: readonly MinMax[]): MinMax {
  let min: Uint8Array | null = null;
  let max: Uint8Array | null = null;
  for (const page of pages) {
    if (page.min !== null && (min === null || comparePlain(type, page.min, min) < 0)) {
      min = page.min;
    }
    if (page.max !== null && (max === null || comparePlain(type, page.max, max) > 0)) {
      max = page.max;
    }
  }
  return { min, max };
}
