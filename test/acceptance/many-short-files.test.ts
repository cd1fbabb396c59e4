import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateTape } from '#src/generate/generate-tape.js';
import { openDuckdb } from '../support/duckdb.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { differingPaths } from '../support/same-bytes.js';

const FILES = 600;
const DAY = 'exchange=BINANCE/symbol=SYM-0001-USDT/dt=2026-01-01';

/** Cuts the only file of a table into so many, in its order, with `columns` in place of its own. */
async function cutIntoFiles(tape: string, out: string, files: number): Promise<void> {
  const db = await openDuckdb();
  const tables = { book_delta_v2: '*', trades: "* REPLACE ('t-' || id AS id)" };
  for (const [table, columns] of Object.entries(tables)) {
    const folder = join(out, table, DAY);
    mkdirSync(folder, { recursive: true });
    const source = `read_parquet('${join(tape, table, DAY)}/*.parquet', hive_partitioning = false)`;
    await db.run(`CREATE TABLE ${table} AS SELECT ${columns} FROM ${source}`);
    for (let file = 0; file < files; file++) {
      const rows = (place: number): string =>
        `(SELECT count(*) FROM ${table}) * ${place} // ${files}`;
      const range = `rowid >= ${rows(file)} AND rowid < ${rows(file + 1)}`;
      const path = join(folder, `${file + 1}.snappy.parquet`);
      await db.run(
        `COPY (SELECT * FROM ${table} WHERE ${range} ORDER BY rowid) TO '${path}' (FORMAT parquet)`,
      );
    }
  }
  db.closeSync();
}

// Recorders begin a new file each minute; what they write in it may be a handful of rows.
describe('a day of hundreds of files of a few rows', () => {
  it('fits into the memory of a day of one file, and gives the same bytes', async () => {
    const root = temporaryFolder();
    const tape = join(root, 'tape');
    await generateTape({ out: tape, events: 60_000, layout: 'lake' });
    const outputs: string[] = [];
    for (const files of [1, FILES]) {
      const input = join(root, `in-${files}`);
      await cutIntoFiles(tape, input, files);
      const out = join(root, `out-${files}`);
      const options = ['--workers', '1', '--memory', '430MB', '--no-sync', '--tables'];
      await depthmillDone(['run', input, '-o', out, ...options, 'depth,book,trades,keyframes']);
      outputs.push(out);
    }
    const paths = differingPaths(outputs[0]!, outputs[1]!);
    expect(paths.filter((path) => path.endsWith('.parquet'))).toEqual([]);
  });

  it('and so do units of a few rows', async () => {
    const root = temporaryFolder();
    const tape = join(root, 'tape');
    await generateTape({ out: tape, events: 60_000, layout: 'lake', rowGroupRows: 100 });
    const outputs: string[] = [];
    for (const batchRows of ['100', '65536']) {
      const out = join(root, `out-${batchRows}`);
      const options = ['--workers', '1', '--memory', '430MB', '--no-sync'];
      await depthmillDone(['run', tape, '-o', out, ...options, '--batch-rows', batchRows]);
      outputs.push(out);
    }
    expect(differingPaths(outputs[0]!, outputs[1]!)).toEqual([]);
  });
});
