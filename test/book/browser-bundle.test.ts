import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('the browser entry bundles for a browser without anything of Node', async () => {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('../../build/browser.js', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    metafile: true,
    logLevel: 'silent',
  });
  expect(result.warnings).toEqual([]);
  const text = result.outputFiles[0]!.text;
  expect(text).toContain('core.wasm');
  expect(text).toMatch(/export \{[^}]*\bOrderBook\b/);
  expect(text).not.toMatch(/["'`]node:/);
  const inputs = Object.keys(result.metafile.inputs);
  expect(inputs.filter((path) => /load-node|worker|cli|pipeline/.test(path))).toEqual([]);
});
