import { BOOK_LIVE, CADENCE_NONE, RUN_BYTES } from '#src/abi/book.js';
import { WITNESSES_BYTES } from '#src/abi/witnesses.js';
import { bookClear, bookFollow, bookInit } from '#src/core/book.js';
import { BookHead } from '#src/core/book-head.js';
import { BookRun } from '#src/core/book-run.js';
import { WitnessRows } from '#src/core/witness-rows.js';
import type { BenchMemory } from '../bench-memory.js';
import type { CaseMaker } from '../harness.js';
import { type MarketRows, marketRows } from './book-market.js';
import { TwinSide } from './twin-side.js';

const BLOCK_BYTES = 4 * 2 ** 20;
const LEVELS = 20;
/** Rows between two witnesses: about what Crypto Lake's real rows have. */
const WITNESS_EVERY = 500;
/** A twin of sorted arrays takes minutes beyond. */
const ROWS_MAX = 65_536;

/** Applies the rows and calls `atWitness` behind each 500th. */
function twinWalk(rows: MarketRows, atWitness: (sides: readonly TwinSide[]) => void): void {
  const sides = [new TwinSide(true), new TwinSide(false)];
  for (let row = 0; row < rows.flags.length; row++) {
    sides[rows.isBid[row] === 1 ? 0 : 1]!.set(rows.pricePips[row]!, rows.qtyPips[row]!);
    if ((row + 1) % WITNESS_EVERY === 0) atWitness(sides);
  }
}

/** Level columns of true witnesses, as they lie in a slot: price and quantity of each level. */
function witnessColumns(rows: MarketRows, witnessCount: number): BigInt64Array {
  const columns = new BigInt64Array(4 * LEVELS * witnessCount);
  let witness = 0;
  twinWalk(rows, (sides) => {
    sides.forEach(({ prices, qtys }, side) => {
      for (let level = 0; level < LEVELS; level++) {
        const column = 2 * (side * LEVELS + level);
        columns[column * witnessCount + witness] = prices[level]!;
        columns[(column + 1) * witnessCount + witness] = qtys[level]!;
      }
    });
    witness++;
  });
  return columns;
}

/** How many witnesses agree with the book that the rows make. */
function twinFollow(rows: MarketRows, columns: BigInt64Array, witnessCount: number): number {
  let agreed = 0;
  let witness = 0;
  twinWalk(rows, (sides) => {
    const agrees = sides.every(({ prices, qtys }, side) => {
      for (let level = 0; level < LEVELS; level++) {
        const at = 2 * (side * LEVELS + level) * witnessCount + witness;
        if (columns[at] !== prices[level] || columns[at + witnessCount] !== qtys[level])
          return false;
      }
      return true;
    });
    if (agrees) agreed++;
    witness++;
  });
  return agreed;
}

function put(memory: BenchMemory, rows: MarketRows): Parameters<BookRun['setColumns']>[0] {
  const bits = new Uint8Array(Math.ceil(rows.flags.length / 8));
  rows.isBid.forEach((isBid, row) => {
    bits[row >> 3]! |= isBid << (row & 7);
  });
  const stampsPtr = memory.put(rows.stamps);
  return {
    tsRecvPtr: stampsPtr,
    tsEventPtr: stampsPtr,
    sequencePtr: stampsPtr,
    isBidPtr: memory.put(bits),
    pricePtr: memory.put(rows.pricePips),
    qtyPtr: memory.put(rows.qtyPips),
    flagsPtr: memory.put(rows.flags),
  };
}

/** Rows in messages of ten without book rows, and a true witness of 20 levels each 500 rows. */
export const bookFollowCases: CaseMaker = (memory, valueCount) => {
  if (valueCount > ROWS_MAX) return [];
  const { core } = memory;
  const market = marketRows(valueCount, { messageRows: 10, farShare: 0 });
  const witnessCount = Math.floor(valueCount / WITNESS_EVERY);
  const levels = witnessColumns(market, witnessCount);
  const keys = BigInt64Array.from(
    { length: witnessCount },
    (_, k) => market.stamps[(k + 1) * WITNESS_EVERY - 1]!,
  );
  const counts = memory.put(new Int32Array(witnessCount).fill(LEVELS));
  const [keyPtr, bidPtr] = [memory.put(keys), memory.put(levels)];
  const qtyOffset = witnessCount * 8;
  const columns = {
    tsRecvPtr: keyPtr,
    tsEventPtr: keyPtr,
    sequencePtr: keyPtr,
    bidCountPtr: counts,
    askCountPtr: counts,
    bidPtr,
    askPtr: bidPtr + 2 * LEVELS * qtyOffset,
    levelStride: 2 * qtyOffset,
    qtyOffset,
    levelCount: LEVELS,
  };
  const range = { row: 0, rowEnd: witnessCount, bySequence: true, keyMax: 2n ** 63n - 1n };
  const bookPtr = memory.buffer(BLOCK_BYTES);
  bookInit(core, bookPtr, BLOCK_BYTES);
  new BookHead(core.views, bookPtr).state = BOOK_LIVE;
  const run = new BookRun(core.views, memory.buffer(RUN_BYTES));
  const none = { suspectOnCross: true, intervalNs: 0n, clockIsEvent: false };
  run.setOptions({ cadence: CADENCE_NONE, depth: 0, ...none });
  run.setColumns(put(memory, market));
  const witnesses = new WitnessRows(core.views, memory.buffer(WITNESSES_BYTES));
  const agreed = { ours: 0, twin: 0 };
  return [
    {
      name: `bookFollow a witness each ${WITNESS_EVERY}`,
      valueCount,
      inputBytes: valueCount * 28,
      prepare: () => bookClear(core, bookPtr),
      ours: () => {
        run.setRows({ row: 0, rowEnd: valueCount, messageStart: 0 });
        witnesses.set(columns, range);
        bookFollow(core, bookPtr, run.ptr, witnesses.ptr);
        agreed.ours = witnesses.row;
        return agreed.ours;
      },
      twin: () => {
        agreed.twin = twinFollow(market, levels, witnessCount);
        return agreed.twin;
      },
      outputs: () => ({ ours: agreed.ours, twin: agreed.twin }),
    },
  ];
};
