import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { importsOf, projectFiles, readProjectFile } from './project-files.js';

/** DESIGN section 9: a room imports only rooms that stand before it, and itself. */
const ROOMS = [
  'abi',
  'errors',
  'units',
  'io',
  'memory',
  'core',
  'parquet',
  'text',
  'dialects',
  'book',
  'audit',
  'generate',
  'pipeline',
  'worker',
  'monitor',
  'cluster',
  'cli',
  'browser',
];

/** Where Node is meant, so that src/browser.ts can do without it. */
const NODE_ALLOWED = [
  /^src\/io\/file/,
  /^src\/(?:core|parquet)\/load-node\.ts$/,
  /^src\/(?:worker|monitor|cluster|cli)\//,
];

const SOURCES = projectFiles(/^src\/.*\.ts$/);

function roomOf(path: string): string {
  return path.split('/').length > 2 ? (path.split('/')[1] ?? '') : '';
}

test('every folder of src is a room of the list', () => {
  const unknown = new Set(SOURCES.map(roomOf).filter((room) => room !== ''));
  for (const room of ROOMS) unknown.delete(room);
  expect([...unknown], 'put new rooms into ROOMS and docs/architecture.md').toEqual([]);
});

test('imports go one way', () => {
  const wrong: string[] = [];
  for (const path of SOURCES) {
    const room = roomOf(path);
    for (const { specifier } of importsOf(readProjectFile(path))) {
      if (!specifier.startsWith('.')) continue;
      const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
      const backwards = room !== '' && ROOMS.indexOf(roomOf(target)) > ROOMS.indexOf(room);
      if (backwards)
        wrong.push(`${path} imports ${target}: ${roomOf(target)} stands after ${room}`);
      if (!SOURCES.includes(target)) wrong.push(`${path} imports ${target}, which does not exist`);
    }
  }
  expect(wrong, 'move the shared part into the earlier room').toEqual([]);
});

test('node: is imported only where a host is meant', () => {
  const wrong: string[] = [];
  for (const path of SOURCES) {
    if (NODE_ALLOWED.some((allowed) => allowed.test(path))) continue;
    for (const { specifier, typeOnly } of importsOf(readProjectFile(path))) {
      if (specifier.startsWith('node:') && !typeOnly) wrong.push(`${path} imports ${specifier}`);
    }
  }
  expect(wrong, 'take the host through an interface of io/ instead').toEqual([]);
});

test('only index.ts and browser.ts re-export', () => {
  const wrong = SOURCES.filter(
    (path) =>
      !/^src\/(?:index|browser)\.ts$/.test(path) &&
      // Plain renames of types between rooms are a move in progress; modules as a whole are not.
      /^export \* from /m.test(readProjectFile(path)),
  );
  expect(wrong).toEqual([]);
});

test('only cli/ prints and exits', () => {
  const wrong = SOURCES.filter(
    (path) =>
      !path.startsWith('src/cli/') &&
      /\bconsole\.\w+\(|process\.(?:exit\(|stdout|stderr)/.test(readProjectFile(path)),
  );
  expect(wrong, 'throw an error, or hand the text to the caller').toEqual([]);
});
