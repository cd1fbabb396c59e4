import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FLAG_SNAPSHOT } from '#src/abi/flags.js';
import type { InputPlan } from '#src/dialects/plan.js';
import { createPrng } from '../prng.js';
import type { DecodedFile } from './decode-file.js';
import { firstDifference, TextHost } from './text-source.js';

const HEAD = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';
const BASE_US = 1_723_161_255_000_000n;

/** A line of Tardis' incremental_book_L2. */
function line(row: number, options: { symbol?: string; messageRows?: number } = {}): string {
  const { symbol = 'BTCUSDT', messageRows = 3 } = options;
  const stamp = BASE_US + BigInt(Math.floor(row / messageRows));
  const side = row % 2 === 0 ? 'bid' : 'ask';
  return `binance,${symbol},${stamp},${stamp + 7n},${row < 4},${side},${100 + row}.25,${row}.5`;
}

const lines = (count: number): string[] => Array.from({ length: count }, (_, row) => line(row));

const PATH = 'binance_incremental_book_L2_2024-08-08_BTCUSDT.csv';

async function planOf(text: string | Uint8Array, path = PATH) {
  const host = new TextHost();
  const plan = await host.plan([host.add(path, text)]);
  return { host, plan };
}

/** The rows that a text gives, read as far as planning takes it. */
async function rowsOf(text: string | Uint8Array, path = PATH) {
  const { host, plan } = await planOf(text, path);
  expect(plan.failures).toEqual([]);
  const day = plan.days[0]!;
  const decoded = await host.decode(day, day.files.depth[0]!);
  return { plan, decoded };
}

function expectRows(decoded: DecodedFile, count: number): void {
  const rows = [...Array(count).keys()];
  const expected = new Map<string, unknown[]>([
    ['ts_recv', rows.map((row) => (BASE_US + BigInt(Math.floor(row / 3)) + 7n) * 1_000n)],
    ['is_bid', rows.map((row) => row % 2 === 0)],
    ['price_pips', rows.map((row) => BigInt(100 + row) * 100_000_000n + 25_000_000n)],
    ['qty_pips', rows.map((row) => BigInt(row) * 100_000_000n + 50_000_000n)],
    ['flags', rows.map((row) => (row < 4 ? FLAG_SNAPSHOT : 0))],
  ]);
  expect(firstDifference(decoded.columns, expected)).toBeNull();
  expect(decoded.columns.get('ts_recv')!.length).toBe(count);
}

async function failureOf(text: string | Uint8Array, path = PATH) {
  const host = new TextHost();
  return host.plan([host.add(path, text)]).then(
    (plan: InputPlan) => plan.failures[0]?.error,
    (error: unknown) => error,
  );
}

describe('a text gives its rows', () => {
  const plain = [HEAD, ...lines(30)];
  test.each([
    ['with LF', `${plain.join('\n')}\n`],
    ['with CR LF', `${plain.join('\r\n')}\r\n`],
    ['behind a byte order mark', `\uFEFF${plain.join('\n')}\n`],
    ['with empty lines', `${plain.join('\n\n')}\n\n\n`],
    ['with quotes', `${plain.map((row) => row.replaceAll(/[^,]+/g, '"$&"')).join('\n')}\n`],
    ['with tabs', `${plain.map((row) => row.replaceAll(',', '\t')).join('\n')}\n`],
  ])('%s', async (_how, text) => {
    const { plan, decoded } = await rowsOf(text);
    expect(plan.truncations).toEqual([]);
    expect(decoded.rejects).toEqual([]);
    expectRows(decoded, 30);
  });

  test('packed, without a newline at the end', async () => {
    const { plan, decoded } = await rowsOf(gzipSync(plain.join('\n')), `${PATH}.gz`);
    expect(plan.truncations).toEqual([]);
    expectRows(decoded, 30);
  });

  test('packed, in several members', async () => {
    const text = new TextEncoder().encode(`${plain.join('\n')}\n`);
    const packed = Buffer.concat([gzipSync(text.subarray(0, 500)), gzipSync(text.subarray(500))]);
    const { plan, decoded } = await rowsOf(packed, `${PATH}.gz`);
    expect(plan.truncations).toEqual([]);
    expectRows(decoded, 30);
  });

  test('over several blocks, whatever is read at once', async () => {
    const text = `${[HEAD, ...lines(40_000)].join('\n')}\n`;
    for (const bytes of [new TextEncoder().encode(text), gzipSync(text)]) {
      const { host, plan } = await planOf(bytes);
      const day = plan.days[0]!;
      const file = day.files.depth[0]!;
      expect(file.rowGroupIndexes.length).toBeGreaterThan(2);
      expectRows(await host.decode(day, file, { rowCapacity: 1_000 }), 40_000);
    }
  });

  test('in any order of blocks', async () => {
    const text = `${[HEAD, ...lines(40_000)].join('\n')}\n`;
    const { host, plan } = await planOf(gzipSync(text), `${PATH}.gz`);
    const file = plan.days[0]!.files.depth[0]!;
    const reader = await host.openReader(await host.openSource(file.path), file.footer);
    const read = async (block: number): Promise<string> => {
      let digits = '';
      await reader.readRowGroup(block, ['price'], ([column]) => {
        digits += new TextDecoder().decode(column!.values.slice());
      });
      return digits;
    };
    const forward = [];
    for (const block of file.rowGroupIndexes) forward.push(await read(block));
    const backward = [];
    for (const block of file.rowGroupIndexes.toReversed()) backward.unshift(await read(block));
    expect(backward).toEqual(forward);
    // Asked for at once, they come one after the other.
    expect(await Promise.all(file.rowGroupIndexes.map(read))).toEqual(forward);
    await reader.close();
  });
});

