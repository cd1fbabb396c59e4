import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { runCli } from './spawn-cli.js';

const DELTAS = sharedData(
  'lake/book_delta_v2/exchange=BINANCE/symbol=BTC-USDT/dt=2024-08-08/1.snappy.parquet',
);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'depthmill-inspect-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('inspect of what it cannot read ends with 1', () => {
  test('a path that does not exist', async () => {
    const { exitCode, stderr } = await runCli(['inspect', join(folder, 'nowhere.parquet')]);
    expect(stderr).toContain('ERR_INPUT_NOT_FOUND');
    expect(exitCode).toBe(1);
  });

  test('a folder', async () => {
    const { exitCode, stderr } = await runCli(['inspect', folder]);
    expect(stderr).toContain('ERR_INPUT_UNREADABLE');
    expect(exitCode).toBe(1);
  });

  test('a file that is not Parquet, as JSON', async () => {
    const path = join(folder, 'text.parquet');
    writeFileSync(path, 'price,qty\n1,2\n');
    const { exitCode, stdout, stderr } = await runCli(['inspect', path, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_PARQUET_NOT_PARQUET' } });
    expect(stderr).toBe('');
    expect(exitCode).toBe(1);
  });
});

test('inspect of a text says what its first pass has found', async () => {
  const path = join(folder, 'deltas.csv');
  writeFileSync(path, 'local_ts,side,price,qty\n1723161255088156767,bid,2681.5,1\n');
  const { stdout } = await runCli(['inspect', path]);
  expect(stdout).toContain('dialect generic, table depth');
  expect(stdout).toContain('read by text-kernels: delimited text, read at any block of lines');
  expect(stdout).toMatch(/^local_ts +integers .* 1723161255088156767 +1723161255088156767/m);
});

describe.runIf(hasSharedData)('inspect of Lake deltas', () => {
  test('says what the file is', async () => {
    const { exitCode, stdout } = await runCli(['inspect', DELTAS]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('dialect lake, table depth, BINANCE BTC-USDT, day 2024-08-08');
    expect(stdout).toContain('298,111 rows');
    expect(stdout).toMatch(/^side_is_bid +BOOLEAN/m);
  });

  test('--json holds every row group, and times with all digits', async () => {
    const { stdout } = await runCli(['inspect', DELTAS, '--json']);
    const facts = JSON.parse(stdout) as {
      rows: number;
      row_groups: { rows: number }[];
      time: { from: string };
    };
    expect(facts.row_groups.reduce((sum, group) => sum + group.rows, 0)).toBe(298_111);
    expect(facts.rows).toBe(298_111);
    expect(facts.time.from).toMatch(/^\d{19}$/);
  });

  test('a mapping that the file does not have is an answer, not a crash', async () => {
    const { exitCode, stdout } = await runCli(['inspect', DELTAS, '--map', 'price=px,qty=sz']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('not used by depthmill');
    expect(stdout).toContain('px');
  });
});
