import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli/spawn-cli.js';
import { createPrng } from '../prng.js';
import { openDuckdb } from '../support/duckdb.js';
import { filesBelow, instrumentIn, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { differingPaths } from '../support/same-bytes.js';

// Enough rows and instruments that they are gathered; one or two of them alone never are.
const SYMBOLS = 60;
const ROWS = 6_000;
const CHOSEN = ['S0', 'S17', 'S59'];

/** SQL of rows in which nearly everything is wrong once in a while. */
function rowsSql(kind: 'clean' | 'dirty', seed: number): string {
  const now = 'i // 3';
  const pick = (salt: number): string => `hash(i * 31 + ${seed + salt})`;
  const isDirty = (salt: number, share: number): string =>
    kind === 'clean' ? 'false' : `${pick(salt)} % ${share} = 0`;
  return `SELECT
    CASE WHEN ${isDirty(1, 90)} THEN NULL ELSE 'S' || hash(${now} + ${seed}) % ${SYMBOLS} END AS symbol,
    1767225600000000000 + ${now} * 1000000 AS ts_recv,
    CASE WHEN ${isDirty(2, 50)} THEN NULL WHEN ${isDirty(3, 60)} THEN 0
      ELSE 1767225600000000000 + ${now} * 1000000 - 7 END AS ts_event,
    ${now} AS sequence,
    CASE WHEN ${isDirty(4, 70)} THEN 'both' WHEN ${pick(5)} % 2 = 0 THEN 'bid' ELSE 'ask' END AS side,
    CASE WHEN ${isDirty(6, 40)} THEN NULL WHEN ${isDirty(7, 40)} THEN 'x' WHEN ${isDirty(8, 40)} THEN '-1'
      ELSE (100 + ${pick(9)} % 40 / 8.0)::VARCHAR END AS price,
    (${pick(10)} % 5)::VARCHAR AS qty
    FROM range(${ROWS}) r(i) ORDER BY i`;
}

const FORMATS = {
  'parquet of texts, small row groups': { kind: 'dirty', name: 'a.parquet', as: 'FORMAT parquet, ROW_GROUP_SIZE 2048' },
  'parquet of doubles': { kind: 'clean', name: 'b.parquet', as: 'FORMAT parquet, CODEC zstd' },
  'csv': { kind: 'dirty', name: 'c.csv', as: 'FORMAT csv' },
  'packed csv': { kind: 'clean', name: 'd.csv.gz', as: 'FORMAT csv, COMPRESSION gzip' },
} as const; // biome-ignore format: a table

const OPTIONS = ['--exchange', 'X', '--no-sync', '--tables', 'all'];

describe('instruments that are gathered from the file that they share', () => {
  const root = temporaryFolder();
  const inputOf = (name: string): string => join(root, 'exchange=X', name);

  beforeAll(async () => {
    mkdirSync(join(root, 'exchange=X'));
    const db = await openDuckdb();
    const { seed } = createPrng();
    for (const { kind, name, as } of Object.values(FORMATS)) {
      const numbers = name.startsWith('b') ? '* REPLACE (price::DOUBLE AS price, qty::DOUBLE AS qty)' : '*'; // biome-ignore format: one line
      await db.run(`COPY (SELECT ${numbers} FROM (${rowsSql(kind, seed % 1_000)})) TO '${inputOf(name)}' (${as})`); // biome-ignore format: one line
    }
    db.closeSync();
  });

  it.each(Object.entries(FORMATS))(
    '%s: give the bytes that they give alone',
    async (_, { name }) => {
      const alone = join(root, `${name}-alone`);
      const chosen = CHOSEN.slice(0, 2).flatMap((symbol) => ['--symbol', symbol]);
      await depthmillDone(['run', inputOf(name), '-o', alone, ...OPTIONS, ...chosen]);
      const together = join(root, `${name}-together`);
      await depthmillDone(['run', inputOf(name), '-o', together, ...OPTIONS]);
      expect(readAudit(together).instruments.length).toBeGreaterThanOrEqual(SYMBOLS);
      for (const symbol of CHOSEN.slice(0, 2)) {
        const own = (out: string): string[] => filesBelow(out).filter((path) => path.includes(`symbol=${symbol}/`)); // biome-ignore format: one line
        expect(own(together)).toEqual(own(alone));
        expect(own(alone).length).toBeGreaterThan(3);
        for (const path of own(alone)) {
          const [a, b] = [alone, together].map((out) => readFileSync(join(out, path)));
          expect(a!.equals(b!), `${name}: ${path}`).toBe(true);
        }
        const [a, b] = [alone, together].map((out) => instrumentIn(readAudit(out), 'X', symbol));
        expect(b).toEqual(a);
      }
      for (const [workers, batchRows] of [
        ['1', '1000'],
        ['4', '300'],
      ] as const) {
        // biome-ignore format: one line
        const out = join(root, `${name}-${workers}`);
        const sizes = ['--workers', workers, '--batch-rows', batchRows];
        await depthmillDone(['run', inputOf(name), '-o', out, ...OPTIONS, ...sizes]);
        expect(differingPaths(together, out)).toEqual([]);
      }
      // Nothing but outputs has a name in there.
      const strange = filesBelow(together).filter((path) => !/\.(?:parquet|json|sql)$/.test(path));
      expect(strange).toEqual([]);
    },
  );

  it('say where there was no room for them, and use none where they are few', async () => {
    const nowhere = { TMPDIR: join(root, 'nowhere'), TMP: '', TEMP: '' };
    const refused = await runCli(['audit', inputOf('b.parquet'), '--exchange', 'X'], nowhere);
    expect(refused.stderr).toMatch(/ERR_OUTPUT_UNWRITABLE .*nowhere/);
    expect(refused.exitCode).toBe(1);
    const two = ['--symbol', 'S0', '--symbol', 'S1'];
    await depthmillDone(['audit', inputOf('b.parquet'), '--exchange', 'X', ...two], nowhere);
    const folder = join(root, 'somewhere');
    mkdirSync(folder);
    await depthmillDone(['audit', inputOf('b.parquet'), '--exchange', 'X'], { TMPDIR: folder });
    expect(readdirSync(folder)).toEqual([]);
  });
});
