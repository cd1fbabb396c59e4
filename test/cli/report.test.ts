import { describe, expect, test } from 'vitest';
import type { GapFinding } from '#src/audit/types.js';
import { renderAudit } from '#src/cli/audit-text.js';
import { hasFindings } from '#src/cli/findings.js';
import { renderRemarks, renderTotals } from '#src/cli/summary.js';
import { sampleInstrument, sampleReport } from './sample-report.js';

const SUSPICION: GapFinding = {
  kind: 'gap',
  proven: false,
  sequence_before: 9_007_199_254_740_993n,
  sequence_after: 9_007_199_254_740_999n,
  missing: null,
  ts_recv_before: 1_775_034_000_000_000_000n,
  ts_recv_after: 1_775_034_000_250_000_000n,
  file: '1.snappy.parquet',
  row: 1234,
  reason: 'the witness disagreed',
};

describe('findings', () => {
  test('a usable day without losses has none', () => {
    expect(hasFindings(sampleReport())).toBe(false);
  });

  test.each([
    ['a verdict', { verdict: 'degraded' }],
    ['a gap, proven or not', { gaps: [SUSPICION] }],
    ['duplicates', { duplicates: 1 }],
    ['disorder', { out_of_order: 1 }],
    ['a row to look at', { row_faults: { counts: { clocks_apart: 1 }, listed: [] } }],
    ['rejected trades', { trades_accounting: accountingWith({ ERR_ROW_NULL: 1 }) }],
  ] as const)('%s is one', (_what, changes) => {
    const instrument = sampleInstrument(changes as Parameters<typeof sampleInstrument>[0]);
    expect(hasFindings(sampleReport({ instruments: [instrument] }))).toBe(true);
  });
});

test('the audit tells suspicions from proofs, and ids keep their digits', () => {
  const instrument = sampleInstrument({ gaps: [SUSPICION], verdict: 'degraded' });
  const text = renderAudit(sampleReport({ instruments: [instrument] }), null);
  expect(text).toContain('These ids cannot prove a loss.');
  expect(text).toMatch(/^gap +suspected +9007199254740993 +9007199254740999 +- /m);
  expect(text).toContain('2026-04-01T09:00:00.250Z');
  expect(text).toContain('15.00 % of unknown levels');
  expect(text).toContain('650 of 651 agreed');
});

test('the audit says what cannot be trusted and why, and what nobody heard', () => {
  const at = (seconds: number): bigint => 1_775_034_000_000_000_000n + BigInt(seconds) * 10n ** 9n;
  const doubt = (from: number, to: number) => ({
    ts_recv_from: at(from),
    ts_recv_to: at(to),
    state: 'suspect' as const,
    reason: 'witness_off',
    sequence_from: null,
    sequence_to: null,
  });
  const silence = (from: number, to: number) => ({ ts_recv_from: at(from), ts_recv_to: at(to) });
  const instrument = sampleInstrument({
    quality: [doubt(0, 1), doubt(100, 190)],
    silences: [silence(10, 20), silence(30, 4_000)],
    outages: [{ ...silence(31, 3_999), instruments: 3 }],
    latency_ns: null,
    resets: 1,
  });
  const text = renderAudit(sampleReport({ instruments: [instrument] }), null);
  expect(text).toContain('trusted: 99.95 % of 298,151 rows');
  expect(text).toContain('suspect (witness off): 2 times, 1m 31s in all');
  expect(text).toContain('silences: 2, the longest 1h 06m 10s from 2026-04-01T09:00:30Z');
  expect(text).toMatch(/outage: 1h 06m 08s from .*:31Z to .* any of the 3 instruments of BINANCE/);
  expect(text).toContain('0 duplicates, 0 out of order, 1 reset, 0 reconnects');
  expect(text).not.toContain('latency');
  const none = sampleInstrument({ messages: 0, witness: [], deletes: 0 });
  expect(renderAudit(sampleReport({ instruments: [none] }), null)).not.toMatch(
    /crossed after|ids:/,
  );
});

test('missing days that follow one another are one line', () => {
  const day = (symbol: string, dt: string) => ({ exchange: 'X', symbol, dt });
  const report = sampleReport({
    missing_days: [
      ...['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-03'].map((dt) => day('A', dt)),
      day('B', '2026-03-04'),
    ],
  });
  expect(renderRemarks(report)).toEqual([
    'missing: X A 2026-02-27 to 2026-03-01 (3 days): no file, between days that have some',
    'missing: X A 2026-03-03: no file, between days that have some',
    'missing: X B 2026-03-04: no file, between days that have some',
  ]);
});

test('many gaps are counted, not listed', () => {
  const instrument = sampleInstrument({ gaps: Array.from({ length: 25 }, () => SUSPICION) });
  const text = renderAudit(sampleReport({ instruments: [instrument] }), null);
  expect(text.match(/suspected +9007199254740993/g)).toHaveLength(20);
  expect(text).toContain('… and 5 more');
});

test('failures, skipped files and rejected rows are said', () => {
  const report = sampleReport({
    failures: [
      {
        input: 'bad.parquet',
        exchange: '',
        symbol: '',
        dt: '',
        code: 'ERR_PARQUET_TRUNCATED',
        message: 'It breaks off.',
      },
    ],
    skipped: [{ path: 'funding/1.parquet', reason: 'table funding is not ours' }],
    instruments: [sampleInstrument({ accounting: accountingWith({ ERR_ROW_NULL: 3 }) })],
  });
  expect(renderRemarks(report)).toEqual([
    'failed: bad.parquet: ERR_PARQUET_TRUNCATED It breaks off.',
    'skipped: funding/1.parquet: table funding is not ours',
    'warning: 3 rows were rejected; see the table rejects.',
  ]);
});

test('totals count depth and trades and say where the outputs lie', () => {
  const text = renderTotals(sampleReport(), {
    out: 'out',
    outputs: [{ table: 'book', path: 'book/part-0000.parquet', bytes: 2_981_630 }],
    seconds: 0.5,
    rssBytesMax: 210_000_000,
  });
  expect(text).toContain('298,123 events in 0.50 s: 596 k events/s, peak memory 210 MB.');
  expect(text).toContain('1 file, 2.98 MB (10.00 B/event) in out');
  expect(text).toContain("FROM 'out/book/**/*.parquet'");
});

function accountingWith(rejected: Record<string, number>) {
  return { rows_in: 10, rejected, dropped: {}, synthetic: 0, rows_out: 7 };
}
