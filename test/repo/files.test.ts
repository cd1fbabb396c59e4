import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { projectFiles, readProjectFile } from './project-files.js';

const CODE = projectFiles(/^(?:src|test|bench|assembly)\/.*\.m?ts$/);
const TEXTS = projectFiles(/\.(?:ts|mjs|json|md|sql|html|npmrc)$|^\.ci\/|^\.npmrc$|^\.gitignore$/);
const LINES_MAX = 350;

/** Files that may be longer, each with the reason why splitting would hide the thought. */
const LONGER: Readonly<Record<string, string>> = {};

test('names are kebab-case and say what the file holds', () => {
  const wrong = CODE.filter((path) => {
    const name = posix.basename(path).replace(/(?:\.(?:test|bench|d))?\.m?ts$/, '');
    return (
      !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) || /^(?:utils?|helpers?|common|misc)$/.test(name)
    );
  });
  expect(wrong, 'name the file after the one thing that it holds').toEqual([]);
});

test(`files stay under ${LINES_MAX} lines`, () => {
  const wrong: string[] = [];
  for (const path of CODE) {
    const lines = readProjectFile(path).split('\n').length;
    if (lines > LINES_MAX && LONGER[path] === undefined) wrong.push(`${path}: ${lines} lines`);
  }
  expect(wrong, 'split the file, or add it to LONGER with a reason').toEqual([]);
});

test('the list of longer files holds nothing that is gone or short again', () => {
  const stale = Object.keys(LONGER).filter(
    (path) => !CODE.includes(path) || readProjectFile(path).split('\n').length <= LINES_MAX,
  );
  expect(stale).toEqual([]);
});

test('no enum, no parameter properties, no default export', () => {
  const wrong: string[] = [];
  for (const path of CODE) {
    // AssemblyScript has its own rules; configuration files are called by their tools.
    if (path.startsWith('assembly/')) continue;
    const source = readProjectFile(path);
    if (/^\s*(?:export\s+)?(?:const\s+)?enum\s/m.test(source)) wrong.push(`${path}: enum`);
    if (/constructor\([^)]*\b(?:private|public|protected)\s/.test(source)) {
      wrong.push(`${path}: parameter property`);
    }
    if (/^export default /m.test(source)) wrong.push(`${path}: default export`);
  }
  expect(wrong, 'write erasable TypeScript and named exports').toEqual([]);
});

test('no test is left alone or left out', () => {
  const wrong = CODE.filter(
    (path) =>
      path.endsWith('.test.ts') &&
      path !== 'test/repo/files.test.ts' &&
      /\b(?:test|describe|it)\.only\(/.test(readProjectFile(path)),
  );
  expect(wrong, 'take .only away').toEqual([]);
});

test('a TODO names its issue', () => {
  const wrong = CODE.filter(
    (path) =>
      path !== 'test/repo/files.test.ts' &&
      /\b(?:TODO(?!\(#\d+\):)|FIXME|XXX)\b/.test(readProjectFile(path)),
  );
  expect(wrong, 'write TODO(#12): or do it').toEqual([]);
});

test('nothing names the machine that it was written on, or a registry', () => {
  const slash = '/';
  const names = [
    ...['work', 'tmp', 'root', 'home'].map((folder) => `${slash}${folder}${slash}`),
    ['registry', 'npmjs', 'org'].join('.'),
    ['npm', 'pkg', 'github', 'com'].join('.'),
    ['"resolved"', '"http'].join(': '),
  ];
  const wrong: string[] = [];
  for (const path of TEXTS) {
    const source = readProjectFile(path);
    for (const name of names) if (source.includes(name)) wrong.push(`${path}: ${name}`);
  }
  expect(wrong, 'use os.tmpdir(), import.meta.url, or a path relative to the project').toEqual([]);
});
