import { PipelineError } from '../../errors/errors.js';
import type { Command } from '../command.js';
import { JSON_OPTION } from '../options.js';

export const inspectCommand: Command = {
  name: 'inspect',
  describe: 'Show what a file is: dialect, schema, row groups, time span, and how it is read',
  positional: { name: 'file', describe: 'A Parquet file', many: false },
  options: { json: JSON_OPTION },
  examples: [
    ['inspect 1.snappy.parquet', 'Tables of columns and row groups'],
    ['inspect 1.snappy.parquet --json', 'The same for machines'],
  ],
  async execute() {
    throw new PipelineError('ERR_INVARIANT', 'inspect is not wired yet');
  },
};
