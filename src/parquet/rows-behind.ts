import type { OnRows, SourceColumn } from './reader.js';

/** Hands over what comes behind the first `skipCount` rows. */
export function rowsBehind(skipCount: number, onRows: OnRows): OnRows {
  let left = skipCount;
  return (columns, rowCount) => {
    const skipped = Math.min(left, rowCount);
    left -= skipped;
    const count = rowCount - skipped;
    if (skipped === 0) onRows(columns, rowCount);
    else if (count > 0)
      onRows(
        columns.map((column) => rowsOf(column, skipped, count)),
        count,
      );
  };
}

/** `count` rows of a column from row `first` on; bitmaps are copied, since theirs begin with a bit. */
export function rowsOf(column: SourceColumn, first: number, count: number): SourceColumn {
  const { info, values, offsets, validity, rowCount } = column;
  const restValidity = validity === null ? null : bitsFrom(validity, first, count);
  const nullCount = restValidity === null ? 0 : count - countSet(restValidity);
  const rest = {
    ...column,
    rowCount: count,
    nullCount,
    valuesPtr: first === 0 ? column.valuesPtr : null,
    validity: nullCount === 0 ? null : restValidity,
    offsets: offsets === null ? null : offsets.subarray(first, first + count + 1),
  };
  // The bytes of texts stay as they are: offsets say where each stands.
  if (offsets !== null) return rest;
  if (info.type === 'bool') {
    return { ...rest, valuesPtr: null, values: bitsFrom(values, first, count) };
  }
  const width = values.byteLength / rowCount;
  return { ...rest, values: values.subarray(width * first, width * (first + count)) };
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
