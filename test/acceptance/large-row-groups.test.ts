import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateTape } from '#src/generate/generate-tape.js';
import { openInput } from '#src/index.js';
import { runCli } from '../cli/spawn-cli.js';
import { openDuckdb } from '../support/duckdb.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { differingPaths } from '../support/same-bytes.js';

async function writeLarge(path: string, rowCount: number, price: string): Promise<void> {
  const db = await openDuckdb();
  await db.run(
    `COPY (SELECT 1700000000000000000 + i AS ts_recv, i % 2 = 0 AS is_bid, (${price})::DOUBLE AS price,
             1::DOUBLE AS qty, 'X' AS exchange, 'A-B' AS symbol FROM range(${rowCount}) t(i))
       TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE ${rowCount})`,
  );
  db.closeSync();
}

// Writers make row groups of a million rows and more; they must not ask for memory of their size.
describe('row groups of a million rows', () => {
  it.each(['tape', 'refused.parquet'])(
    'of a %s fit into little memory, and give the same bytes as in much',
    { timeout: 60_000 },
    async (name) => {
      const root = temporaryFolder();
      const input = join(root, name);
      const tape = { events: 1_500_000, layout: 'lake', rowGroupRows: 1_048_576 } as const;
      const price = 'CASE WHEN i % 1237 = 5 THEN NULL WHEN i % 1571 = 9 THEN -1 ELSE i % 1000 END';
      if (name === 'tape') await generateTape({ out: input, ...tape });
      else await writeLarge(input, 1_100_000, price);
      const reference = join(root, 'reference');
      await depthmillDone(['run', input, '-o', reference, '--memory', '2GB', '--no-sync']);
      for (const options of [
        ['--memory', '430MB'],
        ['--workers', '1', '--memory', '350MB'],
      ]) {
        const out = join(root, String(options.length));
        await depthmillDone(['run', input, '-o', out, '--no-sync', ...options]);
        expect(differingPaths(reference, out), options.join(' ')).toEqual([]);
      }
    },
  );

  it('for parquet-wasm are refused where --memory does not hold them once more', async () => {
    const root = temporaryFolder();
    const path = join(root, 'texts.parquet');
    const db = await openDuckdb();
    await db.run(
      `COPY (SELECT 1700000000000000000 + i AS ts_recv, true AS is_bid, 'X' AS exchange,
               (hash(i) % 10000000000)::VARCHAR AS price, (hash(-i) % 10000000000 + 1)::VARCHAR AS qty
             FROM range(1048576) t(i))
         TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 1048576, PARQUET_VERSION v2)`,
    );
    db.closeSync();
    const run = (out: string, memory: string) =>
      runCli([
        'run',
        path,
        '-o',
        join(root, out),
        '--no-sync',
        '--workers',
        '6',
        '--memory',
        memory,
      ]);
    const refused = await run('small', '600MB');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(
      /ERR_MEMORY_TOO_SMALL .*texts\.parquet, row group 0: parquet-wasm/,
    );
    expect((await run('large', '2GB')).exitCode).toBe(0);
  });

  it('and of more than that are rows of the library and of cat, one by one', async () => {
    const path = join(temporaryFolder(), 'large.parquet');
    const rowCount = 2_200_000;
    await writeLarge(path, rowCount, 'i % 1000');
    let rows = 0n;
    let wrong = 0;
    for await (const batch of openInput(path).batches()) {
      const times = batch.getChild('ts_recv')!.toArray() as BigInt64Array;
      for (const time of times) if (time !== 1_700_000_000_000_000_000n + rows++) wrong++;
    }
    expect({ rows, wrong }).toEqual({ rows: BigInt(rowCount), wrong: 0 });
    const times = await depthmillDone(['cat', path, '--columns', 'ts_recv']);
    const lines = times.stdout.trimEnd().split('\n');
    expect(lines.length).toBe(rowCount + 1);
    const isInPlace = (line: string, i: number): boolean =>
      line === String(1_700_000_000_000_000_000n + BigInt(i));
    expect(lines.slice(1).every(isInPlace)).toBe(true);
  });
});
