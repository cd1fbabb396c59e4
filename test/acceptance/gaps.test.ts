import { existsSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDuckdb, rowOf } from '../support/duckdb.js';
import {
  filesBelow,
  type GapJson,
  type InstrumentJson,
  readAudit,
  tableSql,
} from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const SEED_COUNT = 5;
const EVENTS = '400000';

interface TruthJson {
  readonly symbols: readonly {
    readonly symbol: string;
    readonly messages: number;
    readonly digest: string;
    readonly gaps: readonly {
      readonly sequence_before: string;
      readonly sequence_after: string;
      readonly missing: string;
    }[];
  }[];
}

/** Makes a tape and takes its truth away, out of the auditor's reach. */
async function generateApart(options: readonly string[]) {
  const root = temporaryFolder();
  const tape = join(root, 'tape');
  await depthmillDone(['generate', '-o', tape, '--events', EVENTS, ...options]);
  const truthFile = join(temporaryFolder(), 'truth.json');
  renameSync(join(tape, 'truth.json'), truthFile);
  expect(filesBelow(tape).filter((path) => path.includes('truth'))).toEqual([]);
  expect(existsSync(join(dirname(tape), 'truth.json'))).toBe(false);
  return { tape, truth: () => JSON.parse(readFileSync(truthFile, 'utf8')) as TruthJson };
}

async function auditOf(tape: string): Promise<InstrumentJson> {
  const { stdout } = await depthmillDone(['audit', tape, '--json']);
  const { instruments } = JSON.parse(stdout) as { instruments: InstrumentJson[] };
  expect(instruments.length).toBe(1);
  return instruments[0]!;
}

const gapLine = (gap: Pick<GapJson, 'sequence_before' | 'sequence_after' | 'missing'>): string =>
  `${gap.sequence_before} to ${gap.sequence_after}: ${gap.missing} ids missing`;

const provenLines = (audit: InstrumentJson): string[] =>
  audit.gaps.filter((gap) => gap.proven).map(gapLine);

// The seeds come from the clock, so that nothing is tuned to them; each stands in its test's name.
describe('audit of tapes with planted losses', () => {
  const start = Date.now();
  const seeds = Array.from({ length: SEED_COUNT }, (_, i) => String(start + i));

  it.each(seeds)('seed %s: exactly the 50 lost places', { timeout: 120_000 }, async (seed) => {
    const { tape, truth } = await generateApart(['--seed', seed, '--gaps', '50']);
    const audit = await auditOf(tape);
    const planted = truth().symbols[0]!;
    expect(planted.gaps.length).toBe(50);
    expect(provenLines(audit)).toEqual(planted.gaps.map(gapLine));
    expect(audit.gaps.every((gap) => gap.proven && gap.kind === 'gap')).toBe(true);
    expect(audit).toMatchObject({ proves: 'every_loss', duplicates: 0, out_of_order: 0 });
    console.log(`seed ${seed}: ${provenLines(audit).length} gaps found, all as planted`);
  });

  it.each(seeds)(
    'seed %s: the 50, with 20 messages twice and 20 pairs swapped',
    { timeout: 120_000 },
    async (seed) => {
      const faults = ['--gaps', '50', '--duplicates', '20', '--swaps', '20'];
      const { tape, truth } = await generateApart(['--seed', seed, ...faults]);
      const audit = await auditOf(tape);
      expect(provenLines(audit)).toEqual(truth().symbols[0]!.gaps.map(gapLine));
      expect(audit).toMatchObject({ duplicates: 20, out_of_order: 20 });
    },
  );

  it.each(seeds)(
    'seed %s: in Lake layout nothing can be proven, and nothing is claimed',
    { timeout: 120_000 },
    async (seed) => {
      const { tape, truth } = await generateApart([
        '--seed',
        seed,
        '--gaps',
        '50',
        '--layout',
        'lake',
      ]);
      const audit = await auditOf(tape);
      expect(truth().symbols[0]!.gaps.length).toBe(50);
      expect(provenLines(audit)).toEqual([]);
      expect(audit).toMatchObject({ policy: 'monotonic', proves: 'reordering' });
      expect(audit.proves_words).toMatch(/cannot prove/);
      const suspected = audit.gaps.filter((gap) => !gap.proven);
      console.log(`seed ${seed}, Lake layout: 0 proven, ${suspected.length} suspected of 50 lost`);
      expect(suspected.length).toBeGreaterThan(0);
      expect(suspected.every((gap) => gap.reason !== '')).toBe(true);
    },
  );

  it.each(seeds)(
    'seed %s: what came twice or late is put right',
    { timeout: 120_000 },
    async (seed) => {
      const root = temporaryFolder();
      const faults = ['--duplicates', '20', '--swaps', '20'];
      const clean = await generateApart(['--seed', seed]);
      const faulty = await generateApart(['--seed', seed, ...faults]);
      await depthmillDone(['run', clean.tape, '-o', join(root, 'clean')]);
      await depthmillDone(['run', faulty.tape, '-o', join(root, 'faulty')]);
      const [expected, found] = ['clean', 'faulty'].map((name) => readAudit(join(root, name)));
      const audit = found!.instruments[0]!;
      expect(audit).toMatchObject({ duplicates: 20, out_of_order: 20, gaps: [] });
      expect(audit.digest).toBe(expected!.instruments[0]!.digest);
      expect(audit.digest).toBe(faulty.truth().symbols[0]!.digest);
      const db = await openDuckdb();
      const rows = (name: string) =>
        `SELECT row_number() OVER (ORDER BY filename, file_row_number) AS n, sequence,
         sequence_first, is_bid, price_pips, qty_pips, flags
       FROM ${tableSql(join(root, name), 'depth')}`;
      const compared = await rowOf(
        db,
        `SELECT count(*) AS rows_all, count(*) FILTER (a IS DISTINCT FROM b) AS differing
       FROM (${rows('clean')}) a FULL JOIN (${rows('faulty')}) b ON a.n = b.n`,
      );
      expect(compared.differing).toBe(0n);
      expect(Number(compared.rows_all)).toBe(expected!.instruments[0]!.accounting.rows_out);
    },
  );

  it('a tape without losses has no gap, proven or suspected', async () => {
    for (const layout of ['depthmill', 'lake']) {
      const { tape, truth } = await generateApart(['--seed', '7', '--layout', layout]);
      const audit = await auditOf(tape);
      expect(audit.gaps).toEqual([]);
      expect(audit).toMatchObject({ duplicates: 0, out_of_order: 0 });
      expect(audit.messages).toBeGreaterThan(0);
      if (layout === 'depthmill') expect(audit.digest).toBe(truth().symbols[0]!.digest);
    }
  });
});
