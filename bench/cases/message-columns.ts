import { FLAG_LAST } from '#src/abi/flags.js';
import { createUnitPrng } from '../prng.js';

/** A contiguous feed without losses: messages of 1 to 15 rows, several ids each. */
export interface MessageColumnValues {
  readonly tsRecv: BigInt64Array;
  readonly sequence: BigInt64Array;
  readonly first: BigInt64Array;
  readonly prev: BigInt64Array;
  readonly flags: Int32Array;
}

export function messageColumnValues(rowCount: number): MessageColumnValues {
  const unit = createUnitPrng(4);
  const int64 = (): BigInt64Array => new BigInt64Array(rowCount);
  const columns = { tsRecv: int64(), sequence: int64(), first: int64(), prev: int64() };
  const flags = new Int32Array(rowCount);
  let id = 1_000n;
  for (let row = 0; row < rowCount; ) {
    const messageEnd = Math.min(rowCount, row + 1 + Math.floor(unit() * 15));
    const last = id + 1n + BigInt(Math.floor(unit() * 5));
    columns.tsRecv.fill(last * 1_000_000n, row, messageEnd);
    columns.sequence.fill(last, row, messageEnd);
    columns.first.fill(id + 1n, row, messageEnd);
    columns.prev.fill(id, row, messageEnd);
    flags[messageEnd - 1] = FLAG_LAST;
    id = last;
    row = messageEnd;
  }
  return { ...columns, flags };
}
