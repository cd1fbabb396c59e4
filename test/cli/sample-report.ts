import type { AuditReport, InstrumentAudit } from '#src/audit/types.js';
import { VERDICT_THRESHOLDS } from '#src/audit/verdict.js';

/** One usable day, nothing found; `changes` make it what a test needs. */
export function sampleInstrument(changes: Partial<InstrumentAudit> = {}): InstrumentAudit {
  return {
    exchange: 'BINANCE',
    symbol: 'BTC-USDT',
    dt: '2026-04-01',
    dialect: 'lake',
    policy: 'monotonic',
    proves: 'reordering',
    proves_words: 'These ids cannot prove a loss.',
    scales: { price: 8, qty: 8 },
    first: { ts_recv: 1_775_034_000_000_000_000n, ts_event: 0n, sequence: 7n },
    last: { ts_recv: 1_775_034_060_000_000_000n, ts_event: 0n, sequence: 9n },
    messages: 6493,
    accounting: { rows_in: 298_111, rejected: {}, dropped: {}, synthetic: 40, rows_out: 298_151 },
    trades_accounting: { rows_in: 12, rejected: {}, dropped: {}, synthetic: 0, rows_out: 12 },
    trade_ids: 'counted',
    gaps: [],
    duplicates: 0,
    out_of_order: 0,
    resets: 0,
    reconnects: 0,
    silences: [],
    outages: [],
    row_faults: { counts: {}, listed: [] },
    missing: { ns: 0n, of_ns: 60_000_000_000n },
    crossed: { messages: 0, ns: 0n },
    locked: { messages: 0, ns: 0n },
    witness: [
      {
        kind: 'book',
        compared: 651,
        agreed: 650,
        passed: 0,
        invalid: 1,
        thin: 0,
        worst_ns: 1_000_000_000n,
      },
    ],
    deletes: 1000,
    deletes_unknown: 150,
    latency_ns: { min: -5n, p50: 4_400_000n, p99: 149_000_000n, max: 2_000_000_000n, negative: 1 },
    checksums: { checked: 0, matched: 0 },
    rows_trusted: 298_000,
    depth_unknown: 0,
    trades_outside: { compared: 1_234, outside: 56, passed: 7 },
    day_before: null,
    book_rows: 6493,
    digest: '0123456789abcdef',
    quality: [],
    verdict: 'usable',
    reasons: [],
    ...changes,
  };
}

export function sampleReport(changes: Partial<AuditReport> = {}): AuditReport {
  return {
    schema: 'depthmill-audit/1',
    inputs: [],
    skipped: [],
    truncated: [],
    failures: [],
    instruments: [sampleInstrument()],
    thresholds: VERDICT_THRESHOLDS,
    missing_days: [],
    run: {
      seconds: 1,
      rows_per_second: 298_123,
      machine: 'a machine',
      version: '0.1.0',
      workers: [],
    },
    ...changes,
  };
}
