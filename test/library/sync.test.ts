import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, type MockInstance, test, vi } from 'vitest';
import { runOptionsOf } from '#src/cli/options.js';
import { generateTape } from '#src/generate/generate-tape.js';
import { type RunResult, run } from '#src/index.js';
import { temporaryFolder } from '../support/product.js';

// A power cut cannot be tried here: whether the system was asked to write is what can be seen.

const folder = temporaryFolder();
const tape = join(folder, 'tape');
let sync: MockInstance<FileHandle['sync']>;

beforeAll(async () => {
  await generateTape({ out: tape, events: 20_000, layout: 'lake' });
  const handle = await open(join(folder, 'other'), 'w');
  sync = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
  await handle.close();
});
afterAll(() => sync.mockRestore());

/** How often a run asked for its files to be forced to disk. */
async function syncsOf(name: string, asked: { sync?: boolean }): Promise<[number, RunResult]> {
  sync.mockClear();
  const result = await run({ inputs: [tape], out: join(folder, name), ...asked });
  return [sync.mock.calls.length, result];
}

test('a run forces each of its files to disk, but with sync: false none', async () => {
  const [bySelf, result] = await syncsOf('by-itself', {});
  // The files of the tables, audit.json, manifest.json and views.sql.
  expect(bySelf).toBe(result.outputs.length + 3);
  expect((await syncsOf('asked', { sync: true }))[0]).toBe(bySelf);
  const [none, unsynced] = await syncsOf('none', { sync: false });
  expect(none).toBe(0);
  const hashes = ({ manifest }: RunResult) => manifest?.parts.map(({ xxh64 }) => xxh64);
  expect(hashes(unsynced)).toEqual(hashes(result));
});

test('--no-sync is sync: false', () => {
  expect(runOptionsOf({ input: ['a'], 'no-sync': true }).sync).toBe(false);
  expect(runOptionsOf({ input: ['a'] }).sync).toBe(true);
});
