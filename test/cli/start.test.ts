import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { filesBelow, scratchFolder } from './scratch-folder.js';
import { CLI_PATH } from './spawn-cli.js';

const START_PATH = fileURLToPath(new URL('../../build/cli/start.js', import.meta.url));
const scratch = scratchFolder();

function start(folder: string): string {
  return execFileSync(process.execPath, [START_PATH], { cwd: folder, encoding: 'utf8' });
}

/** Tells of each program that is compiled whether V8 took its bytecode. */
const WATCH = `
  const vm = require('node:vm');
  const { appendFileSync } = require('node:fs');
  const { isMainThread } = require('node:worker_threads');
  vm.Script = class extends vm.Script {
    constructor(text, options) {
      super(text, options);
      const is = this.cachedDataRejected === false ? 'taken' : 'refused';
      appendFileSync(process.env.WATCHED, (isMainThread ? 'host ' : 'thread ') + is + '\\n');
    }
  };
  require('node:module').syncBuiltinESMExports();`;

test.each([
  ['npm start', () => [START_PATH]],
  ['a run', () => [CLI_PATH, 'run', 'demo/tape', '-o', 'other', '--workers=2']],
])('V8 takes the bytecode of %s, on each of its threads', (name, args) => {
  const [folder, watch, watched] = ['watched', 'watch.cjs', `${name}.log`].map((at) => scratch(at));
  mkdirSync(folder!, { recursive: true });
  writeFileSync(watch!, WATCH);
  execFileSync(process.execPath, ['--require', watch!, ...args()], {
    cwd: folder!,
    env: { ...process.env, NODE_OPTIONS: '', WATCHED: watched! },
  });
  const lines = readFileSync(watched!, 'utf8').trim().split('\n');
  expect(new Set(lines)).toEqual(new Set(['host taken', 'thread taken']));
});

test('npm start works from nothing, and a second time on the same tape', () => {
  mkdirSync(scratch('project'));
  const first = start(scratch('project'));
  expect(first).toContain('Generating a market tape');
  expect(first).toContain('1,000,000');
  expect(first).toContain('demo/out');
  const files = filesBelow(scratch('project/demo/out'));
  expect(files).toContain('manifest.json');
  const second = start(scratch('project'));
  expect(second).toContain('The tape of the last start');
  expect(filesBelow(scratch('project/demo/out'))).toEqual(files);
});
