import { toJson } from '../../units/json.js';
import { audit } from '../../worker/run.js';
import { flagOf } from '../arguments.js';
import { renderAudit } from '../audit-text.js';
import type { Command } from '../command.js';
import {
  COMPUTE_OPTIONS,
  computeOptionsOf,
  INPUT_OPTIONS,
  inputOptionsOf,
  JSON_OPTION,
} from '../options.js';
import { startProgressLine } from '../progress.js';
import { exitCodeOfReport } from '../report-exit.js';
import { onRunProgress } from '../run-progress.js';
import { printLine, terminalWidth } from '../terminal.js';

export const auditCommand: Command = {
  name: 'audit',
  describe: 'Report gaps and quality of market data, with a verdict per instrument and day',
  positional: { name: 'input', describe: 'Files, folders, quoted globs, @list, -', many: true },
  options: { ...INPUT_OPTIONS, ...COMPUTE_OPTIONS, json: JSON_OPTION },
  examples: [
    ['audit data/lake', 'A table, and each gap with its proof'],
    ['audit data/lake --json > audit.json', 'The whole report for machines'],
    ['audit data/lake --strict', 'Exit code 3 if anything was found'],
  ],
  async execute(args, signal) {
    const options = { ...inputOptionsOf(args), ...computeOptionsOf(args) };
    const progress = startProgressLine();
    try {
      const { report } = await audit({ ...options, signal, onProgress: onRunProgress(progress) });
      progress.clear();
      printLine(flagOf(args, 'json') ? toJson(report, 2) : renderAudit(report, terminalWidth()));
      return exitCodeOfReport(report, flagOf(args, 'strict'));
    } finally {
      progress.clear();
    }
  },
};
