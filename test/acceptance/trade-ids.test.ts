import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { copyBatch, openInput } from '#src/index.js';
import { createPrng } from '../prng.js';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import { rowsSql, tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { differingPaths } from '../support/same-bytes.js';

const START_US = 1_723_100_000_000_000;
const HEADER = 'exchange,symbol,timestamp,local_timestamp,id,side,price,amount';

interface Market {
  readonly exchange: string;
  readonly symbol: string;
  readonly day: number;
}

const BITMEX: Market = { exchange: 'bitmex', symbol: 'XBTUSD', day: 0 };

/** Tardis' trades with these ids; null: the field is empty. */
function tardisTrades({ exchange, symbol, day }: Market, ids: readonly (string | null)[]): string {
  const lines = ids.map((id, i) => {
    const us = START_US + day * 86_400_000_000 + i * 1_000;
    return `${exchange},${symbol},${us},${us},${id ?? ''},buy,${100 + (i % 9)}.5,1`;
  });
  return `${[HEADER, ...lines].join('\n')}\n`;
}

/** GUIDs; some trades have none. */
function guids(count: number): (string | null)[] {
  const prng = createPrng();
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => prng.int(0, 16).toString(16)).join('');
  return Array.from({ length: count }, () =>
    prng.chance(0.01) ? null : [8, 4, 4, 4, 12].map(hex).join('-'),
  );
}

async function idsOf(out: string, partition = '**'): Promise<readonly unknown[]> {
  const db = await openDuckdb();
  try {
    const { trade_id: ids } = await columnsOf(db, rowsSql('trade_id', out, 'trades', partition));
    return ids ?? [];
  } finally {
    db.closeSync();
  }
}

function write(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}

async function runInto(input: string, ...options: readonly string[]): Promise<string> {
  const out = join(temporaryFolder(), 'out');
  await depthmillDone(['run', input, '-o', out, '--json', ...options]);
  return out;
}

