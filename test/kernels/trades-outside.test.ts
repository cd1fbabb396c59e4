import { describe, expect, it } from 'vitest';
import { FLAG_BAD_TS, FLAG_MAYBE_BAD_BOOK, FLAG_OFF_BOOK } from '#src/abi/flags.js';
import { TOPS_BYTES } from '#src/abi/tops.js';
import { Tops, tradesOutside } from '#src/core/trades-outside.js';
import { countOutside, type Top, type Trade } from '../oracle/trades-outside.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const WINDOW_NS = 100n;

function randomTops(prng: Prng, count: number): Top[] {
  let tsRecv = 1_000n;
  return Array.from({ length: count }, () => {
    tsRecv += BigInt(prng.int(0, 120));
    const bidPips = prng.chance(0.03) ? 0n : BigInt(prng.int(100, 110));
    const askPips = prng.chance(0.03) ? 0n : BigInt(prng.int(110, 120));
    return { tsRecv, bidPips, askPips, flags: prng.chance(0.05) ? FLAG_MAYBE_BAD_BOOK | 128 : 128 };
  });
}

function randomTrades(prng: Prng, count: number, endNs: bigint): Trade[] {
  let tsRecv = 900n;
  const step = Math.max(2, Math.floor((2 * Number(endNs - 900n)) / Math.max(1, count)));
  return Array.from({ length: count }, () => {
    tsRecv += BigInt(prng.int(0, step));
    const isLate = prng.chance(0.1);
    const flags = prng.pick([0, 0, 0, 0, 0, FLAG_OFF_BOOK, FLAG_BAD_TS]);
    const pricePips = BigInt(prng.int(97, 124));
    return { tsRecv: isLate ? tsRecv - BigInt(prng.int(0, 200)) : tsRecv, pricePips, flags };
  });
}

function putTrades(sandbox: Sandbox, trades: readonly Trade[]) {
  const int64 = (of: (trade: Trade) => bigint) =>
    sandbox.put(BigInt64Array.from(trades, of), { skew: 8 });
  return {
    tsRecvPtr: int64(({ tsRecv }) => tsRecv),
    pricePtr: int64(({ pricePips }) => pricePips),
    flagsPtr: sandbox.put(
      Int32Array.from(trades, ({ flags }) => flags),
      { skew: 4 },
    ),
  };
}

function putTops(sandbox: Sandbox, tops: readonly Top[]): Tops {
  const int64 = (of: (top: Top) => bigint) => sandbox.put(BigInt64Array.from(tops, of));
  const columns = {
    tsRecvPtr: int64(({ tsRecv }) => tsRecv),
    bidPtr: int64(({ bidPips }) => bidPips),
    askPtr: int64(({ askPips }) => askPips),
    flagsPtr: sandbox.put(Int32Array.from(tops, ({ flags }) => flags)),
  };
  return new Tops(sandbox.core.views, sandbox.buffer(TOPS_BYTES), columns, WINDOW_NS);
}

describe.each(BUILDS)('tradesOutside ($build)', ({ module }) => {
  it('counts what the oracle counts, however the rows of the book come', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      const tops = randomTops(prng, length);
      const trades = randomTrades(prng, prng.int(0, 200), tops.at(-1)?.tsRecv ?? 1_000n);
      const sandbox = new Sandbox(module);
      const block = putTops(sandbox, tops);
      const columns = putTrades(sandbox, trades);
      let row = 0;
      while (row < trades.length) {
        row = tradesOutside(sandbox.core, columns, row, trades.length, block);
        if (row === trades.length) break;
        if (block.count === tops.length) block.end(tops.at(-1)?.tsRecv ?? 0n);
        else block.count = Math.min(tops.length, block.count + prng.int(1, 40));
      }
      const note = `seed ${prng.seed}, length ${length}`;
      expect(block.counts, note).toEqual(countOutside(tops, trades, WINDOW_NS));
      expect(sandbox.trespasses(), note).toEqual([]);
    }
  });

  it('goes on where rows that are not needed were dropped', () => {
    const prng = createPrng();
    const tops = randomTops(prng, 500);
    const trades = randomTrades(prng, 400, tops.at(-1)!.tsRecv);
    const expected = countOutside(tops, trades, WINDOW_NS);
    const sandbox = new Sandbox(module);
    const columns = putTrades(sandbox, trades);
    const block = putTops(sandbox, tops);
    const { i32, u8 } = sandbox.core.views;
    const [ts, bid, ask, flags] = [0, 1, 2, 3].map((at) => i32[block.ptr / 4 + at]!);
    let [row, next] = [0, 0];
    while (row < trades.length) {
      row = tradesOutside(sandbox.core, columns, row, trades.length, block);
      const { low } = block;
      for (const [ptr, width] of [
        [ts, 8],
        [bid, 8],
        [ask, 8],
        [flags, 4],
      ] as const) {
        u8.copyWithin(ptr!, ptr! + low * width, ptr! + 500 * width);
      }
      next += low;
      block.dropped(low);
      if (next + block.count === 500) block.end(tops.at(-1)?.tsRecv ?? 0n);
      else block.count = Math.min(500 - next, block.count + prng.int(1, 40));
    }
    expect(block.counts, `seed ${prng.seed}`).toEqual(expected);
  });

  it('refuses misaligned columns and rows that end before they begin', () => {
    const sandbox = new Sandbox(module);
    const block = putTops(sandbox, []);
    const columns = { tsRecvPtr: 65_536, pricePtr: 65_536, flagsPtr: 65_536 };
    for (const [wrong, row, rowEnd] of [
      [{ tsRecvPtr: 65_540 }, 0, 1],
      [{ pricePtr: 65_540 }, 0, 1],
      [{ flagsPtr: 65_538 }, 0, 1],
      [{}, 1, 0],
      [{}, -1, 0],
    ] as const) {
      expect(() =>
        tradesOutside(sandbox.core, { ...columns, ...wrong }, row, rowEnd, block),
      ).toThrow(expect.objectContaining({ code: 'ERR_KERNEL' }));
    }
  });
});
