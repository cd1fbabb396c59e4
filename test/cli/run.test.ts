import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AuditReport } from '#src/audit/types.js';
import { generateTape } from '#src/generate/generate-tape.js';
import { filesBelow, scratchFolder } from './scratch-folder.js';
import { runCli, startCli } from './spawn-cli.js';

const scratch = scratchFolder();
const TAPE_EVENTS = 60_000;
const GAPS = 5;

beforeAll(async () => {
  await generateTape({ out: scratch('lake'), events: TAPE_EVENTS, layout: 'lake' });
  await generateTape({ out: scratch('gaps'), events: TAPE_EVENTS, gaps: GAPS });
});

/** audit.json as it is read back: int64 are strings there, which no test here looks into. */
function readReport(out: string): AuditReport {
  return JSON.parse(readFileSync(join(out, 'audit.json'), 'utf8')) as AuditReport;
}

describe('run', () => {
  test('proposes no query of a table that it has not written', async () => {
    const args = ['run', scratch('lake'), '-o', scratch('depth-only'), '--tables', 'depth'];
    const { exitCode, stdout } = await runCli(args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/1 file, .* in /);
    expect(stdout).not.toContain('duckdb');
  });

  test('says nothing of its own threads, however many there are', async () => {
    const options = ['--workers', '12', '--memory', '2GB', '--no-sync'];
    const out = scratch('many-workers');
    const { exitCode, stderr } = await runCli(['run', scratch('lake'), '-o', out, ...options]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('prints a table and a query, writes the tables, the audit and the manifest', async () => {
    const out = scratch('out');
    const { exitCode, stdout, stderr } = await runCli(['run', scratch('lake'), '-o', out]);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^instrument +day +rows in/m);
    expect(stdout).toContain('60,000');
    expect(stdout).toContain(`FROM '${out}/book/**/*.parquet'`);
    const files = filesBelow(out);
    for (const name of ['audit.json', 'manifest.json']) expect(files).toContain(name);
    for (const table of ['depth', 'book', 'trades']) {
      expect(files.some((file) => file.startsWith(`${table}/`))).toBe(true);
    }
    expect(files.filter((file) => file.includes('.partial'))).toEqual([]);
    const [instrument] = readReport(out).instruments;
    expect(instrument?.accounting.rows_in).toBe(TAPE_EVENTS);
  });

  test('--json is one JSON document with the report and the files', async () => {
    const out = scratch('json');
    const { exitCode, stdout } = await runCli(['run', scratch('lake'), '-o', out, '--json']);
    expect(exitCode).toBe(0);
    const result = JSON.parse(stdout) as {
      schema: string;
      report: AuditReport;
      outputs: { bytes: number }[];
    };
    expect(result.schema).toBe('depthmill-run/1');
    expect(result.report.instruments).toHaveLength(1);
    expect(typeof result.report.instruments[0]?.first?.ts_recv).toBe('string');
    expect(result.outputs.length).toBe(filesBelow(out).length - 3);
  });

  test('--tables, --limit and --no-sync do less', async () => {
    const out = scratch('less');
    const options = ['--tables', 'depth', '--limit', '1000', '--no-sync'];
    const { exitCode } = await runCli(['run', scratch('lake'), '-o', out, ...options]);
    expect(exitCode).toBe(0);
    const files = filesBelow(out).filter((file) => file.endsWith('.parquet'));
    expect(files.every((file) => file.startsWith('depth/'))).toBe(true);
    // The message that the 1,000th row is in has three more.
    expect(readReport(out).instruments[0]?.accounting.rows_in).toBe(1_003);
  });

  test('proven gaps are found; they are exit code 3 under --strict and 0 without', async () => {
    const lax = await runCli(['run', scratch('gaps'), '-o', scratch('lax')]);
    expect(lax.exitCode).toBe(0);
    const strict = await runCli(['run', scratch('gaps'), '-o', scratch('strict'), '--strict']);
    expect(strict.exitCode).toBe(3);
    const gaps = readReport(scratch('strict')).instruments.flatMap((each) => each.gaps);
    expect(gaps.filter((gap) => gap.proven)).toHaveLength(GAPS);
  });
});

describe('run ends with 1 and leaves the output folder as it was', () => {
  test('an output folder that holds something', async () => {
    mkdirSync(scratch('full'));
    writeFileSync(scratch('full', 'note.txt'), 'mine');
    const { exitCode, stderr } = await runCli(['run', scratch('lake'), '-o', scratch('full')]);
    expect(stderr).toContain('depthmill: ERR_OUTPUT_NOT_EMPTY');
    expect(exitCode).toBe(1);
    expect(filesBelow(scratch('full'))).toEqual(['note.txt']);
  });

  test('an output folder that cannot be made', async () => {
    writeFileSync(scratch('file'), '');
    const { exitCode, stderr } = await runCli(['run', scratch('lake'), '-o', scratch('file/out')]);
    expect(stderr).toContain('depthmill: ERR_OUTPUT_UNWRITABLE');
    expect(exitCode).toBe(1);
  });

  test('memory that cannot hold the job', async () => {
    const out = scratch('small');
    const command = ['run', scratch('lake'), '-o', out, '--memory', '1MB'];
    const { exitCode, stderr } = await runCli(command);
    expect(stderr).toContain('depthmill: ERR_MEMORY_TOO_SMALL');
    expect(exitCode).toBe(1);
    expect(filesBelow(out)).toEqual([]);
  });
});

describe('audit', () => {
  test('prints what the ids prove, and writes nothing', async () => {
    const { exitCode, stdout, stderr } = await runCli(['audit', scratch('gaps')]);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout.match(/^gap +proven/gm)).toHaveLength(GAPS);
  });

  test('--strict ends with 3 on findings; --json is the report', async () => {
    const { exitCode, stdout } = await runCli(['audit', scratch('gaps'), '--strict', '--json']);
    expect(exitCode).toBe(3);
    const report = JSON.parse(stdout) as AuditReport;
    expect(report.schema).toBe('depthmill-audit/1');
  });
});

describe('a run that is stopped', () => {
  // Long enough that the first file is begun well before the last row is booked.
  beforeAll(() => generateTape({ out: scratch('long'), events: 2_000_000, layout: 'lake' }));

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s ends with %d and leaves nothing', async (signal, expected) => {
    const out = scratch(signal);
    const { child, result } = startCli(['run', scratch('long'), '-o', out, '--workers', '1']);
    while (!filesBelow(out).some((file) => file.includes('.partial'))) await sleep(5);
    child.kill(signal);
    const { exitCode, stdout, stderr } = await result;
    expect(stderr).toContain('depthmill: ERR_INTERRUPTED');
    expect(stdout).toBe('');
    expect(exitCode).toBe(expected);
    expect(filesBelow(out)).toEqual([]);
  });
});
