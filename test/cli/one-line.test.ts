import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { oneLine } from '#src/cli/one-line.js';
import { renderTable } from '#src/cli/table.js';
import { scratchFolder } from './scratch-folder.js';
import { runCli } from './spawn-cli.js';

const scratch = scratchFolder();
/** Ends a line, and would turn a terminal red. */
const NAME = 'a\nb\u001b[31m.csv';
const SHOWN = 'a\\nb\\x1b[31m.csv';
const ROWS = 'exchange,symbol,ts_recv,sequence,side,price,qty\n';

/** Rows with a hole in their ids. */
const LOSSY = [1, 2, 5, 6]
  .map((id) => `X,Y,${1_767_225_600_000 + id},${id},bid,100,${id}\n`)
  .join('');

test('a text is one line, and its other characters stay', () => {
  expect(oneLine('\n\r\t\0\u007f\u009b\u2028\u202e')).toBe(
    '\\n\\r\\t\\x00\\x7f\\x9b\\u2028\\u202e',
  );
  expect(oneLine('BTC-USDT\\n é 価格 🙂')).toBe('BTC-USDT\\n é 価格 🙂');
});

test('a table keeps its lines, whatever its cells hold', () => {
  const columns = [
    { header: 'file', align: 'left' },
    { header: 'rows', align: 'right' },
  ] as const;
  expect(renderTable(columns, [[NAME, '1']], null).split('\n')).toEqual([
    `file${' '.repeat(SHOWN.length - 4)}  rows`,
    `${'─'.repeat(SHOWN.length)}  ────`,
    `${SHOWN}     1`,
  ]);
  expect(renderTable(columns, [[NAME, '1']], 5)).toBe(`file  ${SHOWN}\nrows  1`);
});

test('a name with control characters breaks neither table nor message, and JSON has it as it is', async () => {
  const folder = scratch('named');
  mkdirSync(folder);
  writeFileSync(`${folder}/${NAME}`, ROWS + LOSSY);
  const generic = ['--dialect', 'generic', '--policy', 'contiguous'];
  const audit = await runCli(['audit', folder, ...generic]);
  expect(audit.stdout).toContain(SHOWN);
  expect(audit.stdout).not.toContain('\u001b');
  const { stdout: json } = await runCli(['audit', folder, ...generic, '--json']);
  const { instruments } = JSON.parse(json) as { instruments: { gaps: { file: string }[] }[] };
  expect(instruments[0]!.gaps[0]!.file).toBe(`${folder}/${NAME}`);
  const inspect = await runCli(['inspect', `${folder}/${NAME}`]);
  expect(inspect.stdout.split('\n')[0]).toBe(`${folder}/${SHOWN}`);
});

test('so it is in errors, and in what a run would skip', async () => {
  const missing = await runCli(['audit', scratch(`none${NAME}`)]);
  expect(missing.stderr.split('\n')).toEqual([expect.stringContaining(SHOWN), '']);
  const folder = scratch('skipped');
  mkdirSync(folder);
  writeFileSync(`${folder}/good.csv`, ROWS + LOSSY);
  writeFileSync(`${folder}/${NAME}`, 'funding_rate,symbol\n1,Y\n');
  const { stdout } = await runCli(['run', '--dry-run', folder, '--dialect', 'generic']);
  expect(stdout).toContain(SHOWN);
  expect(stdout).not.toContain('\u001b');
});
