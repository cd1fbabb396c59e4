import { PipelineError } from '../../errors/errors.js';
import type { Command } from '../command.js';
import {
  COMPUTE_OPTIONS,
  computeOptionsOf,
  INPUT_OPTIONS,
  inputOptionsOf,
  JSON_OPTION,
} from '../options.js';

export const auditCommand: Command = {
  name: 'audit',
  describe: 'Report gaps and quality of market data, with a verdict per instrument and day',
  positional: { name: 'input', describe: 'Files, folders, quoted globs, @list', many: true },
  options: { ...INPUT_OPTIONS, ...COMPUTE_OPTIONS, json: JSON_OPTION },
  examples: [
    ['audit data/lake', 'A table, and each gap with its proof'],
    ['audit data/lake --json > audit.json', 'The whole report for machines'],
    ['audit data/lake --strict', 'Exit code 3 if anything was found'],
  ],
  async execute(args) {
    inputOptionsOf(args);
    computeOptionsOf(args);
    throw new PipelineError('ERR_INVARIANT', 'audit is not wired yet');
  },
};
