import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CLI_PATH, runCli } from './spawn-cli.js';

const COMMANDS = ['run', 'audit', 'book', 'cat', 'inspect', 'generate'];

describe('help and version', () => {
  test('the bin can be executed', () => {
    expect(statSync(CLI_PATH).mode & 0o111).toBe(0o111);
  });

  test('--help lists every command and the exit codes', async () => {
    const { exitCode, stdout, stderr } = await runCli(['--help']);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    for (const command of COMMANDS) expect(stdout).toContain(`depthmill ${command}`);
    expect(stdout).toContain('Exit codes: 0 done');
  });

  test.each(COMMANDS)('%s --help has examples', async (command) => {
    const { exitCode, stdout, stderr } = await runCli([command, '--help']);
    // src/cli/text-width.ts lays it out, and knows no other letters.
    expect(stdout).toMatch(/^[\n -~]*$/);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain(`depthmill ${command} `);
    // What is rows already has a format instead.
    expect(stdout).toContain(command === 'cat' ? '--format' : '--json');
  });

  test('--version is the version of the package', async () => {
    const { exitCode, stdout } = await runCli(['--version']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('wrong usage ends with 2 and a message', () => {
  const RUN = ['run', 'nowhere', '-o', 'never'];
  test.each<[string[], string, RegExp]>([
    [[], 'ERR_USAGE', /depthmill --help/],
    [['fry'], 'ERR_USAGE', /no command 'fry'; known are run, audit/],
    [['fry', 'data'], 'ERR_USAGE', /no command 'fry'/],
    [['run', '-o', 'never'], 'ERR_USAGE', /run needs at least one input/],
    [['run', 'nowhere'], 'ERR_USAGE', /-o OUT/],
    [[...RUN, '--wrkers', '2'], 'ERR_USAGE', /Unknown argument: wrkers/],
    [[...RUN, '--workers'], 'ERR_USAGE', /workers/],
    [[...RUN, '--workers='], 'ERR_USAGE', /--workers needs a value/],
    [[...RUN, '--workers', '2', '--workers', '3'], 'ERR_USAGE', /given 2 times/],
    [[...RUN, '--workers', '0'], 'ERR_USAGE_NUMBER', /'0'.*from 1 to/],
    [[...RUN, '--batch-rows', '1.5'], 'ERR_USAGE_NUMBER', /'1\.5'/],
    [[...RUN, '--book-depth', 'all'], 'ERR_USAGE_NUMBER', /--book-depth/],
    [[...RUN, '--limit', '-3'], 'ERR_USAGE_NUMBER', /at least 1/],
    [[...RUN, '--memory', '5XB'], 'ERR_USAGE_SIZE', /512MB/],
    [[...RUN, '--price-scale', '19'], 'ERR_USAGE_SCALE', /from 0 to 18/],
    [[...RUN, '--qty-scale', 'PEPE*='], 'ERR_USAGE_SCALE', /PATTERN=N/],
    [[...RUN, '--book-every', 'often'], 'ERR_USAGE_DURATION', /message, change or/],
    [[...RUN, '--book-every', '100'], 'ERR_USAGE_DURATION', /unit/],
    [[...RUN, '--crossed-after', '2 fortnights'], 'ERR_USAGE_DURATION', /2s/],
    [[...RUN, '--from', 'yesterday'], 'ERR_USAGE_TIME', /ISO 8601/],
    [[...RUN, '--from', '1700000000'], 'ERR_USAGE_TIME', /look like seconds/],
    [[...RUN, '--from', '2026-04-02', '--to', '2026-04-01'], 'ERR_USAGE_TIME', /after --from/],
    [[...RUN, '--map', 'price'], 'ERR_USAGE_MAP', /OURS=THEIRS/],
    [[...RUN, '--dialect', 'crypto'], 'ERR_USAGE_DIALECT', /one of lake, tardis, .* generic/],
    [[...RUN, '--policy', 'none'], 'ERR_USAGE', /chain, contiguous/],
    [[...RUN, '--tables', 'depth,bars'], 'ERR_USAGE', /'bars'.* rejects, all/],
    [[...RUN, '--thresholds', 'gaps=1,gaps=2'], 'ERR_USAGE_THRESHOLD', /gaps once/],
    [[...RUN, '--codec', 'lz4'], 'ERR_USAGE', /none, snappy, zstd/],
    [['generate'], 'ERR_USAGE', /out/],
    [
      ['generate', '-o', 'never', '--row-group-rows', '5'],
      'ERR_USAGE_NUMBER',
      /--row-group-rows got '5'.*from 100 to/,
    ],
    [['inspect', 'a', 'b'], 'ERR_USAGE', /b/],
  ])('%j', async (args, code, text) => {
    const { exitCode, stdout, stderr } = await runCli(args);
    expect(stderr).toMatch(text);
    expect(stderr.startsWith(`depthmill: ${code} `)).toBe(true);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  test('with --json the error is an object on stdout', async () => {
    const { exitCode, stdout, stderr } = await runCli([...RUN, '--memory', '5XB', '--json']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe('');
    const { error } = JSON.parse(stdout) as { error: { code: string; details: object } };
    expect(error.code).toBe('ERR_USAGE_SIZE');
    expect(error.details).toMatchObject({ option: '--memory', given: '5XB' });
  });

  test('DEPTHMILL_DEBUG=1 adds the stack', async () => {
    const { stderr } = await runCli([...RUN, '--memory', '5XB'], { DEPTHMILL_DEBUG: '1' });
    expect(stderr).toContain('    at ');
  });
});
