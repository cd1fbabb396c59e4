import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FLAG_BAD_TS, FLAG_LAST, FLAG_OFF_BOOK, FLAG_SNAPSHOT } from '#src/abi/flags.js';
import { firstDifference, TextHost } from './text-source.js';

const BASE_US = 1_723_161_255_000_000;

/** A line of a futures' update with one bid. */
function update(index: number, symbol = 'ETHUSDT'): string {
  const [first, last] = [index * 10 + 1, index * 10 + 10];
  const ids = `"U":${first},"u":${last},"pu":${first - 1}`;
  const times = `"E":${BASE_US / 1_000 + index},"T":${BASE_US / 1_000 + index}`;
  const data = `{"e":"depthUpdate",${times},"s":"${symbol}",${ids},"b":[["${index}.5","2"]],"a":[]}`;
  return `${BASE_US + index} {"stream":"${symbol.toLowerCase()}@depth@0ms","data":${data}}`;
}

const snapshot = (index: number, rest = ''): string =>
  `${BASE_US + index} {"lastUpdateId":${index * 10 + 5}${rest},"bids":[["1.5","1"]],"asks":[["9.5","1"]]}`;

async function planOf(texts: Readonly<Record<string, string | Uint8Array>>) {
  const host = new TextHost();
  const files = Object.entries(texts).map(([path, text]) => host.add(path, text));
  return { host, plan: await host.plan(files) };
}

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

