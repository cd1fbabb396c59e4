import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type CliResult, runCli } from '../cli/spawn-cli.js';

/** Runs `depthmill ARGS` for what must succeed: throws with the command's own words if it does not. */
export async function depthmillDone(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const result = await runCli(args, environment);
  if (result.exitCode !== 0) {
    const words = `${result.stderr}${result.stdout}`;
    throw new Error(`depthmill ${args.join(' ')} ended with ${result.exitCode}: ${words}`);
  }
  return result;
}

const folders: string[] = [];

/** A new folder that is removed when the tests of this file are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'depthmill-test-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
