import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { CLI_PATH } from './spawn-cli.js';

const folder = temporaryFolder();
const file = join(folder, 'rows.csv');
const out = join(folder, 'out');
writeFileSync(file, 'ts_recv,side,price,qty\n1767229200000000000,bid,1,1\n');
await depthmillDone(['run', file, '-o', out, '--tables', 'depth']);

// Whoever redirects a report must not take half of it for whole.
describe.runIf(existsSync('/dev/full'))('a disk that is full behind standard output', () => {
  test.each([
    ['a report as JSON', ['audit', file, '--json']],
    ['a report for people', ['audit', file]],
    ['a table', ['cat', out, '--table', 'depth']],
    ['an error as JSON', ['audit', `${file}.gone`, '--json']],
  ])('%s: exit code 1, and why', (_what, args) => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [CLI_PATH, ...args], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^depthmill: ERR_OUTPUT_UNWRITABLE .*ENOSPC/),
    });
  });
});

describe('a reader of standard output that has gone away', () => {
  test.each([
    ['of a report is no failure', ['audit', file, '--json'], 0],
    ['of an error leaves the exit code what it is', ['audit', `${file}.gone`, '--json'], 1],
  ])('%s', (_what, args, code) => {
    const command = [process.execPath, CLI_PATH, ...args].map((part) => `'${part}'`).join(' ');
    const { stderr } = spawnSync('sh', ['-c', `(${command}; echo "code $?" >&2) | true`], {
      encoding: 'utf8',
    });
    expect(stderr).toBe(`code ${code}\n`);
  });
});
