import { BOOK_LIVE, CADENCE_MESSAGE, RUN_BYTES } from '#src/abi/book.js';
import { bookApply, bookClear, bookInit } from '#src/core/book.js';
import { BookHead } from '#src/core/book-head.js';
import { BookRun } from '#src/core/book-run.js';
import type { BenchMemory } from '../bench-memory.js';
import type { CCase } from '../c-program.js';
import type { CaseMaker, KernelCase } from '../harness.js';
import { type MarketRows, marketRows, TICK_PIPS } from './book-market.js';
import { TwinSide } from './twin-side.js';

/** DESIGN section 3: the lower end of the prototype's 66 to 83 M updates/s. */
const FLOOR = 66e6;
const BLOCK_BYTES = 4 * 2 ** 20;
/** Columns of equal addresses modulo 4 KiB fight for the same lines of the cache. */
const SKEW_BYTES = 320;

/** What a run writes: price and quantity of each level column, one after the other. */
function twinRun(rows: MarketRows, depth: number, out: BigInt64Array, outRows: number): number {
  const bids = new TwinSide(true);
  const asks = new TwinSide(false);
  let count = 0;
  for (let row = 0; row < rows.flags.length; row++) {
    (rows.isBid[row] === 1 ? bids : asks).set(rows.pricePips[row]!, rows.qtyPips[row]!);
    if (rows.flags[row] === 0) continue;
    [bids, asks].forEach(({ prices, qtys }, side) => {
      for (let level = 0; level < depth; level++) {
        const column = 2 * (side * depth + level);
        out[column * outRows + count] = prices[level] ?? 0n;
        out[(column + 1) * outRows + count] = qtys[level] ?? 0n;
      }
    });
    count++;
  }
  return count;
}

function applyCase(
  memory: BenchMemory,
  name: string,
  rows: MarketRows,
  options: { depth: number; floor?: number },
): KernelCase {
  const { core } = memory;
  const rowCount = rows.flags.length;
  const outRows = rows.flags.reduce((count, flags) => count + (flags === 0 ? 0 : 1), 0);
  const { depth } = options;
  const skewed = (byteLength: number): number => memory.buffer(byteLength + SKEW_BYTES);
  const put = (values: ArrayBufferView): number => {
    skewed(0);
    return memory.put(values);
  };
  const bits = new Uint8Array(Math.ceil(rowCount / 8));
  rows.isBid.forEach((isBid, row) => {
    bits[row >> 3]! |= isBid << (row & 7);
  });
  const stampsPtr = put(rows.stamps);
  const columns = {
    tsRecvPtr: stampsPtr,
    tsEventPtr: stampsPtr,
    sequencePtr: stampsPtr,
    isBidPtr: put(bits),
    pricePtr: put(rows.pricePips),
    qtyPtr: put(rows.qtyPips),
    flagsPtr: put(rows.flags),
  };
  const levelStride = Math.ceil((outRows * 8) / 64) * 64 + SKEW_BYTES;
  const validityStride = Math.ceil(outRows / 8);
  const output = {
    tsRecvPtr: skewed(outRows * 8),
    tsEventPtr: skewed(outRows * 8),
    sequencePtr: skewed(outRows * 8),
    flagsPtr: skewed(outRows * 4),
    levelsPtr: skewed(4 * depth * levelStride),
    levelStride,
    validityPtr: skewed(4 * depth * validityStride),
    validityStride,
    agePtr: 0,
    capacity: outRows,
  };
  const bookPtr = memory.buffer(BLOCK_BYTES);
  bookInit(core, bookPtr, BLOCK_BYTES);
  new BookHead(core.views, bookPtr).state = BOOK_LIVE;
  const run = new BookRun(core.views, memory.buffer(RUN_BYTES));
  run.setOptions({
    cadence: CADENCE_MESSAGE,
    depth,
    suspectOnCross: false,
    intervalNs: 0n,
    clockIsEvent: false,
  });
  run.setColumns(columns);
  const twinOut = new BigInt64Array(4 * depth * outRows);
  return {
    name,
    valueCount: rowCount,
    inputBytes: rowCount * 28,
    prepare: () => bookClear(core, bookPtr),
    ours: () => {
      run.setOutput(output);
      run.setRows({ row: 0, rowEnd: rowCount, messageStart: 0 });
      bookApply(core, bookPtr, run.ptr);
      return run.outCount;
    },
    twin: () => twinRun(rows, depth, twinOut, outRows),
    outputs: () => {
      const ours = new BigInt64Array(twinOut.length);
      for (let column = 0; column < 4 * depth; column++) {
        const ptr = output.levelsPtr + column * levelStride;
        ours.set(core.views.i64At(ptr, outRows), column * outRows);
      }
      return { ours, twin: twinOut };
    },
    ...(options.floor === undefined
      ? {}
      : { floor: options.floor, c: { ...inC(rows), expected: () => rowByRow(twinOut, outRows) } }),
  };
}

function inC({ pricePips, qtyPips, isBid, flags }: MarketRows): CCase {
  const isLast = Uint8Array.from(flags, (each) => (each === 0 ? 0 : 1));
  const input = [pricePips, qtyPips, isBid, isLast];
  return { name: 'book', input, count: flags.length, param: TICK_PIPS };
}

/** Four columns as C writes them: the values of each row side by side. */
function rowByRow(columns: BigInt64Array, rowCount: number): Uint8Array {
  const rows = columns.map((_, i) => columns[(i % 4) * rowCount + (i >> 2)]!);
  return new Uint8Array(rows.buffer);
}

/** Beyond this many rows a twin of sorted arrays takes minutes: one case shows what a cache does. */
const ROWS_MAX = 65_536;

export const bookCases: CaseMaker = (memory, valueCount) => {
  const market = (messageRows: number, farShare = 0): MarketRows =>
    marketRows(valueCount, { messageRows, farShare });
  const each10th = applyCase(memory, 'bookApply best of each 10th', market(10), { depth: 1 });
  if (valueCount > ROWS_MAX) return [each10th];
  return [
    applyCase(memory, 'bookApply best of each row', market(1), { depth: 1, floor: FLOOR }),
    each10th,
    applyCase(memory, 'bookApply half far away', market(10, 0.5), { depth: 1 }),
    applyCase(memory, 'bookApply top 20 of each 10th', market(10), { depth: 20 }),
  ];
};
