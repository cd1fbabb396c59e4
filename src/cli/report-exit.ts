import type { AuditReport } from '../audit/types.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { hasFindings } from './findings.js';

/** How a finished run or audit ends: inputs that failed count for more than findings. */
export function exitCodeOfReport(report: AuditReport, strict: boolean): ExitCode {
  if (report.failures.length > 0) {
    return report.instruments.length > 0 ? EXIT.someInputsFailed : EXIT.failed;
  }
  return strict && hasFindings(report) ? EXIT.findings : EXIT.done;
}