describe('trade ids that are text', () => {
  // More than a row group, and more different texts than a dictionary holds.
  const ids = guids(140_000);
  const packed = gzipSync(tardisTrades(BITMEX, ids));

  it('are written as they are, whatever the codec', { timeout: 120_000 }, async () => {
    const input = write({ 'trades.csv.gz': packed });
    for (const codec of ['none', 'snappy', 'zstd']) {
      expect(await idsOf(await runInto(input, '--codec', codec)), codec).toEqual(ids);
    }
  });

  it('are the same for any workers and batches', { timeout: 120_000 }, async () => {
    const input = write({ 'trades.csv': tardisTrades(BITMEX, ids) });
    const reference = await runInto(input, '--workers', '1');
    const again = await runInto(input, '--workers', '3', '--batch-rows', '3000');
    expect(differingPaths(reference, again)).toEqual([]);
  });

  it('make all days of their instrument text, and no other', async () => {
    const input = write({
      'a.csv': tardisTrades(BITMEX, ['007', '18446744073709551615', 'x']),
      'b.csv': tardisTrades({ ...BITMEX, day: 1 }, ['12', '13', null]),
      'c.csv': tardisTrades({ ...BITMEX, symbol: 'ETHUSD' }, ['12', '13', null]),
    });
    const out = await runInto(input);
    expect(await idsOf(out, 'exchange=bitmex/symbol=XBTUSD/**')).toEqual(
      ['007', '18446744073709551615', 'x', '12', '13', null], // biome-ignore format: one line
    );
    expect(await idsOf(out, '*/symbol=ETHUSD/**')).toEqual([12n, 13n, null]);
    const audit = JSON.parse(readFileSync(join(out, 'audit.json'), 'utf8'));
    expect(audit.instruments.map((each: { trade_ids: string }) => each.trade_ids)).toEqual([
      'uncounted',
      'text',
      'text',
    ]);
    const { stdout } = await depthmillDone(['audit', input]);
    expect(stdout).toContain('their ids are text: they cannot prove that none is lost');
    // Both types in one query, and in one Arrow stream.
    const db = await openDuckdb();
    try {
      const views = readFileSync(join(out, 'views.sql'), 'utf8').replaceAll("'trades/", `'${out}/trades/`); // biome-ignore format: one line
      await db.run(views.slice(views.indexOf('CREATE OR REPLACE TEMP VIEW trades')));
      const rows = await columnsOf(db, 'SELECT trade_id FROM trades ORDER BY symbol, ts_recv');
      expect(rows.trade_id).toEqual(
        ['12', '13', null, '007', '18446744073709551615', 'x', '12', '13', null], // biome-ignore format: one line
      );
    } finally {
      db.closeSync();
    }
    const lines = await depthmillDone(['cat', out, '--table', 'trades', '--format', 'jsonl']);
    const shown = lines.stdout.trimEnd().split('\n').map((line) => JSON.parse(line).trade_id); // biome-ignore format: one line
    expect(shown).toEqual(
      ['12', '13', null, '007', '18446744073709551615', 'x', '12', '13', null], // biome-ignore format: one line
    );
  });

  it('are not lost among integers', async () => {
    const mixed = Array.from({ length: 500 }, (_, i) => (i % 100 === 7 ? `x-${i}` : String(i)));
    const out = await runInto(write({ 'trades.csv': tardisTrades(BITMEX, mixed) }));
    expect(await idsOf(out)).toEqual(mixed);
  });

  it('refuse their row where they are no UTF-8, and only then', async () => {
    const text = tardisTrades(BITMEX, ['a', 'é-ü', 'b']);
    const bytes = Buffer.from(text);
    bytes[bytes.indexOf(',b,buy') + 1] = 0xff;
    const out = await runInto(write({ 'trades.csv': bytes }));
    expect(await idsOf(out)).toEqual(['a', 'é-ü']);
    const db = await openDuckdb();
    try {
      const rejects = await columnsOf(
        db,
        `SELECT row, reason, "column" FROM ${tableSql(out, 'rejects')}`,
      );
      expect(rejects).toEqual({ row: [2n], reason: ['ERR_ROW_TEXT'], column: ['id'] });
    } finally {
      db.closeSync();
    }
  });

  it('come out of Parquet, with a dictionary and without, and out of our own files', async () => {
    const some = ids.slice(0, 3_000);
    const repeated = some.map((_, i) => `id-${i % 50}`);
    const db = await openDuckdb();
    for (const wanted of [some, repeated]) {
      const root = write({ 'source.csv': tardisTrades(BITMEX, wanted) });
      const lake = join(root, 'trades/exchange=COINBASE/symbol=BTC-USD/dt=2024-08-08');
      mkdirSync(lake, { recursive: true });
      await db.run(`COPY (SELECT side, amount, price, id, "timestamp"::BIGINT * 1000 AS "timestamp",
          local_timestamp::BIGINT * 1000 AS receipt_timestamp
        FROM read_csv('${join(root, 'source.csv')}', all_varchar = true, parallel = false))
        TO '${lake}/1.snappy.parquet' (FORMAT parquet, COMPRESSION snappy)`);
      const out = await runInto(join(root, 'trades'));
      expect(await idsOf(out)).toEqual(wanted);
      expect(await idsOf(await runInto(join(out, 'trades')))).toEqual(wanted);
    }
    db.closeSync();
  });

  it('stand in the batches of the library', async () => {
    const input = write({ 'trades.csv': tardisTrades(BITMEX, ids.slice(0, 20_000)) });
    const kept = [];
    for await (const batch of openInput(input).batches({ table: 'trades' })) {
      kept.push(copyBatch(batch));
    }
    const found = kept.flatMap((batch) => [...batch.getChild('trade_id')!]);
    expect(found).toEqual(ids.slice(0, 20_000));
    expect(String(kept[0]!.schema.fields[2])).toBe('trade_id: Utf8');
  });
});
