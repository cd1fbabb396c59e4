import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPrng } from '../prng.js';
import { filesBelow } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { differingPaths } from '../support/same-bytes.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const IS_LONG = process.env.DEPTHMILL_LONG === '1';
const SEEDED_RUNS = 20;

const root = temporaryFolder();
const reference = join(root, 'reference');

async function run(
  out: string,
  options: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const args = ['run', sharedData('lake'), '-o', out, '--json', '--book-depth', '3', ...options];
  await depthmillDone(args, environment);
}

// What was scheduled how must not be seen in the output: threads race, batches differ.
describe.skipIf(!hasSharedData)('the same bytes', () => {
  beforeAll(() => run(reference, ['--workers', '1']), 120_000);

  it.each([
    ['two workers', ['--workers', '2']],
    ['four workers', ['--workers', '4']],
    ['small batches', ['--workers', '2', '--batch-rows', '1000']],
    ['batches that fit nothing', ['--workers', '2', '--batch-rows', '7777']],
    ['batches larger than a row group', ['--workers', '3', '--batch-rows', '200000']],
    ['little memory', ['--workers', '2', '--memory', '400MB']],
  ])('with %s', { timeout: 120_000 }, async (name, options) => {
    const out = join(root, name.replaceAll(' ', '-'));
    await run(out, options);
    expect(filesBelow(out).length).toBeGreaterThan(9);
    expect(differingPaths(reference, out)).toEqual([]);
    rmSync(out, { recursive: true });
  });

  it.skipIf(!IS_LONG)(
    `in ${SEEDED_RUNS} runs with random delays in the workers (long: DEPTHMILL_LONG=1)`,
    { timeout: 1_200_000 },
    async () => {
      const prng = createPrng();
      for (let i = 0; i < SEEDED_RUNS; i++) {
        const seed = String(prng.u32());
        const workers = String(prng.int(1, 5));
        const out = join(root, `delayed-${seed}`);
        await run(out, ['--workers', workers], { DEPTHMILL_TEST_DELAYS: seed });
        const where = `--workers ${workers}, DEPTHMILL_TEST_DELAYS=${seed}`;
        expect(differingPaths(reference, out), where).toEqual([]);
        rmSync(out, { recursive: true });
      }
    },
  );
});
