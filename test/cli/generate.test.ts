import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { filesBelow, scratchFolder } from './scratch-folder.js';
import { runCli, startCli } from './spawn-cli.js';

const scratch = scratchFolder();

const SMALL = ['--events', '20000', '--seed', '18446744073709551615'];

test('the same seed gives the same bytes, and truth.json says what is in them', async () => {
  for (const name of ['first', 'second']) {
    const { exitCode, stderr } = await runCli(['generate', '-o', scratch(name), ...SMALL]);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  }
  const files = filesBelow(scratch('first'));
  expect(files).toContain('truth.json');
  expect(files.some((file) => file.endsWith('.parquet'))).toBe(true);
  expect(filesBelow(scratch('second'))).toEqual(files);
  for (const file of files) {
    const [first, second] = ['first', 'second'].map((name) => readFileSync(scratch(name, file)));
    expect(first?.equals(second ?? Buffer.alloc(0)), file).toBe(true);
  }
  const truth = JSON.parse(readFileSync(scratch('first', 'truth.json'), 'utf8')) as {
    seed: string;
  };
  expect(truth.seed).toBe('18446744073709551615');
});

test('--json is the whole result', async () => {
  const out = scratch('json');
  const { stdout } = await runCli(['generate', '-o', out, ...SMALL, '--layout', 'lake', '--json']);
  const tape = JSON.parse(stdout) as { events: number; files: string[] };
  expect(tape.events).toBe(20_000);
  expect(tape.files.toSorted()).toEqual(filesBelow(out));
});

describe('what cannot be done ends with its code and leaves nothing', () => {
  test('an output folder that holds something', async () => {
    mkdirSync(scratch('full'));
    writeFileSync(scratch('full', 'note.txt'), 'mine');
    const { exitCode, stderr } = await runCli(['generate', '-o', scratch('full'), ...SMALL]);
    expect(stderr).toContain('ERR_OUTPUT_NOT_EMPTY');
    expect(exitCode).toBe(1);
    expect(filesBelow(scratch('full'))).toEqual(['note.txt']);
  });

  test('an output folder that cannot be made', async () => {
    writeFileSync(scratch('file'), '');
    const out = join(scratch('file'), 'tape');
    const { exitCode, stderr } = await runCli(['generate', '-o', out, ...SMALL]);
    expect(stderr).toContain('ERR_OUTPUT_UNWRITABLE');
    expect(exitCode).toBe(1);
  });

  test.each([
    ['--seed', '-1'],
    ['--seed', '18446744073709551616'],
    ['--events', 'many'],
    ['--events', '0'],
    ['--layout', 'tardis'],
    ['--codec', 'lz4'],
    ['--start', 'tomorrow'],
    ['--gaps', '1000'],
  ])('%s %s is wrong usage', async (option, value) => {
    const out = scratch('never');
    const { exitCode, stderr } = await runCli(['generate', '-o', out, `${option}=${value}`]);
    expect(stderr).toMatch(/^depthmill: ERR_USAGE/);
    expect(exitCode).toBe(2);
    expect(filesBelow(out)).toEqual([]);
  });
});

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s', (signal, expected) => {
  test(`ends with ${expected} and no file under its final name`, async () => {
    const out = scratch(signal);
    const { child, result } = startCli(['generate', '-o', out, '--events', '400000000']);
    // Not before it writes: then there is something that could be left.
    while (filesBelow(out).length === 0) await sleep(20);
    child.kill(signal);
    const { exitCode, stderr } = await result;
    expect(stderr).toContain('ERR_INTERRUPTED');
    expect(exitCode).toBe(expected);
    expect(filesBelow(out)).toEqual([]);
  });
});
