import { expect, test } from 'vitest';
import { VERSION } from '#src/units/version.js';
import { readProjectFile } from './project-files.js';

test("the version that files carry is the package's", () => {
  const { version } = JSON.parse(readProjectFile('package.json')) as { version: string };
  expect(VERSION).toBe(version);
});
