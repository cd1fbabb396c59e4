import type { AuditReport } from '../audit/types.js';
import type { InputPlan } from '../dialects/plan.js';
import type { ManifestInput } from '../pipeline/manifest.js';

/** What a run says of itself and its days. */
type RunFindings = Pick<AuditReport, 'failures' | 'instruments' | 'thresholds' | 'run'>;

/** audit.json: the days as they were found, and what the plan knows of the inputs. */
export function runReport(
  plan: InputPlan,
  inputs: readonly ManifestInput[],
  found: RunFindings,
): AuditReport {
  const { failures, instruments, thresholds, run } = found;
  return {
    schema: 'depthmill-audit/1',
    inputs: inputs.map(({ path, bytes, rows }) => ({ path, bytes, rows })),
    skipped: plan.skipped.map(({ path, reason }) => ({ path, reason })),
    truncated: [...plan.truncations],
    failures,
    instruments,
    thresholds,
    missing_days: plan.missingDays.flatMap(({ exchange, symbol, days }) =>
      days.map((dt) => ({ exchange, symbol, dt })),
    ),
    run,
  };
}
