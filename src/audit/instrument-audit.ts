import type { SequencePolicy } from '../dialects/types.js';
import type { GapFinding, InstrumentAudit, Proves } from './types.js';

const PROVES: Readonly<Record<SequencePolicy, { proves: Proves; words: string }>> = {
  chain: {
    proves: 'every_loss',
    words: 'Each message names the one before it: every lost message is proven.',
  },
  contiguous: {
    proves: 'every_loss',
    words: 'The ids of each message follow those of the one before: every lost message is proven.',
  },
  checksum: {
    proves: 'top_levels',
    words: 'Checksums prove the top levels, and with them any loss that touches those.',
  },
  monotonic: {
    proves: 'reordering',
    words:
      'These ids cannot prove a loss: they grow by no fixed step, and show reordering only. ' +
      'Gaps listed here are suspected, from witnesses and crossed books.',
  },
  snapshot: {
    proves: 'reconnects',
    words: 'There are no ids: a loss cannot be proven; snapshots in the stream show reconnects.',
  },
};

/** What the ids of a source can prove, for machines and in words. */
export function provesOf(policy: SequencePolicy): { proves: Proves; words: string } {
  return PROVES[policy];
}

/** Shares above which a day is no longer `usable`: MODEL section 6, `calendar`. */
const CROSSED_SHARE_MAX = 0.01;
const UNTRUSTED_SHARE_MAX = 0.02;
const INVALID_SEEDS_SHARE_MAX = 0.05;

type VerdictInput = Pick<
  InstrumentAudit,
  | 'accounting'
  | 'messages'
  | 'first'
  | 'last'
  | 'crossed'
  | 'gaps'
  | 'quality'
  | 'rows_trusted'
  | 'witness'
  | 'out_of_order'
>;

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** One verdict for an instrument's day, with every reason that speaks against `usable`. */
export function verdictOf(day: VerdictInput): Pick<InstrumentAudit, 'verdict' | 'reasons'> {
  const { rows_out: rowsOut } = day.accounting;
  if (day.messages === 0 || day.first === null || day.last === null) {
    return { verdict: 'missing', reasons: ['no depth rows'] };
  }
  const inconclusive: string[] = [];
  const degraded: string[] = [];
  const unseeded = day.quality.some(({ state }) => state === 'unseeded');
  if (unseeded && day.rows_trusted === 0)
    inconclusive.push('no snapshot or seed: there is no book');
  for (const { kind, compared, invalid } of day.witness) {
    const share = invalid / Math.max(1, compared + invalid);
    if (share > INVALID_SEEDS_SHARE_MAX) {
      inconclusive.push(`${(share * 100).toFixed(1)} % of the ${kind} rows are invalid`);
    }
  }
  const count = (test: (gap: GapFinding) => boolean): number => day.gaps.filter(test).length;
  const proven = count((gap) => gap.proven);
  const suspected = count((gap) => !gap.proven);
  if (proven > 0) degraded.push(`${plural(proven, 'proven gap')}`);
  if (suspected > 0) degraded.push(`${plural(suspected, 'suspected gap')}`);
  const span = Number(day.last.ts_recv - day.first.ts_recv);
  const crossedShare = span > 0 ? Number(day.crossed.ns) / span : 0;
  if (crossedShare > CROSSED_SHARE_MAX) {
    degraded.push(`crossed for ${(crossedShare * 100).toFixed(1)} % of the time`);
  }
  const untrusted = rowsOut === 0 ? 0 : 1 - day.rows_trusted / rowsOut;
  if (untrusted > UNTRUSTED_SHARE_MAX && inconclusive.length === 0) {
    degraded.push(`${(untrusted * 100).toFixed(1)} % of the rows have no trusted book`);
  }
  const rejected = Object.values(day.accounting.rejected).reduce((sum, rows) => sum + rows, 0);
  if (rejected > 0) degraded.push(`${plural(rejected, 'rejected row')}`);
  if (inconclusive.length > 0) {
    return { verdict: 'inconclusive', reasons: [...inconclusive, ...degraded] };
  }
  return { verdict: degraded.length > 0 ? 'degraded' : 'usable', reasons: degraded };
}
