import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../cli/spawn-cli.js';
import { openDuckdb } from '../support/duckdb.js';
import { readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const ROWS = `
  SELECT 1767225600000000000 + i * 1000000 AS ts_recv, 1767225600000000000 + i * 1000000 AS ts_event,
    100 + i AS sequence, i % 2 = 0 AS is_bid, 99.5 + (i % 2) + (i % 7) / 4 AS price, 1.0 + i % 3 AS qty
  FROM range(5000) AS rows(i)`;

/** The rows as a Parquet file whose stamps and ids have this type. */
async function write(folder: string, type: 'BIGINT' | 'UBIGINT', row3 = ''): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'changes.parquet');
  const db = await openDuckdb();
  try {
    const typed = ['ts_recv', 'ts_event', 'sequence'].map((name) => `${name}::${type} AS ${name}`);
    const id = row3 === '' ? '' : `REPLACE (if(sequence = 103, ${row3}, sequence) AS sequence)`;
    await db.run(
      `COPY (SELECT * ${id} FROM (SELECT ${typed.join()}, is_bid, price, qty FROM (${ROWS})))
       TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
    );
  } finally {
    db.closeSync();
  }
  return path;
}

// ClickHouse, Polars and Rust writers have ids and stamps as unsigned 64-bit integers.
describe('unsigned 64-bit ids and stamps', () => {
  it('are read as what they are, and select by time', async () => {
    const root = temporaryFolder();
    const found = [];
    for (const type of ['BIGINT', 'UBIGINT'] as const) {
      const path = await write(join(root, type), type);
      const out = join(root, `${type}-out`);
      const from = '2026-01-01T00:00:01Z';
      await depthmillDone(['run', path, '-o', out, '--policy', 'contiguous', '--from', from]);
      const { policy, digest, accounting, gaps } = readAudit(out).instruments[0]!;
      found.push({ policy, digest, accounting, gaps });
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[0]).toMatchObject({ policy: 'contiguous', accounting: { rows_in: 4_000 } });
  });

  it('from 2^63 on are refused with the value, and nothing is written', async () => {
    const root = temporaryFolder();
    const path = await write(join(root, 'in'), 'UBIGINT', '9223372036854775808');
    const out = join(root, 'out');
    const { exitCode, stderr } = await runCli(['run', path, '-o', out, '--policy', 'monotonic']);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('ERR_PARQUET_UNSUPPORTED');
    expect(stderr).toMatch(/Column sequence of .*holds 9223372036854775808, which no int64 holds/);
    const { stdout } = await depthmillDone(['cat', path, '--columns', 'price,qty', '--limit', '1']);
    expect(stdout.split('\n').length).toBeGreaterThan(1);
  });
});
