import { PipelineError, UsageError } from '../../errors/errors.js';
import { textOf } from '../arguments.js';
import type { Command } from '../command.js';
import {
  COMPUTE_OPTIONS,
  INPUT_OPTIONS,
  JSON_OPTION,
  OUTPUT_OPTIONS,
  runOptionsOf,
} from '../options.js';

export const runCommand: Command = {
  name: 'run',
  describe: 'Turn market data into exact events, a book and an audit',
  positional: { name: 'input', describe: 'Files, folders, quoted globs, @list', many: true },
  options: {
    ...OUTPUT_OPTIONS,
    ...INPUT_OPTIONS,
    ...COMPUTE_OPTIONS,
    'dry-run': { type: 'boolean', describe: 'Say what would be done, and do nothing' },
    json: JSON_OPTION,
  },
  examples: [
    ['run data/lake -o out', 'A folder of Crypto Lake files; all tables into out'],
    ["run data/lake -o out --symbol 'BTC-*' --from 2026-04-01 --to 2026-04-02", 'One day of BTC'],
    ['run data/lake -o out --book-depth 20 --book-every 100ms', '20 levels, ten times a second'],
    ['run deltas.parquet -o out --map price=px,qty=sz,side=side', 'Any flat Parquet file'],
    ['run data/lake -o out --dry-run', 'Instruments, days, rows and space, without the work'],
  ],
  async execute(args) {
    const options = runOptionsOf(args);
    if (options.out === '' && args['dry-run'] !== true) {
      throw new UsageError('ERR_USAGE', 'run needs an output folder: -o OUT (or --dry-run).');
    }
    throw new PipelineError('ERR_INVARIANT', `run ${textOf(args, 'out')} is not wired yet`);
  },
};
