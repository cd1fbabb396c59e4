import { describe, expect, it } from 'vitest';
import { provesOf } from '#src/audit/proves.js';
import type { GapFinding, InstrumentAudit } from '#src/audit/types.js';
import { VERDICT_THRESHOLDS, verdictOf } from '#src/audit/verdict.js';
import { sampleInstrument } from '../cli/sample-report.js';

const gap = (kind: GapFinding['kind'], proven = true): GapFinding => ({
  kind,
  proven,
  sequence_before: null,
  sequence_after: null,
  missing: null,
  ts_recv_before: null,
  ts_recv_after: null,
  file: 'a',
  row: 0,
  reason: '',
});

const verdict = (changes: Partial<InstrumentAudit>, gaps = 0) =>
  verdictOf(sampleInstrument(changes), { ...VERDICT_THRESHOLDS, gaps });

describe('the verdict of a day', () => {
  it('names the kinds of its gaps, where they are not all losses of messages', () => {
    expect(verdict({ gaps: [gap('gap'), gap('gap')] }).reasons).toEqual(['2 proven gaps']);
    expect(verdict({ gaps: [gap('reset')] }).reasons).toEqual(['1 proven gap (1 reset)']);
    const several = [gap('gap'), gap('reconnect'), gap('reconnect'), gap('gap', false)];
    expect(verdict({ gaps: several }).reasons).toEqual([
      '3 proven gaps (1 gap, 2 reconnects)',
      '1 suspected gap',
    ]);
  });

  it('is degraded by an input that breaks off, as far as the threshold allows gaps', () => {
    const day = { gaps: [gap('truncated')] };
    expect(verdict(day)).toEqual({ verdict: 'degraded', reasons: ['1 input broken off'] });
    expect(verdict(day, 1)).toEqual({ verdict: 'usable', reasons: [] });
  });

  it('is inconclusive where a day has files and no changes of the book', () => {
    const none = { messages: 0, first: null, last: null };
    const rows = (rowsIn: number, rowsOut: number) => ({
      ...sampleInstrument().accounting,
      rows_in: rowsIn,
      rows_out: rowsOut,
    });
    for (const [depth, trades, reason] of [
      [rows(0, 0), rows(5, 5), 'trades alone: there is no book'],
      [rows(0, 0), rows(0, 0), 'no changes of the book: there is nothing to check'],
      [rows(5, 0), rows(5, 5), 'no row of depth could be used'],
    ] as const) {
      const found = verdict({ ...none, accounting: depth, trades_accounting: trades });
      expect(found).toEqual({ verdict: 'inconclusive', reasons: [reason] });
    }
  });
});

describe('what the ids prove', () => {
  it('is not what checksums would prove that nobody compared', () => {
    expect(provesOf('checksum', 0)).toMatchObject({ proves: 'reconnects' });
    expect(provesOf('checksum', 1)).toMatchObject({ proves: 'top_levels' });
    expect(provesOf('chain', 0)).toMatchObject({ proves: 'every_loss' });
  });
});
