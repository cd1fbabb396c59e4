import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../cli/spawn-cli.js';
import { columnsOf, openDuckdb, rowOf } from '../support/duckdb.js';
import { GOOD, goodRows } from '../support/failures.js';
import { INSTRUMENTS } from '../support/instruments.js';
import { schemaErrors } from '../support/json-schema.js';
import { writeLakeDeltas } from '../support/lake-fixture.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const tableSql = (out: string, table: string): string =>
  `read_parquet('${out}/${table}/**/*.parquet', hive_partitioning = true)`;

const DAY_NS = 86_400_000_000_000n;

/** `count` rows a millisecond apart on each of the days, counted from 2026-01-01. */
async function writeDays(days: readonly number[], count = 500): Promise<string> {
  const root = join(temporaryFolder(), 'lake');
  for (const day of days) {
    const shift = BigInt(day) * DAY_NS;
    const rows = goodRows(count).map((row) => ({
      ...row,
      timestamp: row.timestamp! + shift,
      receipt_timestamp: row.receipt_timestamp! + shift,
    }));
    await writeLakeDeltas(root, { ...GOOD, dt: `2026-01-0${day + 1}` }, rows);
  }
  return root;
}

function auditSchema(): Record<string, unknown> {
  return JSON.parse(readFileSync('docs/audit.schema.json', 'utf8')) as Record<string, unknown>;
}

describe('the calendar', () => {
  it('has a verdict for each day, and for the days that are missing', async () => {
    const lake = await writeDays([0, 3]);
    const out = join(temporaryFolder(), 'out');
    const { stdout } = await depthmillDone(['run', lake, '-o', out]);
    expect(stdout).toContain('missing: TEST GOOD 2026-01-02 to 2026-01-03 (2 days): no file');
    const db = await openDuckdb();
    try {
      const sql = `SELECT dt::VARCHAR AS dt, verdict, reasons, rows, missing_ns FROM ${tableSql(out, 'calendar')} ORDER BY dt`;
      const { dt, verdict, rows, missing_ns: missing } = await columnsOf(db, sql);
      expect(dt!.map(String)).toEqual(['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04']);
      expect([verdict![1], verdict![2]]).toEqual(['missing', 'missing']);
      expect(rows).toEqual([500n, 0n, 0n, 500n]);
      // Rows of half a second at midnight: the first day ends too early, the last begins in time.
      expect(missing).toEqual([DAY_NS - 499_000_000n, DAY_NS, DAY_NS, 0n]);
    } finally {
      db.closeSync();
    }
    const audit = JSON.parse(readFileSync(join(out, 'audit.json'), 'utf8'));
    expect(schemaErrors(auditSchema(), audit)).toEqual([]);
    expect(audit.missing_days.map((day: { dt: string }) => day.dt)).toEqual([
      '2026-01-02',
      '2026-01-03',
    ]);
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    const calendars = manifest.parts.filter((part: { table: string }) => part.table === 'calendar');
    expect(calendars.length).toBe(4);
  });

  it('goes by the thresholds, and so does --strict', async () => {
    const lake = await writeDays([0]);
    const loose = ['--thresholds', 'untrusted=100%,missing=100%'];
    const strict = ['audit', lake, '--strict', '--json'];
    const found = await runCli(strict);
    expect(found.exitCode).toBe(3);
    const report = JSON.parse(found.stdout);
    expect(schemaErrors(auditSchema(), report)).toEqual([]);
    expect(report.instruments[0].verdict).toBe('inconclusive');
    const again = JSON.parse((await runCli([...strict, ...loose])).stdout);
    expect(again.thresholds).toMatchObject({ untrusted: 1, missing: 1, crossed: 0.01, gaps: 0 });
  });

  it.each(['crossed=1', 'gaps=1%', 'crossed=101%', 'wrong=1%', 'gaps', 'gaps=-1', 'gaps=1.5'])(
    'refuses the threshold %s',
    async (text) => {
      const { exitCode, stderr } = await runCli(['audit', 'x', '--thresholds', text]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('ERR_USAGE_THRESHOLD');
      expect(stderr).toContain(`'${text}'`);
    },
  );
});

describe('a schema that does not fit', () => {
  it('is found out', () => {
    const schema = auditSchema();
    expect(schemaErrors(schema, {})).not.toEqual([]);
    expect(schemaErrors({ type: 'integer', minimum: 3 }, 2)).toEqual([': minimum']);
  });
});

describe.skipIf(!hasSharedData)('instruments of the Lake recordings', () => {
  it('have the tick, lot and range that SQL finds in the output', {
    timeout: 120_000,
  }, async () => {
    const out = join(temporaryFolder(), 'out');
    await depthmillDone(['run', sharedData('lake'), '-o', out]);
    const db = await openDuckdb();
    try {
      for (const instrument of INSTRUMENTS) {
        const where = `WHERE symbol = '${instrument.symbol}'`;
        const row = await rowOf(db, `SELECT * FROM ${tableSql(out, 'instruments')} ${where}`);
        // What was read, without the rows that seeds and repairs made.
        const read = `FROM ${tableSql(out, 'depth')} ${where} AND flags & 4096 = 0`;
        const range = await rowOf(db, `SELECT min(price_pips) low, max(price_pips) high ${read}`);
        expect([row.price_min_pips, row.price_max_pips]).toEqual([range.low, range.high]);
        for (const [name, column] of [
          ['tick_pips', 'price_pips'],
          ['lot_pips', 'qty_pips'],
        ] as const) {
          const grid = row[name] as bigint;
          const off = await rowOf(db, `SELECT count(*) n ${read} AND ${column} % ${grid} != 0`);
          expect(off.n, `${instrument.symbol} ${name}`).toBe(0n);
          // No coarser grid holds them all: the quotients have no common divisor.
          const values = await columnsOf(db, `SELECT DISTINCT ${column} // ${grid} AS v ${read}`);
          const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
          expect((values.v as bigint[]).reduce(gcd, 0n)).toBe(1n);
        }
        expect(row.qty_unit).toBe(instrument.symbol === 'ETH-USD-PERP' ? 'contracts' : 'base');
      }
    } finally {
      db.closeSync();
    }
  });
});
