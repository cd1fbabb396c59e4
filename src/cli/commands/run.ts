import { PipelineError, UsageError } from '../../errors/errors.js';
import { flagOf } from '../arguments.js';
import type { Command } from '../command.js';
import { dryRun } from '../dry-run.js';
import { EXIT } from '../exit-codes.js';
import {
  COMPUTE_OPTIONS,
  INPUT_OPTIONS,
  JSON_OPTION,
  OUTPUT_OPTIONS,
  runOptionsOf,
} from '../options.js';
import { renderPlan } from '../plan-text.js';
import { printLine, terminalWidth, toJson } from '../terminal.js';

export const runCommand: Command = {
  name: 'run',
  describe: 'Turn market data into exact events, a book and an audit',
  positional: { name: 'input', describe: 'Files, folders, quoted globs, @list', many: true },
  options: {
    ...OUTPUT_OPTIONS,
    ...INPUT_OPTIONS,
    ...COMPUTE_OPTIONS,
    'dry-run': { type: 'boolean', describe: 'Say what would be read, and do nothing' },
    json: JSON_OPTION,
  },
  examples: [
    ['run data/lake -o out', 'A folder of Crypto Lake files; all tables into out'],
    ["run data/lake -o out --symbol 'BTC-*' --from 2026-04-01 --to 2026-04-02", 'One day of BTC'],
    ['run data/lake -o out --book-depth 20 --book-every 100ms', '20 levels, ten times a second'],
    ['run deltas.parquet -o out --map price=px,qty=sz,side=side', 'Any flat Parquet file'],
    ['run data/lake --dry-run', 'Instruments, days, rows and space, without the work'],
  ],
  async execute(args, _signal) {
    const options = runOptionsOf(args);
    const json = flagOf(args, 'json');
    if (flagOf(args, 'dry-run')) {
      const facts = await dryRun(options, options.out);
      printLine(json ? toJson(facts) : renderPlan(facts, terminalWidth()));
      return facts.failures.length > 0 ? EXIT.someInputsFailed : EXIT.done;
    }
    if (options.out === '') {
      throw new UsageError('ERR_USAGE', 'run needs an output folder: -o OUT (or --dry-run).');
    }
    throw new PipelineError('ERR_INVARIANT', 'run is not wired yet');
  },
};
