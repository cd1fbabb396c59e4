import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf, GOOD, goodRows, publishedIn } from '../support/failures.js';
import { writeLakeDeltas } from '../support/lake-fixture.js';
import { filesBelow } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

describe('outputs that cannot be', () => {
  async function goodInput(root: string): Promise<string> {
    await writeLakeDeltas(join(root, 'lake'), GOOD, goodRows(500));
    return join(root, 'lake');
  }

  it('a folder that is not empty is refused and left alone', async () => {
    const root = temporaryFolder();
    const out = join(root, 'out');
    mkdirSync(out);
    writeFileSync(join(out, 'thesis.txt'), 'years of work');
    const failure = await failureOf(['run', await goodInput(root), '-o', out]);
    expect(failure.code).toBe('ERR_OUTPUT_NOT_EMPTY');
    expect([1, 2]).toContain(failure.exitCode);
    expect(failure.message).toContain(out);
    expect(filesBelow(out)).toEqual(['thesis.txt']);
    expect(readFileSync(join(out, 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  it('a folder that cannot be made', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'file'), '');
    const out = join(root, 'file', 'out');
    const failure = await failureOf(['run', await goodInput(root), '-o', out]);
    expect(failure).toMatchObject({ exitCode: 1, code: 'ERR_OUTPUT_UNWRITABLE' });
    expect(failure.message).toContain(out);
  });

  it('--memory too small says how much would do', async () => {
    const root = temporaryFolder();
    const out = join(root, 'out');
    const args = ['run', await goodInput(root), '-o', out, '--memory', '100KB'];
    const failure = await failureOf(args);
    expect(failure.code).toBe('ERR_MEMORY_TOO_SMALL');
    expect([1, 2]).toContain(failure.exitCode);
    expect(publishedIn(out)).toEqual([]);
  });
});

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('The full-disk test is skipped: only root can mount a small disk.');

describe.skipIf(!isRoot)('a full disk', () => {
  it('ends the run with nothing under a final name', async () => {
    const root = temporaryFolder();
    const disk = join(root, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    try {
      const tape = join(root, 'tape');
      await depthmillDone(['generate', '-o', tape, '--events', '300000']);
      const out = join(disk, 'out');
      const failure = await failureOf(['run', tape, '-o', out]);
      expect(failure).toMatchObject({ exitCode: 1, code: 'ERR_OUTPUT_NO_SPACE' });
      expect(publishedIn(out)).toEqual([]);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
