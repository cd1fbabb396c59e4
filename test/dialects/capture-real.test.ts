import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FLAG_BAD_TS, FLAG_LAST, FLAG_OFF_BOOK, FLAG_SNAPSHOT } from '#src/abi/flags.js';
import type { InputTable } from '#src/dialects/types.js';
import { discoverInputs } from '#src/io/file-discover.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { firstDifference, pips, TextHost } from './text-source.js';

const host = new TextHost();

type Columns = Map<string, unknown[]>;

/** What a capture's lines say, read with JSON.parse; ids and stamps keep their digits as text. */
function readCapture(path: string): Record<'depth' | 'trades' | 'quotes', Columns> {
  const tables = { depth: new Map(), trades: new Map(), quotes: new Map() };
  const push = (table: keyof typeof tables, row: Record<string, unknown>): void => {
    for (const [name, value] of Object.entries(row)) {
      const column = tables[table].get(name) ?? [];
      tables[table].set(name, column);
      column.push(value);
    }
  };
  for (const line of gunzipSync(readFileSync(path)).toString().trimEnd().split('\n')) {
    const blank = line.indexOf(' ');
    // Numbers stay texts: JSON.parse would round those beyond 2^53.
    const message = JSON.parse(line.slice(blank).replaceAll(/:(\d+)/g, ':"$1"'));
    const data = message.data ?? message;
    const ts_recv = BigInt(line.slice(0, blank));
    const eventMs = data.T ?? data.E ?? null;
    const ts_event = eventMs === null ? ts_recv : BigInt(eventMs) * 1_000_000n;
    const flags = eventMs === null ? FLAG_BAD_TS : 0;
    const times = { ts_recv, ts_event };
    if (data.lastUpdateId !== undefined || data.e === 'depthUpdate') {
      const isSnapshot = data.lastUpdateId !== undefined;
      const sequence = BigInt(data.lastUpdateId ?? data.u);
      const sequence_first = BigInt(data.lastUpdateId ?? data.U);
      const sequence_prev = BigInt(data.lastUpdateId ?? data.pu ?? -1);
      const ids = { sequence, sequence_first, sequence_prev };
      let rowsLeft = (data.bids ?? data.b).length + (data.asks ?? data.a).length;
      for (const [is_bid, levels] of [
        [true, data.bids ?? data.b],
        [false, data.asks ?? data.a],
      ]) {
        for (const [price, qty] of levels) {
          const level = { is_bid, price_pips: pips(price), qty_pips: pips(qty) };
          // A line is a message.
          const last = --rowsLeft === 0 ? FLAG_LAST : 0;
          push('depth', {
            ...times,
            ...ids,
            ...level,
            flags: flags | last | (isSnapshot ? FLAG_SNAPSHOT : 0),
          });
        }
      }
    } else if (data.e === 'trade') {
      const offBook = data.X === undefined || data.X === 'MARKET' ? 0 : FLAG_OFF_BOOK;
      push('trades', {
        ...times,
        trade_id: BigInt(data.t),
        is_buy: !data.m,
        price_pips: pips(data.p),
        qty_pips: pips(data.q),
        flags: flags | offBook,
      });
    } else {
      push('quotes', {
        ...times,
        sequence: BigInt(data.u),
        bid_0_price_pips: pips(data.b),
        bid_0_qty_pips: pips(data.B),
        ask_0_price_pips: pips(data.a),
        ask_0_qty_pips: pips(data.A),
      });
    }
  }
  return tables;
}

const CAPTURES = [
  ['spot/btcusdt_20240808.gz', 'binance', 'BTCUSDT', '2024-08-08', 'contiguous'],
  ['spot/btcusdt_20240809.gz', 'binance', 'BTCUSDT', '2024-08-09', 'contiguous'],
  ['usdm/ethusdt_20240808.gz', 'binance-futures', 'ETHUSDT', '2024-08-08', 'chain'],
  ['cm/ethusd_perp_20240808.gz', 'binance-delivery', 'ETHUSD_PERP', '2024-08-08', 'chain'],
  ['cm/ethusd_perp_20240809.gz', 'binance-delivery', 'ETHUSD_PERP', '2024-08-09', 'chain'],
] as const;

describe.skipIf(!hasSharedData)('binance-capture', () => {
  test.each(CAPTURES)(
    '%s: every row of every table',
    async (name, exchange, symbol, dt, policy) => {
      const path = sharedData(`captures/${name}`);
      const plan = await host.plan(await discoverInputs([path]));
      expect(plan.failures).toEqual([]);
      expect(plan.days).toMatchObject([
        {
          exchange,
          symbol,
          dt,
          policy,
          dialect: 'binance-capture',
          messageKey: 'recv_and_sequence',
        },
      ]);
      const [day] = plan.days;
      const expected = readCapture(path);
      if (policy === 'contiguous') expected.depth.delete('sequence_prev');
      for (const table of ['depth', 'trades', 'quotes'] satisfies InputTable[]) {
        const decoded = await host.decode(day!, day!.files[table][0]!);
        expect(decoded.rejects).toEqual([]);
        expect(firstDifference(decoded.columns, expected[table]), table).toBeNull();
      }
    },
  );
});
