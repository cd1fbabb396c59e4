import type { OnRows, SourceColumn } from './reader.js';

/** Hands over what comes behind the first `skipCount` rows. */
export function rowsBehind(skipCount: number, onRows: OnRows): OnRows {
  let left = skipCount;
  return (columns, rowCount) => {
    const skipped = Math.min(left, rowCount);
    left -= skipped;
    if (skipped === 0) onRows(columns, rowCount);
    else if (skipped < rowCount) {
      const rest = columns.map((column) => withoutFirst(column, skipped));
      onRows(rest, rowCount - skipped);
    }
  };
}

/** The column without its first `count` rows; bitmaps are copied, since theirs begin with a bit. */
function withoutFirst(column: SourceColumn, count: number): SourceColumn {
  const { info, values, offsets, validity } = column;
  const rowCount = column.rowCount - count;
  const restValidity = validity === null ? null : bitsFrom(validity, count, rowCount);
  const nullCount = restValidity === null ? 0 : rowCount - countSet(restValidity);
  const rest = {
    ...column,
    rowCount,
    nullCount,
    valuesPtr: null,
    validity: nullCount === 0 ? null : restValidity,
    offsets: offsets === null ? null : offsets.subarray(count),
  };
  // The bytes of texts stay as they are: offsets say where each stands.
  if (offsets !== null) return rest;
  if (info.type === 'bool') return { ...rest, values: bitsFrom(values, count, rowCount) };
  return { ...rest, values: values.subarray((values.byteLength / column.rowCount) * count) };
}

function bitsFrom(bits: Uint8Array, from: number, count: number): Uint8Array {
  const rest = new Uint8Array(Math.ceil(count / 8));
  for (let bit = 0; bit < count; bit++) {
    const isSet = (bits[(from + bit) >> 3]! >> ((from + bit) & 7)) & 1;
    rest[bit >> 3] = rest[bit >> 3]! | (isSet << (bit & 7));
  }
  return rest;
}

function countSet(bits: Uint8Array): number {
  let set = 0;
  for (const byte of bits) for (let rest = byte; rest !== 0; rest &= rest - 1) set++;
  return set;
}
