import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { PROJECT_ROOT } from './project-files.js';

test('the package is found by its name, as its users find it', async () => {
  const name = 'depthmill';
  const byName = (await import(name)) as Record<string, unknown>;
  const built = (await import(join(PROJECT_ROOT, 'build/index.js'))) as Record<string, unknown>;
  expect(Object.keys(byName)).toEqual(Object.keys(built));
  expect(Object.keys(byName)).toEqual(expect.arrayContaining(['run', 'audit', 'openInput']));
});

test.each(['depthmill', 'depthmill/browser'])('for a page %s is build/browser.js', async (name) => {
  const { metafile } = await build({
    stdin: { contents: `export * from '${name}';`, resolveDir: PROJECT_ROOT },
    bundle: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.some((path) => path.endsWith('build/browser.js'))).toBe(true);
  expect(inputs.some((path) => path.endsWith('build/index.js'))).toBe(false);
});
