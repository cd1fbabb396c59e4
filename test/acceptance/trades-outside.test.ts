import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countOutside, type Top, type Trade } from '../oracle/trades-outside.js';
import { createPrng } from '../prng.js';
import { CAPTURES, captureLines, pipsOf, TextBook } from '../support/capture-messages.js';
import { type InstrumentJson, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const root = temporaryFolder();
const WINDOW_NS = 100_000_000n;

type WithTrades = InstrumentJson & { readonly trades_outside: Record<string, number> | null };

async function runOutside(name: string, inputs: readonly string[], ...options: string[]) {
  const out = join(root, name);
  await depthmillDone(['run', ...inputs, '-o', out, '--json', ...options]);
  return (readAudit(out).instruments as WithTrades[]).map((each) => each.trades_outside);
}

async function auditOutside(inputs: readonly string[]) {
  const { stdout } = await depthmillDone(['audit', ...inputs, '--json']);
  const { instruments } = JSON.parse(stdout) as { instruments: WithTrades[] };
  return instruments.map((each) => each.trades_outside);
}

describe.skipIf(!hasSharedData)('trades of a capture', () => {
  // Each alone and from the snapshot on, so that the oracle is a plain book.
  it.each(CAPTURES)('$exchange $symbol', { timeout: 120_000 }, async ({ symbol, files }) => {
    const tops: Top[] = [];
    const trades: Trade[] = [];
    const book = new TextBook();
    const early: ReturnType<typeof captureLines> = [];
    let id = -1n;
    for (const line of captureLines(files.slice(0, 1))) {
      const { kind, tsRecv, fields } = line;
      if (kind === 'trade') {
        const flags = fields.X === undefined || fields.X === 'MARKET' ? 0 : 65_536;
        trades.push({ tsRecv, pricePips: pipsOf(fields.p!), flags });
      }
      if (kind === 'snapshot') {
        id = BigInt(fields.lastUpdateId!);
        book.set(fields.bids!, fields.asks!);
      } else if (id < 0n && kind === 'update') early.push(line);
      if (id < 0n || (kind !== 'snapshot' && kind !== 'update')) continue;
      for (const { fields: update } of kind === 'snapshot' ? early : [line]) {
        if (BigInt(update.u!) > id) book.set(update.b, update.a);
      }
      const [bid, ask] = [book.bids.best!, book.asks.best!];
      tops.push({ tsRecv, bidPips: bid.pricePips, askPips: ask.pricePips, flags: 0 });
    }
    const input = [sharedData(files[0]!)];
    const expected = [countOutside(tops, trades, WINDOW_NS)];
    console.log(`${symbol}:`, expected[0]);
    expect(await runOutside(symbol, input)).toEqual(expected);
    const small = ['--batch-rows', '700', '--workers', '1', '--book-depth', '5'];
    expect(await runOutside(`${symbol}-small`, input, ...small)).toEqual(expected);
    expect(await auditOutside(input)).toEqual(expected);
    expect(await runOutside(`${symbol}-interval`, input, '--book-every', '1s')).toEqual([null]);
  });
});

describe('trades far from the book in time', () => {
  it('are waited for, and waited with', { timeout: 60_000 }, async () => {
    const prng = createPrng();
    const start = 1_767_229_200_000_000;
    const depth = ['exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount'];
    const trades = ['exchange,symbol,timestamp,local_timestamp,id,side,price,amount'];
    const tops: Top[] = [];
    // More messages than are kept: far more than there are trades for a while, and then the reverse.
    for (let message = 0; message < 90_000; message++) {
      const time = start + message * 1_000;
      const [bid, ask] = [prng.int(90, 100), prng.int(100, 110)];
      const side = message % 2 === 0 ? 'bid' : 'ask';
      for (const [name, price, qty] of message === 0
        ? ([
            ['bid', bid, 1],
            ['ask', ask, 1],
          ] as const)
        : ([[side, side === 'bid' ? bid : ask, prng.int(0, 3)]] as const)) {
        depth.push(`x,S,${time},${time},${message === 0},${name},${price},${qty}`);
      }
    }
    const levels = { bid: new Map<number, number>(), ask: new Map<number, number>() };
    for (const row of depth.slice(1)) {
      const [, , , time, , side, price, qty] = row.split(',');
      const own = levels[side as 'bid' | 'ask'];
      if (qty === '0') own.delete(Number(price));
      else own.set(Number(price), Number(qty));
      const best = (prices: number[], of: (...values: number[]) => number): bigint =>
        prices.length === 0 ? 0n : BigInt(of(...prices)) * 100_000_000n;
      const [bidPips, askPips] = [
        best([...levels.bid.keys()], Math.max),
        best([...levels.ask.keys()], Math.min),
      ];
      const flags = bidPips !== 0n && askPips !== 0n && bidPips > askPips ? 4 : 0;
      const top = { tsRecv: BigInt(time!) * 1_000n, bidPips, askPips, flags };
      if (tops.at(-1)?.tsRecv === top.tsRecv) tops.pop();
      tops.push(top);
    }
    const found: Trade[] = [];
    const push = (time: number): void => {
      const price = prng.int(85, 115);
      trades.push(`x,S,${time},${time},${trades.length},buy,${price},1`);
      const pricePips = BigInt(price) * 100_000_000n;
      found.push({ tsRecv: BigInt(time) * 1_000n, pricePips, flags: 0 });
    };
    for (let trade = 0; trade < 40; trade++) push(start + trade * 1_000_000);
    for (let trade = 0; trade < 60_000; trade++) push(start + 41_000_000 + trade * 5);
    for (let trade = 0; trade < 60; trade++) push(start + 42_000_000 + trade * 1_000_000);
    const inputs = ['depth', 'trades'].map((name) => join(root, `${name}.csv`));
    writeFileSync(inputs[0]!, `${depth.join('\n')}\n`);
    writeFileSync(inputs[1]!, `${trades.join('\n')}\n`);
    // A plain window for each trade: the oracle over all would look at five thousand million pairs.
    const counts = { compared: 0, outside: 0, passed: 0 };
    for (const trade of found) {
      const at = Number(trade.tsRecv / 1_000n - BigInt(start)) / 1_000;
      const near = tops.slice(Math.max(0, Math.floor(at) - 102), Math.floor(at) + 103);
      const one = countOutside(near, [trade], WINDOW_NS);
      for (const key of ['compared', 'outside', 'passed'] as const) counts[key] += one[key];
    }
    const expected = [counts];
    expect(await runOutside('far', inputs), `seed ${prng.seed}`).toEqual(expected);
    expect(await runOutside('far-one', inputs, '--workers', '1', '--batch-rows', '5000')).toEqual(
      expected,
    );
    expect(await auditOutside(inputs)).toEqual(expected);
  });
});