describe('a capture', () => {
  test('of several symbols is split; a snapshot that names none is refused and counted', async () => {
    const lines = [
      update(1, 'A'),
      update(2, 'B'),
      snapshot(2),
      snapshot(3, ',"symbol":"B"'),
      update(4, 'A'),
    ];
    const { host, plan } = await planOf({ 'usdm/both.txt': text(lines) });
    expect(plan.days.map(({ symbol, policy }) => [symbol, policy])).toEqual([
      ['A', 'chain'],
      ['B', 'chain'],
      ['unknown', 'chain'],
    ]);
    const decoded = [];
    for (const day of plan.days) decoded.push(await host.decode(day, day.files.depth[0]!));
    expect(decoded.map(({ columns }) => columns.get('sequence'))).toEqual([
      [20n, 50n],
      [30n, 35n, 35n],
      [],
    ]);
    // A line is a message.
    expect(decoded[1]!.columns.get('flags')).toEqual([
      FLAG_LAST,
      FLAG_SNAPSHOT | FLAG_BAD_TS,
      FLAG_SNAPSHOT | FLAG_BAD_TS | FLAG_LAST,
    ]);
    expect(decoded[2]!.rejects).toMatchObject([
      { row: 2, reason: 'ERR_ROW_NULL', column: 'symbol' },
      { row: 3, reason: 'ERR_ROW_NULL', column: 'symbol' },
    ]);
  });

  test('takes the symbol of a wrapped snapshot from its stream', async () => {
    const wrapped = (index: number, symbol: string): string => {
      const [time, data] = snapshot(index).split(' ');
      return `${time} {"stream":"${symbol}@depthSnapshot","generated":true,"data":${data}}`;
    };
    const lines = [update(1, 'AB'), wrapped(2, 'ab'), update(2, 'B1'), wrapped(3, 'b1')];
    const { host, plan } = await planOf({ 'usdm/both.txt': text(lines) });
    expect(plan.days.map(({ symbol }) => symbol)).toEqual(['AB', 'B1']);
    const decoded = [];
    for (const day of plan.days) decoded.push(await host.decode(day, day.files.depth[0]!));
    expect(decoded.map(({ columns }) => columns.get('sequence'))).toEqual([
      [20n, 25n, 25n],
      [30n, 35n, 35n],
    ]);
    expect(decoded.flatMap(({ rejects }) => rejects)).toEqual([]);
  });

  test('refuses and counts a line of several snapshots at once, which no exchange sends', async () => {
    const [time, body] = snapshot(2).split(' ');
    const lines = [update(1), `${time} [${body},${body}]`, `${time} {"A":${body},"B":${body}}`];
    const { host, plan } = await planOf({ 'usdm/x.txt': text([...lines, update(2)]) });
    const day = plan.days[0]!;
    const { columns, rejects } = await host.decode(day, day.files.depth[0]!);
    expect(rejects).toMatchObject([{ row: 1, reason: 'ERR_ROW_FIELDS', value: lines[1] }]);
    // An object without any key that a stream has is a message of another kind, like `{"result"`.
    expect(columns.get('sequence')).toEqual([20n, 30n]);
  });

  test('of one symbol gives it the snapshot that names none', async () => {
    const { host, plan } = await planOf({
      'usdm/x.txt': text([update(1), snapshot(1), update(2)]),
    });
    expect(plan.days.map(({ symbol }) => symbol)).toEqual(['ETHUSDT']);
    const day = plan.days[0]!;
    const { columns, rejects } = await host.decode(day, day.files.depth[0]!);
    expect(rejects).toEqual([]);
    const expected = new Map<string, unknown[]>([
      ['ts_recv', [1, 1, 1, 2].map((index) => BigInt(BASE_US + index) * 1_000n)],
      ['sequence', [20n, 15n, 15n, 30n]],
      ['sequence_first', [11n, 15n, 15n, 21n]],
      ['sequence_prev', [10n, 15n, 15n, 20n]],
    ]);
    expect(firstDifference(columns, expected)).toBeNull();
  });

  test('is of spot or of futures, however many of its rows are a snapshot', async () => {
    const levels = Array.from({ length: 50 }, (_, i) => `["1.${10 + i}","1"]`).join(',');
    const deep = (rest: string): string =>
      `${BASE_US} {"lastUpdateId":5${rest},"bids":[${levels}],"asks":[["9.5","1"]]}`;
    const futures = deep(`,"E":${BASE_US / 1_000},"T":${BASE_US / 1_000}`);
    const spotLine = update(0)
      .replace(/,"pu":-?\d+/, '')
      .replace(/,"T":\d+/, '');
    const kinds = [
      [[deep(''), spotLine], 'binance', 'contiguous', 'depth'],
      [[futures, update(0)], 'binance-futures', 'chain', 'depth'],
      [[deep('')], 'binance', 'contiguous', 'snapshots'],
      [[futures], 'binance-futures', 'chain', 'snapshots'],
    ] as const;
    for (const [lines, exchange, policy, table] of kinds) {
      const { plan } = await planOf({ 'recorded.txt': text(lines) });
      const [day] = plan.days;
      expect(day, lines.join('\n').slice(0, 90)).toMatchObject({ exchange, policy });
      expect(day!.files[table].length).toBe(1);
    }
  });

  test('that another one continues goes on in the order of receipt', async () => {
    const { plan } = await planOf({
      'usdm/b.txt': text([update(5), update(6)]),
      'usdm/c.gz': gzipSync(text([update(1), update(2)])),
    });
    expect(plan.days[0]!.files.depth.map(({ path }) => path)).toEqual(['usdm/c.gz', 'usdm/b.txt']);
  });

  test('keeps the chain over an update without levels', async () => {
    const empty = update(2).replace('[["2.5","2"]]', '[]');
    const { host, plan } = await planOf({ 'usdm/x.txt': text([update(1), empty, update(3)]) });
    const day = plan.days[0]!;
    const { columns } = await host.decode(day, day.files.depth[0]!);
    expect(columns.get('sequence')).toEqual([20n, 30n, 40n]);
    expect(columns.get('price_pips')).toEqual([150_000_000n, 0n, 350_000_000n]);
    expect(columns.get('qty_pips')![1]).toBe(0n);
  });

  test('that breaks off is used up to its last whole line', async () => {
    const lines = [update(1), update(2), update(3)];
    const whole = text(lines);
    for (const cut of [1, 2, 30]) {
      const { host, plan } = await planOf({ 'usdm/x.txt': whole.slice(0, -cut) });
      const day = plan.days[0]!;
      const { columns } = await host.decode(day, day.files.depth[0]!);
      // JSON that is closed is whole, with a newline behind it or without.
      const isWhole = cut === 1;
      expect(columns.get('sequence')).toEqual(isWhole ? [20n, 30n, 40n] : [20n, 30n]);
      const offset = lines[0]!.length + lines[1]!.length + 2;
      expect(plan.truncations).toMatchObject(isWhole ? [] : [{ path: 'usdm/x.txt', offset }]);
    }
  });

  test('shows a damaged line in rejects', async () => {
    const bad = update(2).slice(0, 90);
    const { host, plan } = await planOf({ 'usdm/x.txt': text([update(1), bad, update(3)]) });
    expect(plan.days.map(({ symbol }) => symbol)).toEqual(['ETHUSDT']);
    const day = plan.days[0]!;
    const { rejects } = await host.decode(day, day.files.depth[0]!);
    expect(rejects).toMatchObject([{ row: 1, reason: 'ERR_ROW_FIELDS', value: bad }]);
  });

  test('marks trades that were not matched on the book, and prefers trades to aggregates', async () => {
    const trade = (id: number, type: string): string =>
      `${BASE_US + id} {"e":"trade","E":1723161255000,"T":1723161255000,"s":"ETHUSDT","t":${id},"p":"1","q":"2","X":"${type}","m":true}`;
    const aggregate = trade(9, 'MARKET').replace('"trade"', '"aggTrade"').replace('"t":', '"a":');
    const lines = [trade(1, 'MARKET'), trade(2, 'INSURANCE_FUND'), aggregate];
    const { host, plan } = await planOf({ 'usdm/x.txt': text(lines) });
    const day = plan.days[0]!;
    expect(day.files.trades.length).toBe(1);
    const { columns } = await host.decode(day, day.files.trades[0]!);
    expect(columns.get('trade_id')).toEqual([1n, 2n]);
    expect(columns.get('flags')).toEqual([0, FLAG_OFF_BOOK]);
    expect(plan.skipped.length).toBe(1);
    const alone = await planOf({ 'usdm/x.txt': text([aggregate]) });
    const [aggregated] = alone.plan.days;
    const found = await alone.host.decode(aggregated!, aggregated!.files.trades[0]!);
    expect(found.columns.get('trade_id')).toEqual([9n]);
  });

  test('of nothing that is used is named', async () => {
    const line = `${BASE_US} {"e":"markPriceUpdate","s":"A"}`;
    await expect(planOf({ 'x.txt': text([line]) })).rejects.toMatchObject({
      code: 'ERR_INPUT_EMPTY',
      message: expect.stringContaining('none of its messages'),
    });
  });
});
