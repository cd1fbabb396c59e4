import type { GapFinding, InstrumentAudit, VerdictThresholds } from './types.js';

/** MODEL section 6, `calendar`; gaps, rejected rows and rows without a trusted book are ours. */
export const VERDICT_THRESHOLDS: VerdictThresholds = {
  crossed: 0.01,
  missing: 0.02,
  thin: 0.1,
  invalid: 0.05,
  untrusted: 0.02,
  gaps: 0,
  rejected: 0,
};

type VerdictInput = Pick<
  InstrumentAudit,
  | 'accounting'
  | 'trades_accounting'
  | 'messages'
  | 'first'
  | 'last'
  | 'crossed'
  | 'gaps'
  | 'quality'
  | 'rows_trusted'
  | 'witness'
  | 'missing'
>;

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** One verdict for an instrument's day, with every reason that speaks against `usable`. */
export function verdictOf(
  day: VerdictInput,
  thresholds: VerdictThresholds,
): Pick<InstrumentAudit, 'verdict' | 'reasons'> {
  if (day.messages === 0 || day.first === null || day.last === null) {
    return { verdict: 'inconclusive', reasons: [whyNoBook(day)] };
  }
  const inconclusive = whyInconclusive(day, thresholds);
  const degraded = whyDegraded(day, thresholds);
  const untrusted = untrustedShare(day);
  if (untrusted > thresholds.untrusted && inconclusive.length === 0) {
    degraded.push(`${percent(untrusted)} of the rows have no trusted book`);
  }
  if (inconclusive.length > 0) {
    return { verdict: 'inconclusive', reasons: [...inconclusive, ...degraded] };
  }
  return { verdict: degraded.length > 0 ? 'degraded' : 'usable', reasons: degraded };
}

/** A day that is in the plan has files: it is not missing, but without changes there is no book. */
function whyNoBook({ accounting, trades_accounting: trades }: VerdictInput): string {
  if (accounting.rows_in > 0) return 'no row of depth could be used';
  return trades.rows_out > 0
    ? 'trades alone: there is no book'
    : 'no changes of the book: there is nothing to check';
}

/** What makes the day say nothing: there is no book, or none to believe. */
function whyInconclusive(day: VerdictInput, thresholds: VerdictThresholds): string[] {
  const reasons: string[] = [];
  const unseeded = day.quality.some(({ state }) => state === 'unseeded');
  if (unseeded && day.rows_trusted === 0) {
    const isSeeded = day.quality.some(({ state }) => state === 'suspect');
    const never = 'no snapshot or seed: there is no book';
    reasons.push(isSeeded ? 'there is a snapshot or seed, but no row with a trusted book' : never);
  }
  for (const { kind, compared, passed, invalid } of day.witness) {
    const share = invalid / Math.max(1, compared + passed + invalid);
    if (share > thresholds.invalid)
      reasons.push(`${percent(share)} of the ${kind} rows are invalid`);
  }
  return reasons;
}

function whyDegraded(day: VerdictInput, thresholds: VerdictThresholds): string[] {
  const reasons: string[] = [];
  const count = (test: (gap: GapFinding) => boolean): number => day.gaps.filter(test).length;
  const broken = count(({ kind }) => kind === 'truncated');
  const proven = day.gaps.filter((gap) => gap.proven && gap.kind !== 'truncated');
  const suspected = count((gap) => !gap.proven);
  if (proven.length > thresholds.gaps) {
    reasons.push(`${plural(proven.length, 'proven gap')}${kindsOf(proven)}`);
  }
  if (broken > thresholds.gaps) reasons.push(`${plural(broken, 'input')} broken off`);
  if (suspected > thresholds.gaps) reasons.push(plural(suspected, 'suspected gap'));
  const { ns, of_ns: ofNs } = day.missing;
  const missing = ofNs > 0n ? Number(ns) / Number(ofNs) : 0;
  if (missing > thresholds.missing) reasons.push(`${percent(missing)} of the time is missing`);
  const span = Number(day.last!.ts_recv - day.first!.ts_recv);
  const crossed = span > 0 ? Number(day.crossed.ns) / span : 0;
  if (crossed > thresholds.crossed) reasons.push(`crossed for ${percent(crossed)} of the time`);
  for (const { kind, compared, thin } of day.witness) {
    const share = thin / Math.max(1, compared);
    if (share > thresholds.thin) reasons.push(`${percent(share)} of the ${kind} rows are thin`);
  }
  const rejected = Object.values(day.accounting.rejected).reduce((sum, rows) => sum + rows, 0);
  if (rejected > thresholds.rejected) reasons.push(plural(rejected, 'rejected row'));
  return reasons;
}

/** What kinds of gaps they are, where they are not all losses of messages. */
function kindsOf(gaps: readonly GapFinding[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of gaps) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  if (counts.size === 1 && counts.has('gap')) return '';
  const kinds = [...counts].map(([kind, count]) => plural(count, kind));
  return ` (${kinds.join(', ')})`;
}

function untrustedShare({ accounting, rows_trusted: trusted }: VerdictInput): number {
  return accounting.rows_out === 0 ? 0 : 1 - trusted / accounting.rows_out;
}
