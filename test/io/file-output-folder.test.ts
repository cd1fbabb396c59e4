import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { OutputFolder } from '#src/io/file-output-folder.js';

const made: string[] = [];
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

// The manifest's paths are relative to the folder: they are cut off from these names.
it('names its files below itself, however its own path was written', async () => {
  const root = mkdtempSync(join(tmpdir(), 'depthmill-test-'));
  made.push(root);
  const written = `${relative('.', root)}/./x/../out`;
  const folder = await OutputFolder.prepare(written);
  const sink = await folder.openSink('depth/part-0000.parquet');
  await sink.abort();
  expect(sink.name).toBe(`${folder.path}/depth/part-0000.parquet`);
  const dotted = await OutputFolder.prepare(`./${relative('.', root)}/dotted/`);
  const other = await dotted.openSink('a.json');
  await other.abort();
  expect(other.name.startsWith(join(dotted.path, '/'))).toBe(true);
});

it('makes the folders above it, and no others', async () => {
  const root = mkdtempSync(join(tmpdir(), 'depthmill-test-'));
  made.push(root);
  await OutputFolder.prepare(join(root, 'a/b/c'));
  await OutputFolder.prepare(`${root}/x/../a/b/c`);
  expect(readdirSync(root)).toEqual(['a']);
  expect(existsSync(join(root, 'a/b/c'))).toBe(true);
});

it('refuses a file in its place, or above it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'depthmill-test-'));
  made.push(root);
  writeFileSync(join(root, 'file'), '');
  for (const path of ['file', 'file/out']) {
    await expect(OutputFolder.prepare(join(root, path))).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
    });
  }
});

it.skipIf(!existsSync('/proc/self'))('refuses a place that takes no folders', async () => {
  const code = 'ERR_OUTPUT_UNWRITABLE';
  await expect(OutputFolder.prepare('/proc/out')).rejects.toMatchObject({ code });
  await expect(OutputFolder.prepare('/proc/self/out/below')).rejects.toMatchObject({ code });
});