describe('a text that breaks off', () => {
  const text = `${[HEAD, ...lines(32)].join('\n')}\n`;

  test('within a line is used up to its last whole message', async () => {
    // Messages have three rows: row 31 is cut, so row 30 is half a message. A last line without its
    // newline may be cut anywhere, even if all its fields seem to be there.
    const offset = text.trimEnd().lastIndexOf('\n') + 1;
    for (const cut of [1, 2, 5, 20, line(31).length]) {
      const { plan, decoded } = await rowsOf(text.slice(0, -cut));
      const reason =
        'the last line has no end, and the row before it is left out as half a message';
      expect(plan.truncations).toEqual([{ path: PATH, offset, reason }]);
      expectRows(decoded, 30);
    }
  });

  test('as gzip, wherever it does, gives whole messages of what is there', async () => {
    const prng = createPrng();
    const rows = 3_000;
    const long = `${[HEAD, ...lines(rows)].join('\n')}\n`;
    const packed = gzipSync(long);
    for (let round = 0; round < 20; round++) {
      const cut = prng.int(1_000, packed.length - 1);
      const { plan, decoded } = await rowsOf(packed.subarray(0, cut), `${PATH}.gz`);
      const count = decoded.columns.get('ts_recv')!.length;
      const note = `seed ${prng.seed}, cut at ${cut}`;
      expect(count % 3, note).toBe(0);
      expect(plan.truncations, note).toMatchObject([
        { reason: expect.stringContaining('the gzip file breaks off, and the ') },
      ]);
      expect(long[plan.truncations[0]!.offset - 1], note).toBe('\n');
      expectRows(decoded, count);
    }
  });
});

describe('a line that is no row, or a field that is no value, is refused and shown', () => {
  const good = line(0);
  const fields = good.split(',');
  const withField = (index: number, text: string): string =>
    fields.map((field, at) => (at === index ? text : field)).join(',');
  test.each([
    ['too few fields', 'binance,BTCUSDT,17', 'ERR_ROW_FIELDS', 'binance,BTCUSDT,17'],
    ['too many fields', `${good},1`, 'ERR_ROW_FIELDS', `${good},1`],
    ['no time', withField(3, 'soon'), 'ERR_ROW_TIME', 'soon'],
    ['a time of no unit', withField(3, '17'), 'ERR_ROW_TIME', '17'],
    ['no number', withField(6, '1_000'), 'ERR_ROW_NOT_NUMBER', '1_000'],
    ['a number that is none', withField(7, 'nan'), 'ERR_ROW_NOT_FINITE', 'nan'],
    ['no price', withField(6, ''), 'ERR_ROW_NULL', 'null'],
    ['a negative price', withField(6, '-1.5'), 'ERR_ROW_PRICE_NEGATIVE', '-1.5'],
    ['a side of no word', withField(5, 'left'), 'ERR_ROW_SIDE', 'left'],
    ['neither true nor false', withField(4, 'perhaps'), 'ERR_ROW_SNAPSHOT', 'perhaps'],
  ])('%s', async (_what, bad, reason, value) => {
    const text = `${[HEAD, ...lines(10), bad, ...lines(10)].join('\n')}\n`;
    const { decoded } = await rowsOf(text);
    expect(decoded.rejects).toMatchObject([{ row: 10, reason, value }]);
    expect(decoded.columns.get('price_pips')!.length).toBe(20);
  });

  test('words for booleans are taken in any case', async () => {
    const rows = lines(20).map((row) => row.replace('true', 'True').replace('false', 'FALSE'));
    const { decoded } = await rowsOf(`${[HEAD, ...rows].join('\n')}\n`);
    expect(decoded.rejects).toEqual([]);
    expectRows(decoded, 20);
  });
});

