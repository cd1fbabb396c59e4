import type { WriteColumn } from './write-types.js';

/** How a column lies in the shared memory. A string column is there as its int32 codes. */
export type StoredType = 'int64' | 'int32' | 'double' | 'bool';

export function storedType(column: Pick<WriteColumn, 'type'>): StoredType {
  return column.type === 'string' ? 'int32' : column.type;
}

/** Plain-encoded smallest and largest value; null where there is none. */
export interface MinMax {
  readonly min: Uint8Array | null;
  readonly max: Uint8Array | null;
}

export const NO_MIN_MAX: MinMax = { min: null, max: null };

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
