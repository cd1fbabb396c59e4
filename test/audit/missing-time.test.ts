import { describe, expect, it } from 'vitest';
import { daySpan } from '#src/audit/day-span.js';
import { missingTime } from '#src/audit/missing-time.js';
import type { GapFinding } from '#src/audit/types.js';
import { dayStartNs } from '#src/dialects/time-units.js';

const rows = { firstNs: 100n, lastNs: 1_100n };
const open = { fromNs: null, toNs: null };

const gap = (from: bigint, to: bigint, changes: Partial<GapFinding> = {}): GapFinding => ({
  kind: 'gap',
  proven: true,
  sequence_before: null,
  sequence_after: null,
  missing: null,
  ts_recv_before: from,
  ts_recv_after: to,
  file: 'a',
  row: 0,
  reason: '',
  ...changes,
});

describe('missingTime', () => {
  it('counts what several gaps have in common once', () => {
    const gaps = [gap(200n, 300n), gap(250n, 400n), gap(260n, 270n), gap(900n, 950n)];
    expect(missingTime(rows, gaps, [], open)).toEqual({ ns: 250n, of_ns: 1_000n });
  });

  it('leaves out what is only suspected, silent, or has no known time', () => {
    const gaps = [
      gap(200n, 300n, { proven: false }),
      gap(200n, 300n, { kind: 'silence' }),
      gap(200n, 300n, { kind: 'reset' }),
      gap(200n, 300n, { ts_recv_before: null }),
      gap(300n, 200n),
    ];
    expect(missingTime(rows, gaps, [], open).ns).toBe(0n);
  });

  it('counts outages, though they prove no loss, once with the gaps in them', () => {
    const outages = [{ ts_recv_from: 300n, ts_recv_to: 500n, instruments: 2 }];
    expect(missingTime(rows, [gap(450n, 600n)], outages, open).ns).toBe(300n);
  });

  it('counts the parts of a day that have no rows, where there should be some', () => {
    expect(missingTime(rows, [], [], { fromNs: 0n, toNs: 2_000n })).toEqual({
      ns: 1_000n,
      of_ns: 2_000n,
    });
    expect(missingTime(rows, [gap(50n, 150n)], [], { fromNs: 0n, toNs: null }).ns).toBe(150n);
  });

  it('stops at the end of the time that should be covered', () => {
    expect(missingTime(rows, [gap(1_000n, 1_090n)], [], { fromNs: null, toNs: 1_050n }).ns).toBe(
      50n,
    );
  });
});

describe('daySpan', () => {
  const day = (dt: string, symbol = 'A') => ({ exchange: 'X', symbol, dt });
  const all = { fromNs: null, toNs: null };
  const days = [day('2026-01-01'), day('2026-01-02'), day('2026-01-03'), day('2026-01-01', 'B')];
  const second = dayStartNs('2026-01-02');
  const third = dayStartNs('2026-01-03');

  it("asks for whole days between an instrument's first and last", () => {
    expect(daySpan(day('2026-01-01'), days, all)).toEqual({ fromNs: null, toNs: second });
    expect(daySpan(day('2026-01-02'), days, all)).toEqual({ fromNs: second, toNs: third });
    expect(daySpan(day('2026-01-03'), days, all)).toEqual({ fromNs: third, toNs: null });
    expect(daySpan(day('2026-01-01', 'B'), days, all)).toEqual({ fromNs: null, toNs: null });
  });

  it('asks for no more than is selected', () => {
    const selected = { fromNs: second + 5n, toNs: third - 5n };
    expect(daySpan(day('2026-01-02'), days, selected)).toEqual(selected);
  });

  it('counts what stands in files of the day before, and of this day behind midnight', () => {
    const rows = { lastBeforeNs: null, firstNs: second, lastNs: third - 1n, firstBehindNs: third };
    const span = (around: Partial<typeof rows> | { lastBeforeNs: bigint }) =>
      daySpan(day('2026-01-02'), days, all, { ...rows, ...around });
    expect(span({})).toEqual({ fromNs: second, toNs: third });
    // A recorder that begins a new file at six: nothing is missing before its first row.
    const six = 6n * 3_600_000_000_000n;
    const rotated = { firstNs: second + six, lastNs: third + six - 1n, firstBehindNs: third + six };
    expect(span({ ...rotated, lastBeforeNs: second + six - 1n })).toEqual({
      fromNs: second + six - 1n,
      toNs: third + six - 1n,
    });
    // A hole of an hour behind the file of the day before is this day's.
    expect(span({ ...rotated, lastBeforeNs: second + 1n }).fromNs).toBe(second + 1n);
    // One behind midnight, with no file until the day after, is of the file that ends before it.
    const alone = { firstNs: second, lastNs: third + 5n, firstBehindNs: third + 100n * six };
    expect(span(alone).toNs).toBe(dayStartNs('2026-01-04'));
  });
});