describe('several symbols in one file', () => {
  test.each([
    ['one after the other', (row: number) => (row < 500 ? 'A' : 'B')],
    ['in turns', (row: number) => ['A', 'B', 'C'][row % 3]!],
  ])('%s', async (_how, symbolOf) => {
    const rows = Array.from({ length: 1_000 }, (_, row) => line(row, { symbol: symbolOf(row) }));
    const { host, plan } = await planOf(`${[HEAD, ...rows].join('\n')}\n`);
    const own = [...new Set(rows.map((_row, row) => symbolOf(row)))];
    expect(plan.days.map(({ symbol }) => symbol)).toEqual(own);
    for (const day of plan.days) {
      const decoded = await host.decode(day, day.files.depth[0]!);
      const wanted = [...rows.keys()].filter((row) => symbolOf(row) === day.symbol);
      expect(decoded.fileRows).toEqual(wanted);
      expect(decoded.result.rowsIn + decoded.result.rowsDeselected).toBe(1_000);
    }
  });

  test('a name with quotes in it, which are doubled in the file', async () => {
    const rows = ['"A,""B"""', '"C"', 'D'].map((symbol, row) => line(row, { symbol }));
    const { host, plan } = await planOf(`${[HEAD, ...rows].join('\n')}\n`);
    expect(plan.days.map(({ symbol }) => symbol)).toEqual(['A,"B"', 'C', 'D']);
    for (const [row, day] of plan.days.entries()) {
      expect((await host.decode(day, day.files.depth[0]!)).fileRows).toEqual([row]);
    }
  });

  test('a broken line belongs to none of them, and is refused once', async () => {
    const rows = [line(0, { symbol: 'A' }), 'nonsense', line(1, { symbol: 'B' })];
    const { host, plan } = await planOf(`${[HEAD, ...rows].join('\n')}\n`);
    const rejects: unknown[] = [];
    for (const day of plan.days) {
      rejects.push(...(await host.decode(day, day.files.depth[0]!)).rejects);
    }
    expect(rejects).toMatchObject([{ row: 1, reason: 'ERR_ROW_FIELDS', value: 'nonsense' }]);
  });
});

describe('what cannot be read is one clear error', () => {
  test.each([
    ['an empty file', '', 'ERR_INPUT_NO_ROWS'],
    ['an empty gzip file', gzipSync(''), 'ERR_INPUT_NO_ROWS'],
    ['a header alone', `${HEAD}\n`, 'ERR_INPUT_NO_ROWS'],
    ['a header without its end', HEAD, 'ERR_INPUT_NO_ROWS'],
    [
      'bytes that are no text',
      Uint8Array.from({ length: 300 }, (_, at) => at % 7),
      'ERR_INPUT_DIALECT',
    ],
    ['columns without end', `${'a,'.repeat(9_000)}b\n`, 'ERR_INPUT_DIALECT'],
    ['columns that nobody knows', 'a,b\n1,2\n', 'ERR_INPUT_DIALECT'],
    ['a line without an end', `${HEAD}\n${'x'.repeat(1_100_000)}`, 'ERR_INPUT_UNREADABLE'],
    [
      'a quote that is never closed',
      `${HEAD}\n${line(0)}\n"${lines(20).join('\n')}\n`,
      'ERR_INPUT_UNREADABLE',
    ],
    ['a damaged gzip file', damaged(), 'ERR_INPUT_UNREADABLE'],
  ])('%s', async (_what, text, code) => {
    expect(await failureOf(text)).toMatchObject({ code, message: expect.stringContaining(PATH) });
  });
});

function damaged(): Uint8Array {
  const packed = gzipSync([HEAD, ...lines(5_000)].join('\n'));
  packed.fill(0xff, 2_000, 2_100);
  return packed;
}

describe('the venue of a flat table', () => {
  test('is in the name of its folder, with a day or without, if it is one that is known', async () => {
    const head = 'local_ts,transact_ts,symbol,first_update_id,last_update_id,side,price,qty';
    const text = `${head}\n1723161255088156767,1723161255088000000,A,1,2,bid,1.5,2\n`;
    for (const [folder, exchange] of [
      ['binance-usdm-ETHUSDT-20240808', 'binance-futures'],
      ['binance-usdm-ETHUSDT', 'binance-futures'],
      ['okx', 'okx'],
      ['my-recordings', 'unknown'],
    ]) {
      const { plan } = await planOf(text, `data/${folder}/deltas.csv`);
      expect(plan.days.map((day) => [day.dialect, day.exchange])).toEqual([['flat', exchange]]);
    }
  });
});

describe('a table that looks flat', () => {
  test('is generic where its ids have other names: what they prove is not given away', async () => {
    const row = '1723161255088156767,A,2';
    for (const [ids, values, policy] of [
      ['seq,is_snapshot,sequence_first', 'false,1', 'contiguous'],
      ['seq,is_snapshot,pu', 'false,1', 'chain'],
      ['seq,is_snapshot,first_update_id', 'false,1', 'contiguous'],
      ['last_update_id,U', '1', 'contiguous'],
    ]) {
      const text = `local_ts,symbol,${ids},side,price,qty\n${row},${values},bid,1.5,2\n`;
      const { plan } = await planOf(text, 'data/okx/deltas.csv');
      expect(plan.days.map((day) => [day.dialect, day.policy])).toEqual([['generic', policy]]);
    }
  });

  test('counts its messages where it has no other ids', async () => {
    const text =
      'local_ts,symbol,seq,is_snapshot,side,price,qty\n1723161255088156767,A,2,true,bid,1.5,2\n';
    const { plan } = await planOf(text, 'data/okx/deltas.csv');
    expect(plan.days).toMatchObject([{ dialect: 'flat', policy: 'checksum', exchange: 'okx' }]);
  });
});
