import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../cli/spawn-cli.js';
import { openDuckdb } from '../support/duckdb.js';
import { readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const HEADER = 'exchange,symbol,local_ts,last_update_id,prev_update_id,side,price,qty,is_snapshot';
const START_MS = 1_767_225_600_000;

/** A line of a file; `prev` empty: a snapshot, which follows no message. */
const line = (ms: number, id: number, prev: number | '', level: string): string =>
  `okx,X,${START_MS + ms},${id},${prev},${level},${prev === ''}`;

const SNAPSHOT = [line(0, 10, '', 'bid,99,1'), line(0, 10, '', 'ask,101,1')];
const CHANGES = [line(10, 12, 10, 'bid,100,2'), line(20, 15, 12, 'ask,101,0')];

/** Each list of lines as a file of one folder, in this order. */
async function folderOf(
  files: readonly (readonly string[])[],
  format: 'csv' | 'parquet',
): Promise<string> {
  const root = temporaryFolder();
  const db = await openDuckdb();
  try {
    for (const [index, lines] of files.entries()) {
      const csv = join(root, `${index}.csv`);
      writeFileSync(csv, `${[HEADER, ...lines].join('\n')}\n`);
      if (format === 'csv') continue;
      const sql =
        "SELECT * REPLACE (prev_update_id::BIGINT AS prev_update_id) FROM read_csv('" +
        `${csv}', all_varchar = false)`;
      await db.run(`COPY (${sql}) TO '${join(root, `${index}.parquet`)}' (FORMAT parquet)`);
    }
  } finally {
    db.closeSync();
  }
  return format === 'csv' ? root : `${root}/*.parquet`;
}

describe('a stream in several files', () => {
  const cases = [
    ['csv', [SNAPSHOT, CHANGES]],
    ['parquet', [SNAPSHOT, CHANGES]],
    ['csv', [[...SNAPSHOT, CHANGES[0]!], [line(15, 12, '', 'bid,100,2')], [CHANGES[1]!]]],
  ] as const;

  it.each(
    [[], ['--policy', 'chain']].flatMap((policy) =>
      cases.map(([format, files]) => [format, files, policy] as const),
    ),
  )(
    'goes on where a file holds nothing but a snapshot, which names no id before it (%s, $2)',
    async (format, files, policy) => {
      const input = await folderOf(files, format);
      const out = join(temporaryFolder(), 'out');
      // The policy of the ids that are there, or that which was asked for.
      await depthmillDone(['run', input, '-o', out, ...policy]);
      const { instruments, failures } = readAudit(out);
      expect(failures).toEqual([]);
      expect(instruments).toMatchObject([
        { policy: 'chain', proves: 'every_loss', gaps: [], verdict: 'usable' },
      ]);
      const rowsIn = files.reduce((sum, lines) => sum + lines.length, 0);
      expect(instruments[0]!.accounting).toMatchObject({ rows_in: rowsIn, rejected: {} });
    },
  );

  it('takes a snapshot alone as the chain that was asked for', async () => {
    const input = await folderOf([SNAPSHOT], 'csv');
    const out = join(temporaryFolder(), 'out');
    await depthmillDone(['run', input, '-o', out, '--policy', 'chain']);
    const [found] = readAudit(out).instruments;
    expect(found).toMatchObject({ policy: 'chain', gaps: [], accounting: { rows_in: 2 } });
  });

  it.each(['csv', 'parquet'] as const)(
    'refuses changes without ids before them as a chain (%s)',
    async (format) => {
      const changes = [10, 12].map((id) =>
        line(id, id, '', `bid,${90 + id},2`).replace('true', 'false'),
      );
      const input = await folderOf([[...SNAPSHOT, ...changes]], format);
      const out = join(temporaryFolder(), 'out');
      const { exitCode, stderr } = await runCli(['run', input, '-o', out, '--policy', 'chain']);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('ERR_INPUT_SCHEMA --policy chain needs an id and the id before it');
    },
  );

  it('refuses changes without the id before them, where other files have it', async () => {
    const changes = [line(10, 12, '', 'bid,100,2').replace('true', 'false')];
    const input = await folderOf([SNAPSHOT, changes, [CHANGES[1]!]], 'csv');
    const out = join(temporaryFolder(), 'out');
    await depthmillDone(['run', input, '-o', out]);
    const { accounting } = readAudit(out).instruments[0]!;
    expect(accounting).toMatchObject({ rows_in: 4, rejected: { ERR_ROW_NULL: 1 } });
  });
});
