import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runCli } from '../cli/spawn-cli.js';
import type { StreamPolicy } from '../oracle/stream-rows.js';
import { createPrng } from '../prng.js';
import { openDuckdb } from '../support/duckdb.js';
import { type InstrumentJson, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { randomStream } from '../support/random-stream.js';
import { differencesOf } from '../support/same-rows.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { writeStream } from '../support/stream-fixture.js';

const FIXTURE = { exchange: 'TEST', symbol: 'X', dt: '2026-01-01' } as const;
const NO_FAULTS = { loss: 0, duplicate: 0, swap: 0, truncation: 0, reset: 0 };

function streamOf(policy: StreamPolicy) {
  const market = { snapshot: 0.01, lateness: [0, 3], snapshotLevels: 12, depth: 20 } as const;
  const faults = { ...NO_FAULTS, ...market, messages: 300, pauseNsMax: 100_000_000 };
  return randomStream(createPrng(), { ...faults, policy });
}

interface Outcome extends InstrumentJson {
  readonly resets: number;
}

/** What a run on these inputs says of their one instrument, and of files that it left out. */
async function outcomeOf(out: string, inputs: readonly string[], ...more: string[]) {
  await depthmillDone(['run', ...inputs, '-o', out, '--no-sync', ...more]);
  const audit = readAudit(out) as ReturnType<typeof readAudit> & {
    readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  };
  const skipped = audit.skipped.map(({ path, reason }) => `${path}: ${reason}`);
  return { skipped, instrument: audit.instruments[0] as Outcome };
}

async function expectSameTables(outs: readonly [string, string], tables: readonly string[]) {
  const db = await openDuckdb();
  for (const table of tables) {
    const { rowCounts, columns } = await differencesOf(db, outs, table);
    expect({ table, columns }).toEqual({ table, columns: [] });
    expect(rowCounts[1]).toBe(rowCounts[0]);
  }
}

describe('two outputs of the same day', () => {
  it('that are the same are read once, and the copies are named', async () => {
    const root = temporaryFolder();
    await writeStream(join(root, 'in'), { ...FIXTURE, policy: 'chain' }, streamOf('chain'));
    const [a, b, again] = [join(root, 'a'), join(root, 'b'), join(root, 'again')];
    await outcomeOf(a, [join(root, 'in')]);
    await outcomeOf(b, [join(root, 'in')]);
    const { skipped } = await outcomeOf(again, [a, b]);
    const part = 'depth/exchange=TEST/symbol=X/dt=2026-01-01/part-0000.parquet';
    expect(skipped).toContain(`${join(b, part)}: a copy of ${join(a, part)}, which is read`);
    await expectSameTables([a, again], ['depth']);
  });

  it('that differ are an error that names both, and the first is read alone', async () => {
    const root = temporaryFolder();
    await writeStream(join(root, 'in'), { ...FIXTURE, policy: 'chain' }, streamOf('chain'));
    const [a, b, again] = [join(root, 'a'), join(root, 'b'), join(root, 'again')];
    await outcomeOf(a, [join(root, 'in')]);
    await outcomeOf(b, [join(root, 'in')], '--limit', '500');
    const result = await runCli(['run', a, b, '-o', again, '--json', '--no-sync']);
    expect(result.exitCode).toBe(4);
    const part = 'depth/exchange=TEST/symbol=X/dt=2026-01-01/part-0000.parquet';
    const failures = readAudit(again).failures;
    expect(failures.map(({ code }) => code)).toEqual(['ERR_INPUT_OVERLAP']);
    expect(failures[0]!.message).toContain(`${join(b, part)} holds times that ${join(a, part)}`);
    await expectSameTables([a, again], ['depth']);
  });

  it('that follow one another go on from one another, whatever they are called', async () => {
    const root = temporaryFolder();
    const rows = streamOf('contiguous');
    await writeStream(join(root, 'in'), { ...FIXTURE, policy: 'contiguous' }, rows);
    const whole = join(root, 'whole');
    const cut = rows[Math.floor(rows.length / 2)]!.tsRecv;
    const [late, early, both] = [join(root, 'a-late'), join(root, 'b-early'), join(root, 'both')];
    await outcomeOf(whole, [join(root, 'in')]);
    await outcomeOf(late, [whole], '--from', String(cut));
    await outcomeOf(early, [whole], '--to', String(cut));
    const { skipped, instrument } = await outcomeOf(both, [
      join(late, 'depth'),
      join(early, 'depth'),
    ]);
    expect(skipped).toEqual([]);
    expect(instrument.gaps).toEqual([]);
    await expectSameTables([whole, both], ['depth']);
  });
});

describe('one input under several names', () => {
  it('is read once, as links are and as its packed copy is', async () => {
    const root = temporaryFolder();
    const head = 'ts_recv,exchange,symbol,sequence,side,price,qty';
    const lines = Array.from(
      { length: 3_000 },
      (_, i) => `${1_767_229_200_000 + i}000000,x,X,${i},bid,${100 + (i % 9)},1`,
    );
    const text = `${[head, ...lines].join('\n')}\n`;
    mkdirSync(join(root, 'in'));
    const [first, copy, link] = ['1.csv', '2.csv', '3.csv'].map((name) => join(root, 'in', name));
    writeFileSync(first!, text);
    copyFileSync(first!, copy!);
    symlinkSync(first!, link!);
    const { skipped, instrument } = await outcomeOf(join(root, 'out'), [join(root, 'in')]);
    expect(skipped).toEqual([`${copy}: a copy of ${first}, which is read`]);
    expect(instrument.accounting).toMatchObject({ rows_in: 3_000, dropped: {}, rows_out: 3_000 });
  });
});

// The first two thirds and the last two thirds of what a recorder wrote.
describe.skipIf(!hasSharedData)('two captures that overlap', () => {
  it.each([
    ['spot', 'spot/btcusdt_20240808.gz'],
    ['cm', 'cm/ethusd_perp_20240808.gz'],
  ])(
    '%s: give the depth and book of the whole, and count what came twice',
    { timeout: 120_000 },
    async (_market, path) => {
      const root = temporaryFolder();
      const text = gunzipSync(readFileSync(sharedData(`captures/${path}`))).toString();
      const lines = text.split('\n').slice(0, -1);
      const third = Math.floor(lines.length / 3);
      mkdirSync(join(root, 'in'));
      const name = path.replace(/^.*\/|\.gz$/g, '');
      writeFileSync(join(root, 'in', `${name}-1`), `${lines.slice(0, 2 * third).join('\n')}\n`);
      writeFileSync(join(root, 'in', `${name}-2`), `${lines.slice(third).join('\n')}\n`);
      writeFileSync(join(root, name), text);
      const [whole, both] = [join(root, 'whole'), join(root, 'both')];
      const expected = await outcomeOf(whole, [join(root, name)]);
      const files = [join(root, 'in', `${name}-1`), join(root, 'in', `${name}-2`)];
      const { instrument } = await outcomeOf(both, files);
      const { accounting, duplicates, resets, digest, gaps } = instrument;
      const twice = accounting.rows_in - expected.instrument.accounting.rows_in;
      expect(twice).toBeGreaterThan(10_000);
      expect(accounting.dropped).toEqual({ duplicate: twice });
      expect(duplicates).toBeGreaterThan(1_000);
      expect({ resets, digest, gaps }).toEqual({
        resets: 0,
        digest: expected.instrument.digest,
        gaps: [],
      });
      await expectSameTables([whole, both], ['depth', 'book']);
    },
  );
});

// Nothing in such rows tells those that both files hold from those that only one has.
describe('two files without ids that overlap', () => {
  const at = (second: number) => `${1_767_229_200 + second}000000000`;
  const files = {
    depth: (second: number) => `${at(second)},x,X,bid,100,${1 + second},${second === 0}`,
    trades: (second: number) => `${at(second)},x,X,buy,100,1,g${second}`,
  };
  const heads = {
    depth: 'ts_recv,exchange,symbol,side,price,qty,is_snapshot',
    trades: 'ts_recv,exchange,symbol,side,price,qty,trade_id',
  };

  it.each(['depth', 'trades'] as const)('%s: are an error that names both', async (table) => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'in'));
    const write = (name: string, from: number, to: number): string => {
      const path = join(root, 'in', name);
      const seconds = Array.from({ length: to - from }, (_, i) => from + i);
      writeFileSync(path, `${[heads[table], ...seconds.map(files[table])].join('\n')}\n`);
      return path;
    };
    const [a, b] = [write('a.csv', 0, 20), write('b.csv', 10, 30)];
    const out = join(root, 'out');
    const result = await runCli(['run', a, b, '-o', out, '--json', '--no-sync']);
    expect(result.exitCode).toBe(1);
    const { code, message } = JSON.parse(result.stdout).error;
    expect(existsSync(out)).toBe(false);
    expect(code).toBe('ERR_INPUT_OVERLAP');
    expect(message).toMatch(/b\.csv begins at 2026-01-01T01:00:10Z, before .*a\.csv ends/);
    const behind = [a, write('b.csv', 20, 30)];
    const { instrument } = await outcomeOf(join(root, 'behind'), behind);
    const accounting = table === 'depth' ? instrument.accounting : instrument.trades_accounting;
    expect(accounting).toMatchObject({ rows_in: 30, dropped: {} });
  });
});
