import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli/spawn-cli.js';
import type { StreamRow } from '../oracle/stream-rows.js';
import { createPrng } from '../prng.js';
import { INSTRUMENTS } from '../support/instruments.js';
import { accountingDifference, type InstrumentJson, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { randomStream } from '../support/random-stream.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { writeStream } from '../support/stream-fixture.js';

async function auditOf(...args: readonly string[]): Promise<readonly InstrumentJson[]> {
  const { stdout } = await depthmillDone(['audit', ...args, '--json']);
  return (JSON.parse(stdout) as { instruments: InstrumentJson[] }).instruments;
}

describe('the book carried over midnight', () => {
  const prng = createPrng();
  const root = temporaryFolder();
  const fixture = { exchange: 'TEST', symbol: 'X', policy: 'chain' } as const;
  const rows = randomStream(prng, {
    policy: 'chain',
    messages: 200,
    loss: 0,
    duplicate: 0,
    swap: 0,
    truncation: 0,
    reset: 0,
    snapshot: 0.001,
    lateness: [1, 3],
    snapshotLevels: 10,
    depth: 20,
    pauseNsMax: 300_000_000,
  });
  const isLate = ({ last }: StreamRow): boolean => last > rows[Math.floor(rows.length / 2)]!.last;
  const firstDay = rows.filter((row) => !isLate(row));
  const secondDay = rows.filter((row) => isLate(row) && !row.isSnapshot);
  const write = (name: string, dt: string, of: readonly StreamRow[]) =>
    writeStream(join(root, name), { ...fixture, dt }, of);

  beforeAll(async () => {
    await write('whole', '2026-01-01', [...firstDay, ...secondDay]);
    await write('apart', '2026-01-01', firstDay);
    await write('apart', '2026-01-02', secondDay);
    await write('second', '2026-01-02', secondDay);
    await write('later', '2026-01-01', firstDay);
    await write('later', '2026-01-03', secondDay);
    // The first message of the second day is missing: a loss, and the ids prove it.
    await write('lossy', '2026-01-01', firstDay);
    const [first] = secondDay;
    await write('lossy', '2026-01-02', secondDay.filter((row) => row.last !== first!.last)); // biome-ignore format: one line
  });

  it('a day that follows ends as the two in one do', async () => {
    const [whole] = await auditOf(join(root, 'whole'));
    const [first, second] = await auditOf(join(root, 'apart'));
    expect(second!.digest, `seed ${prng.seed}`).toBe(whole!.digest);
    expect(second).toMatchObject({ gaps: [], quality: [] });
    expect(first!.digest).not.toBe(whole!.digest);
    expect(accountingDifference(second!.accounting)).toBe(0);
  });

  it('one worker and two, and small units, give the same files', async () => {
    for (const [name, options] of [
      ['one', ['--workers', '1']],
      ['two', ['--workers', '2', '--batch-rows', '7']],
    ] as const) {
      await depthmillDone(['run', join(root, 'apart'), '-o', join(root, name), ...options]);
    }
    const parts = (name: string) => readAudit(join(root, name)).instruments;
    expect(parts('two')).toEqual(parts('one'));
  });

  it('alone, it has no book and says so', async () => {
    const [second] = await auditOf(join(root, 'second'));
    expect(second).toMatchObject({ verdict: 'inconclusive', gaps: [] });
    expect(second!.quality.map(({ state }) => state)).toEqual(['unseeded']);
  });

  it('nothing is carried over a missing day', async () => {
    const [, second] = await auditOf(join(root, 'later'));
    expect(second!.quality.map(({ state }) => state)).toEqual(['unseeded']);
  });

  it('a message lost between the days is a proven gap, and the book suspect', async () => {
    const [, second] = await auditOf(join(root, 'lossy'));
    expect(second!.gaps.filter(({ proven }) => proven).map(({ kind }) => kind)).toEqual(['gap']);
    expect(second!.quality.map(({ state }) => state)).toEqual(['suspect']);
  });

  it('--warm-start takes it from another output', async () => {
    const out = join(root, 'out-first');
    await depthmillDone([
      'run',
      join(root, 'later/exchange=TEST/symbol=X/dt=2026-01-01'),
      '-o',
      out,
    ]);
    const [whole] = await auditOf(join(root, 'whole'));
    const [second] = await auditOf(join(root, 'second'), '--warm-start', out);
    expect(second).toMatchObject({ digest: whole!.digest, gaps: [], quality: [] });
  });

  it('--warm-start is an option by what it holds, not by its path alone', async () => {
    const optionOf = async (name: string): Promise<{ path: string; xxh64: string }> => {
      const to = join(root, `out-${name}`);
      await depthmillDone([
        'run',
        join(root, 'second'),
        '-o',
        to,
        '--warm-start',
        join(root, 'warm'),
      ]);
      return JSON.parse(readFileSync(join(to, 'manifest.json'), 'utf8')).options.warm_start;
    };
    await write('warm', '2026-01-01', firstDay);
    const [first, again] = [await optionOf('warm-1'), await optionOf('warm-2')];
    expect(again).toEqual(first);
    expect(first).toEqual({
      path: join(root, 'warm'),
      xxh64: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    await write('warm', '2026-01-01', [...firstDay, ...firstDay.slice(-1)]);
    const changed = await optionOf('warm-3');
    expect(changed.path).toBe(first.path);
    expect(changed.xxh64).not.toBe(first.xxh64);
  });

  it('--warm-start without a book there is refused', async () => {
    await write('bookless', '2026-01-01', secondDay);
    const result = await runCli([
      'audit',
      join(root, 'second'),
      '--warm-start',
      join(root, 'bookless'),
    ]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/ERR_INPUT_NO_MATCH.*ends without a book/s);
  });

  it('--warm-start never takes the book that a day ends with for its beginning', async () => {
    const second = join(root, 'second');
    // Both days are there: the first one's book counts.
    const [warm] = await auditOf(second, '--warm-start', join(root, 'apart'));
    const [, expected] = await auditOf(join(root, 'apart'));
    expect(warm!.digest).toBe(expected!.digest);
    expect(warm!.accounting).toMatchObject({ dropped: {} });
    const result = await runCli(['audit', second, '--warm-start', second]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/ERR_INPUT_NO_MATCH.*on a day before/s);
  });
});

describe.skipIf(!hasSharedData)('recordings that go on across midnight', () => {
  it.each(['spot', 'cm'])(
    'captures/%s: the second file goes on where the first ended',
    async (market) => {
      const [first, second] = await auditOf(sharedData(`captures/${market}`));
      const instrument = INSTRUMENTS[market === 'spot' ? 0 : 2]!;
      const [flat] = await auditOf(sharedData(`flat/${instrument.flatFolder}`));
      expect(first!.dt < second!.dt).toBe(true);
      expect(second).toMatchObject({
        digest: flat!.digest,
        gaps: [],
        quality: [],
        verdict: 'usable',
      });
    },
  );

  it('captures: the second file alone is unseeded throughout', async () => {
    const folder = join(temporaryFolder(), 'spot');
    mkdirSync(folder);
    copyFileSync(
      sharedData('captures/spot/btcusdt_20240809.gz'),
      join(folder, 'btcusdt_20240809.gz'),
    );
    const [second] = await auditOf(folder);
    expect(second).toMatchObject({ verdict: 'inconclusive', gaps: [] });
    expect(second!.quality.map(({ state }) => state)).toEqual(['unseeded']);
  });

  it.each(INSTRUMENTS)(
    '$exchange $symbol: Lake rows that begin with the flat snapshot end as flat does',
    async ({ exchange, symbol, flatFolder }) => {
      const lake = ['book_delta_v2', 'book'].map((table) =>
        sharedData(`lake/${table}/exchange=${exchange}/symbol=${symbol}`),
      );
      const snapshots = sharedData(`flat/${flatFolder}/snapshots.csv.gz`);
      const [warm] = await auditOf(...lake, '--warm-start', snapshots);
      const [flat] = await auditOf(sharedData(`flat/${flatFolder}`));
      expect(warm!.digest).toBe(flat!.digest);
      expect(warm!.gaps).toEqual([]);
      for (const { compared, agreed } of warm!.witness) expect(agreed).toBe(compared);
    },
  );
});
