import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { startThreadsEarly } from '#src/cli/early-threads.js';
import { newLoadCount } from '#src/worker/engine.js';
import { runCli } from './spawn-cli.js';

async function startedFor(line: string): Promise<number> {
  const loading = newLoadCount();
  const threads = startThreadsEarly(line.split(' '), loading);
  expect(loading[0]).toBe(1 + threads.length);
  // Each thread says once that it has loaded; this one has not.
  await expect.poll(() => loading[0], { timeout: 20_000 }).toBe(1);
  await Promise.all(threads.map((thread) => thread.terminate()));
  return threads.length;
}

test.each([
  ['run data -o out --workers 2', 2],
  ['audit data --workers=3', 3],
  ['audit data', Math.min(16, availableParallelism())],
  ['run data -o out --workers 200', 16],
  ['run data -o out --workers two', 0],
  ['run data -o out --workers', 0],
  ['run data --dry-run', 0],
  ['run --help', 0],
  ['audit -h', 0],
  ['inspect data', 0],
  ['generate -o run', 0],
])('%s: %i threads before the command is read', async (line, count) => {
  expect(await startedFor(line)).toBe(count);
});

test('a command that ends with an error does not wait for them', async () => {
  const { exitCode, stderr } = await runCli(['audit', 'no-such-folder', '--workers', '2']);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('no-such-folder');
});
