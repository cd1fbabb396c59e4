import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCli } from '../cli/spawn-cli.js';
import { type LakeFixture, writeLakeDeltas } from './lake-fixture.js';
import { filesBelow, readAudit, readManifest } from './outputs.js';
import type { LakeRow } from './parquet-fixture.js';

// What must hold whenever something fails: a code, an exit code, and nothing half-written.

export const GOOD: LakeFixture = { exchange: 'TEST', symbol: 'GOOD', dt: '2026-01-01' };
export const BAD: LakeFixture = { exchange: 'TEST', symbol: 'BAD', dt: '2026-01-01' };
export const START_NS = 1_767_225_600_000_000_000n;

/** Rows of which nothing can be said but good. */
export function goodRows(count: number): LakeRow[] {
  return Array.from({ length: count }, (_, i) => ({
    timestamp: START_NS + BigInt(i) * 1_000_000n,
    receipt_timestamp: START_NS + BigInt(i) * 1_000_000n,
    sequence_number: 1_000n + BigInt(i),
    side_is_bid: i % 2 === 0,
    price: i % 2 === 0 ? 99.5 : 100.5,
    size: 1 + (i % 7),
  }));
}

export interface Failure {
  readonly exitCode: number | null;
  readonly code: string;
  readonly message: string;
}

/** Runs what must fail as a whole; its only output is the error, as JSON. */
export async function failureOf(args: readonly string[]): Promise<Failure> {
  const { exitCode, stdout, stderr } = await runCli([...args, '--json']);
  const parsed = JSON.parse(stdout || '{}') as { error?: { code: string; message: string } };
  if (parsed.error === undefined) throw new Error(`no error (${exitCode}): ${stdout}${stderr}`);
  return { exitCode, code: parsed.error.code, message: parsed.error.message };
}

/** Files of an output folder that anyone could take for a finished table. */
export function publishedIn(out: string): string[] {
  return existsSync(out) ? filesBelow(out) : [];
}

/**
 * Runs a folder with a good instrument and a bad one: the bad one must fail alone, and the good one
 * must be complete.
 */
export async function failureBeside(root: string, options: readonly string[] = []) {
  await writeLakeDeltas(join(root, 'lake'), GOOD, goodRows(500));
  const out = join(root, 'out');
  const result = await runCli(['run', join(root, 'lake'), '-o', out, '--json', ...options]);
  expect(result.exitCode, `${result.stdout}${result.stderr}`).toBe(4);
  const audit = readAudit(out);
  expect(audit.failures.length).toBe(1);
  const good = audit.instruments.find(({ symbol }) => symbol === 'GOOD');
  expect(good?.accounting.rows_out).toBe(500);
  const paths = publishedIn(out);
  expect(paths.some((path) => path.startsWith('depth/exchange=TEST/symbol=GOOD/'))).toBe(true);
  expect(paths.filter((path) => path.includes('symbol=BAD'))).toEqual([]);
  expect(readManifest(out).parts.filter(({ path }) => path.includes('BAD'))).toEqual([]);
  return audit.failures[0]!;
}
