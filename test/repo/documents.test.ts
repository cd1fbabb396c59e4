import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { ERROR_CODES } from '#src/errors/codes.js';
import { PROJECT_ROOT, projectFiles, readProjectFile } from './project-files.js';

const DOCUMENTS = projectFiles(/\.md$/);

test('docs/errors.md explains each published code, and no other', () => {
  const explained = [
    ...readProjectFile('docs/errors.md').matchAll(/^### `(ERR_[A-Z0-9_]+)`$/gm),
  ].map((match) => match[1]);
  expect(explained.toSorted()).toEqual([...ERROR_CODES].toSorted());
});

test('every published code is used', () => {
  const sources = projectFiles(/^src\/(?!errors\/codes).*\.ts$/)
    .map(readProjectFile)
    .join('\n');
  const unused = ERROR_CODES.filter((code) => !sources.includes(`'${code}'`));
  expect(unused, 'take the code out, or throw it where it belongs').toEqual([]);
});

test('links between documents lead somewhere', () => {
  const broken: string[] = [];
  for (const path of DOCUMENTS) {
    const text = readProjectFile(path).replaceAll(/```[\s\S]*?```/g, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? path : posix.join(posix.dirname(path), file);
      if (!existsSync(join(PROJECT_ROOT, linked))) broken.push(`${path}: ${target}`);
      else if (anchor !== undefined && !anchorsOf(linked).includes(anchor)) {
        broken.push(`${path}: ${target}: no such heading`);
      }
    }
  }
  expect(broken).toEqual([]);
});

test('decisions are numbered, each number once', () => {
  const names = projectFiles(/^docs\/decisions\//).map((path) => posix.basename(path));
  expect(names.filter((name) => !/^\d{4}-[a-z0-9-]+\.md$/.test(name))).toEqual([]);
  const numbers = names.map((name) => name.slice(0, 4));
  expect(numbers, 'take the next free number').toEqual([...new Set(numbers)]);
});

/** Anchors as the hosts of Markdown make them from headings. */
function anchorsOf(path: string): string[] {
  return [...readProjectFile(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
