import { cpSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { runCli } from './spawn-cli.js';

const LAKE_DATA = sharedData('lake');
const BTC = 'exchange=BINANCE/symbol=BTC-USDT/dt=2024-08-08/1.snappy.parquet';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'depthmill-inputs-'));
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'text'));
  writeFileSync(join(folder, 'text/prices.parquet'), 'price,qty\n1,2\n');
  writeFileSync(join(folder, 'zero.parquet'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Failures {
  readonly failures: readonly { readonly code: string }[];
}

/** Every way to name inputs ends the same for the same mistake. */
const COMMANDS = {
  'run --dry-run': ['run', '--dry-run'],
  run: ['run', '-o', 'OUT'],
  audit: ['audit'],
} as const;

describe.each(Object.entries(COMMANDS))('%s', (_name, words) => {
  /** The command, with an output folder of its own where it needs one. */
  const commandFor = (what: string): string[] =>
    words.map((word) => (word === 'OUT' ? join(folder, 'out', what.replaceAll(/\W/g, '_')) : word));

  test.each([
    ['nowhere', 'ERR_INPUT_NOT_FOUND'],
    ['empty', 'ERR_INPUT_EMPTY'],
    ['no*such.parquet', 'ERR_INPUT_EMPTY'],
    ['@no-list', 'ERR_INPUT_NOT_FOUND'],
    ['text', 'ERR_PARQUET_NOT_PARQUET'],
    ['zero.parquet', 'ERR_PARQUET_TRUNCATED'],
  ])('%s: %s, exit code 1', async (name, code) => {
    const input = name.startsWith('@') ? `@${join(folder, name.slice(1))}` : join(folder, name);
    const { exitCode, stdout, stderr } = await runCli([...commandFor(name), input]);
    expect(stderr).toContain(`depthmill: ${code} `);
    expect(stdout).toBe('');
    expect(exitCode).toBe(1);
  });

  test.runIf(hasSharedData)('a selection that takes nothing says what there is', async () => {
    const { exitCode, stderr } = await runCli([
      ...commandFor('none'),
      LAKE_DATA,
      '--symbol',
      'NONE-*',
    ]);
    expect(stderr).toContain('ERR_INPUT_NO_MATCH');
    expect(stderr).toContain('BINANCE BTC-USDT');
    expect(exitCode).toBe(1);
  });

  test.runIf(hasSharedData)(
    'a truncated file beside good ones fails alone, with exit code 4',
    async () => {
      const lake = join(folder, 'lake');
      rmSync(lake, { recursive: true, force: true });
      cpSync(join(LAKE_DATA, 'trades', BTC), join(lake, 'trades', BTC));
      const broken = join(lake, 'book_delta_v2', BTC);
      cpSync(join(LAKE_DATA, 'book_delta_v2', BTC), broken);
      truncateSync(broken, 100_000);
      const { exitCode, stdout } = await runCli([...commandFor('some'), lake, '--json']);
      expect(exitCode).toBe(4);
      const result = JSON.parse(stdout) as { report?: Failures } & Failures;
      const { failures } = result.report ?? result;
      expect(failures.map(({ code }) => code)).toEqual(['ERR_PARQUET_TRUNCATED']);
    },
  );
});

test.runIf(hasSharedData)('--dry-run counts rows and writes nothing', async () => {
  const { exitCode, stdout } = await runCli(['run', LAKE_DATA, '--dry-run', '-o', 'never']);
  expect(exitCode).toBe(0);
  for (const rows of ['298,111', '428,662', '437,922']) expect(stdout).toContain(rows);
});
