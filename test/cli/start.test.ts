import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { filesBelow, scratchFolder } from './scratch-folder.js';

const START_PATH = fileURLToPath(new URL('../../build/cli/start.js', import.meta.url));
const scratch = scratchFolder();

function start(folder: string): string {
  return execFileSync(process.execPath, [START_PATH], { cwd: folder, encoding: 'utf8' });
}

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
