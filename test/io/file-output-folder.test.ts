import { mkdtempSync, rmSync } from 'node:fs';
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
