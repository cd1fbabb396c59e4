import { UsageError } from '../../errors/errors.js';
import type { InputOptions } from '../../pipeline/options.js';
import { toJson } from '../../units/json.js';
import { planRun } from '../../worker/plan-run.js';
import { type RunRequest, type RunResult, run } from '../../worker/run.js';
import { flagOf } from '../arguments.js';
import type { Command } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { freeBytesAt } from '../free-space.js';
import {
  COMPUTE_OPTIONS,
  INPUT_OPTIONS,
  JSON_OPTION,
  OUTPUT_OPTIONS,
  runOptionsOf,
} from '../options.js';
import { planFacts, renderPlan } from '../plan-text.js';
import { startProgressLine } from '../progress.js';
import { exitCodeOfReport } from '../report-exit.js';
import { onRunProgress } from '../run-progress.js';
import { renderInstruments, renderRemarks, renderTotals } from '../summary.js';
import { printLine, terminalWidth } from '../terminal.js';

export const runCommand: Command = {
  name: 'run',
  describe: 'Turn market data into exact events, a book and an audit',
  positional: { name: 'input', describe: 'Files, folders, quoted globs, @list, -', many: true },
  options: {
    ...OUTPUT_OPTIONS,
    ...INPUT_OPTIONS,
    ...COMPUTE_OPTIONS,
    'dry-run': { type: 'boolean', describe: 'Say what would be read, and do nothing' },
    json: JSON_OPTION,
  },
  examples: [
    ['run data/lake -o out', 'A folder of Crypto Lake files, booked and audited into out'],
    ["run data/lake -o out --symbol 'BTC-*' --from 2026-04-01 --to 2026-04-02", 'One day of BTC'],
    ['run data/lake -o out --book-depth 20 --book-every 100ms', '20 levels, ten times a second'],
    ['run deltas.parquet -o out --map price=px,qty=sz,side=side', 'Any flat Parquet file'],
    ['run data/lake --dry-run', 'Instruments, days, rows and space, without the work'],
  ],
  async execute(args, signal) {
    const options = runOptionsOf(args);
    const json = flagOf(args, 'json');
    if (flagOf(args, 'dry-run')) return dryRun(options, json);
    if (options.out === '') {
      throw new UsageError('ERR_USAGE', 'run needs an output folder: -o OUT (or --dry-run).');
    }
    const progress = startProgressLine();
    let result: RunResult;
    try {
      result = await run({ ...options, signal, onProgress: onRunProgress(progress) });
    } finally {
      progress.clear();
    }
    printLine(json ? resultJson(options.out, result) : renderResult(options.out, result));
    return exitCodeOfReport(result.report, flagOf(args, 'strict'));
  },
};

async function dryRun(options: RunRequest & InputOptions, json: boolean): Promise<ExitCode> {
  const plan = await planRun(options);
  const [failure] = plan.input.failures;
  if (plan.days.length === 0 && failure !== undefined) throw failure.error;
  const facts = planFacts(
    plan,
    options,
    options.out === '' ? null : await freeBytesAt(options.out),
  );
  printLine(json ? toJson(facts, 2) : renderPlan(facts, terminalWidth()));
  return facts.failures.length > 0 ? EXIT.someInputsFailed : EXIT.done;
}

function renderResult(out: string, { report, outputs, seconds }: RunResult): string {
  const remarks = renderRemarks(report);
  return [
    renderInstruments(report.instruments, terminalWidth()),
    ...(remarks.length > 0 ? [remarks.join('\n')] : []),
    renderTotals(report, { out, outputs, seconds, rssBytesMax: rssBytesMax() }),
  ].join('\n\n');
}

function resultJson(out: string, { report, outputs, seconds, pools }: RunResult): string {
  const rss = rssBytesMax();
  return toJson(
    { schema: 'depthmill-run/1', out, seconds, rss_bytes_max: rss, outputs, pools, report },
    2,
  );
}

/** The most memory that this process has had, threads and all. */
function rssBytesMax(): number {
  return process.resourceUsage().maxRSS * 1024;
}
