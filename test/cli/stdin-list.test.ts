import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scratchFolder } from './scratch-folder.js';
import { CLI_PATH } from './spawn-cli.js';

const scratch = scratchFolder();
const linesOf = (symbol: string): string =>
  `ts_recv,symbol,side,price,qty\n1767225600000000000,${symbol},bid,1.5,2\n`;

test.each([
  ['audit', '-', '--json'],
  ['audit', '--json', '--workers', '1', '-'],
  ['audit', '@-', '--json'],
])('%s %s %s takes the paths on standard input', (...args) => {
  for (const name of ['a', 'b']) writeFileSync(scratch(`${name}.csv`), linesOf(name));
  const options = {
    cwd: scratch('.'),
    input: 'a.csv\n# not this\nb.csv\n',
    encoding: 'utf8',
  } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI_PATH, ...args], options);
  expect(status, stderr).toBe(0);
  expect((JSON.parse(stdout) as { inputs: unknown[] }).inputs).toHaveLength(2);
});
