import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_MS = 1_723_165_200_000;
const MESSAGES = 60;
/** The recorder's clock is behind the exchange's, as in the recordings that we have. */
const CLOCK_MS = 1_200;

/** Each message has three ids and sets the quantity of the best bid. */
const idOf = (n: number): number => 100 + 3 * n;

const folderOf = (...parts: readonly string[]): string => {
  const folder = join(temporaryFolder(), ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
};

/** Binance's updates and a snapshot as flat tables, in a folder that names the market. */
function writeFlat(folder: string): void {
  const rows = Array.from({ length: MESSAGES }, (_, n) => {
    const ms = START_MS + 100 * n;
    const ids = [idOf(n) - 2, idOf(n), idOf(n - 1)];
    return [`${BigInt(ms - CLOCK_MS) * 1_000_000n}`, ms, ms, 'ETHUSDT', ...ids, 'bid', 99, n + 1];
  });
  const head =
    'local_ts,event_ts,transact_ts,symbol,first_update_id,last_update_id,prev_update_id,side,price,qty';
  writeFileSync(join(folder, 'deltas.csv'), `${[head, ...rows].join('\n')}\n`);
  const at = BigInt(START_MS - CLOCK_MS - 1) * 1_000_000n;
  const levels = ['bid,0,99,5', 'bid,1,98,5', 'ask,0,101,5', 'ask,1,102,5'];
  const snapshot = levels.map((level) => `${at},ETHUSDT,${idOf(-1)},${level}`);
  const snapshotHead = 'local_ts,symbol,last_update_id,side,level,price,qty';
  writeFileSync(join(folder, 'snapshots.csv'), `${[snapshotHead, ...snapshot].join('\n')}\n`);
}

/** A ticker inside of each message and one of its end, at one of which `wrong` messages differ. */
function tickers(wrong: readonly number[]): string[] {
  return Array.from({ length: MESSAGES }, (_, n) => {
    const ms = START_MS + 100 * n;
    const qty = wrong.includes(n) ? n + 2 : n + 1;
    return [
      `${idOf(n) - 1},99,${n + 0.5},101,5,${ms},${ms}`,
      `${idOf(n)},99,${qty},101,5,${ms},${ms}`,
    ];
  }).flat();
}

const TICKER_HEAD =
  'update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time';

async function auditOf(inputs: readonly string[]) {
  const out = join(temporaryFolder(), 'out');
  await depthmillDone(['run', ...inputs, '-o', out, '--no-sync']);
  const { instruments, failures } = readAudit(out);
  expect(failures).toEqual([]);
  expect(instruments).toHaveLength(1);
  return instruments[0]!;
}

describe('quotes of another source beside flat deltas', () => {
  it.each([
    ['in their folder', (flat: string) => flat],
    ['in a folder of their own', () => folderOf('futures', 'um')],
  ])("Binance's bookTicker dumps are a witness by their ids, %s", async (_, folderBeside) => {
    const flat = folderOf('binance-usdm-ETHUSDT-20240809');
    const beside = folderBeside(flat);
    writeFlat(flat);
    // Two files of the day, as a folder of dumps may hold it.
    const rows = tickers([20, 21]);
    const name = 'ETHUSDT-bookTicker-2024-08-09';
    writeFileSync(
      join(beside, `${name}.csv`),
      `${[TICKER_HEAD, ...rows.slice(0, 50)].join('\n')}\n`,
    );
    mkdirSync(join(beside, 'later'));
    writeFileSync(join(beside, 'later', `${name}.csv`), `${rows.slice(50).join('\n')}\n`);
    const found = await auditOf(beside === flat ? [flat] : [flat, beside]);
    expect(found).toMatchObject({ dialect: 'flat', policy: 'chain', gaps: [] });
    expect(found.witness).toEqual([
      expect.objectContaining({ kind: 'bookTicker', compared: MESSAGES, agreed: MESSAGES - 2 }),
    ]);
    const { accounting } = found;
    expect(accounting.rows_in).toBe(MESSAGES + 4);
  });

  it("Tardis' quotes, which have no ids, are one by time", async () => {
    const flat = folderOf('binance-usdm-ETHUSDT-20240809');
    writeFlat(flat);
    const quotes = Array.from({ length: MESSAGES }, (_, n) => {
      const us = (START_MS + 100 * n) * 1_000;
      return `binance-futures,ETHUSDT,${us},${us + 5},5,101,99,${n + 1}`;
    });
    const head =
      'exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount';
    const name = 'binance-futures_quotes_2024-08-09_ETHUSDT.csv';
    writeFileSync(join(flat, name), `${[head, ...quotes].join('\n')}\n`);
    const [witness, ...others] = (await auditOf([flat])).witness;
    expect(others).toEqual([]);
    expect(witness).toMatchObject({ kind: 'quotes', invalid: 0 });
    expect(witness!.compared).toBeGreaterThan(MESSAGES / 2);
    expect(witness!.agreed).toBe(witness!.compared);
  });
});
