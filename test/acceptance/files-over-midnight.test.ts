import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AuditJson, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_MS = 1_767_225_600_000;
const HOUR_MS = 3_600_000;

/** A message every ten minutes, with a snapshot first; `ends`: hours at which files end. */
async function recorded(fromHour: number, ends: readonly number[], isLost = (_: number) => false) {
  const root = temporaryFolder();
  const row = (ms: number, id: number, level: string) => `X,${START_MS + ms},${id},${level}`;
  let from = fromHour * HOUR_MS;
  let id = 1;
  let lines = [row(from, id, 'bid,99,1,true'), row(from, id, 'ask,101,1,true')];
  for (const [index, end] of ends.entries()) {
    for (from += 600_000; from < end * HOUR_MS; from += 600_000) {
      id++;
      if (!isLost(from / HOUR_MS)) lines.push(row(from, id, `bid,98,${id},false`));
    }
    from -= 600_000;
    const header = 'symbol,local_ts,update_id,side,price,qty,is_snapshot';
    writeFileSync(join(root, `${index}.csv`), `${[header, ...lines].join('\n')}\n`);
    lines = [];
  }
  const out = join(temporaryFolder(), 'out');
  await depthmillDone(['run', root, '-o', out, '--policy', 'contiguous', '--silence', '2h']);
  const audit = readAudit(out) as AuditJson & { readonly missing_days: { readonly dt: string }[] };
  return { out, ...audit };
}

describe('files that do not begin at midnight', () => {
  it('lack nothing where each goes on from the one before', async () => {
    const { instruments } = await recorded(6, [30, 54, 78]);
    expect(instruments.map(({ dt, verdict, gaps }) => ({ dt, verdict, gaps }))).toEqual(
      ['2026-01-01', '2026-01-02', '2026-01-03'].map((dt) => ({ dt, verdict: 'usable', gaps: [] })),
    );
  });

  it('lack what no file holds', async () => {
    const { instruments } = await recorded(6, [30, 54, 78], (hour) => hour >= 29 && hour < 32);
    const [first, second, third] = instruments.map(
      (each) => (each as typeof each & { readonly reasons: string[] }).reasons,
    );
    expect(first).toEqual([]);
    expect(second).toContainEqual(expect.stringMatching(/% of the time is missing/));
    expect(third).not.toContainEqual(expect.stringMatching(/is missing/));
  });

  it('may hold several days, of which none is missing', async () => {
    const { out, instruments } = await recorded(0, [72, 96]);
    const days = ['2026-01-01', '2026-01-04'];
    expect(instruments.map(({ dt, verdict, quality }) => ({ dt, verdict, quality }))).toEqual(
      days.map((dt) => ({ dt, verdict: 'usable', quality: [] })),
    );
    const { stdout } = await depthmillDone(['cat', out, '--table', 'calendar', '--columns', 'dt']);
    expect(stdout.trim().split('\n').slice(1)).toEqual(days);
  });

  it('miss the days that no file of several days reaches', async () => {
    const { instruments, missing_days } = await recorded(
      0,
      [50, 110, 120],
      (hour) => hour >= 50 && hour < 110,
    );
    expect(instruments.map(({ dt }) => dt)).toEqual(['2026-01-01', '2026-01-05']);
    expect(missing_days.map(({ dt }) => dt)).toEqual(['2026-01-04']);
  });
});
