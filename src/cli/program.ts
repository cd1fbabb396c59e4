import yargs, { type Argv } from 'yargs';
import { UsageError } from '../errors/errors.js';
import { VERSION } from '../units/version.js';
import { STDIN_LIST } from './arguments.js';
import type { Command } from './command.js';
import { auditCommand } from './commands/audit.js';
import { bookCommand } from './commands/book.js';
import { catCommand } from './commands/cat.js';
import { generateCommand } from './commands/generate.js';
import { inspectCommand } from './commands/inspect.js';
import { runCommand } from './commands/run.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { terminalWidth } from './terminal.js';

const COMMANDS: readonly Command[] = [
  runCommand,
  auditCommand,
  bookCommand,
  catCommand,
  inspectCommand,
  generateCommand,
];

const EXIT_CODES_HELP =
  'Exit codes: 0 done, 1 something failed, 2 wrong usage, 3 findings under --strict,\n' +
  '4 finished but some inputs failed, 130 and 143 stopped by a signal.';

const HELP_WIDTH_MAX = 110;

/**
 * Reads the arguments and executes their command.
 * @param argv arguments without node and script
 * @param signal aborted when the user wants to stop
 * @throws UsageError for arguments that do not fit, and what the command throws
 */
export async function runProgram(argv: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = yargs(argv.map((argument) => (argument === '-' ? STDIN_LIST : argument)))
    .scriptName('depthmill')
    .usage('$0 COMMAND\n\nRaw L2 market data in; exact events, book and audit out.')
    .version(VERSION)
    .help()
    .alias('help', 'h')
    .epilogue(EXIT_CODES_HELP)
    .detectLocale(false)
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'boolean-negation': false,
    })
    .wrap(Math.min(terminalWidth() ?? HELP_WIDTH_MAX, HELP_WIDTH_MAX))
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      // Errors of the commands come through here too and pass as they are.
      if (error !== undefined && error.name !== 'YError') throw error;
      throw usageError(message ?? error?.message ?? 'The arguments do not fit.', argv);
    })
    .strict()
    .demandCommand(1, 1, 'Which command? depthmill --help lists them.');
  for (const command of COMMANDS) {
    program.command(
      command.positional === null
        ? command.name
        : `${command.name} <${command.positional.name}${command.positional.many ? '..' : ''}>`,
      command.describe,
      (builder) => describeCommand(builder, command),
      async (args) => {
        exitCode = await command.execute(args, signal);
      },
    );
  }
  await program.parseAsync();
  return exitCode;
}

function describeCommand(builder: Argv, command: Command): Argv {
  builder.options(command.options).epilogue(EXIT_CODES_HELP);
  if (command.positional !== null) {
    const { name, describe, many } = command.positional;
    builder.positional(name, { type: 'string', describe, array: many });
  }
  for (const [line, purpose] of command.examples) builder.example(`$0 ${line}`, purpose);
  return builder;
}

/** yargs' own complaints, said as depthmill's errors are. */
function usageError(message: string, argv: readonly string[]): UsageError {
  const command = COMMANDS.find((candidate) => candidate.name === argv[0]);
  const help = `depthmill ${command === undefined ? '' : `${command.name} `}--help`;
  const [first = '-'] = argv;
  if (command === undefined && !first.startsWith('-')) {
    const names = COMMANDS.map(({ name }) => name).join(', ');
    return new UsageError('ERR_USAGE', `There is no command '${first}'; known are ${names}.`);
  }
  const missing = /^Not enough non-option/.test(message) ? command?.positional : null;
  const sentence = missing
    ? `${command?.name} needs ${missing.many ? 'at least one' : 'its'} ${missing.name}.`
    : message.trim().replace(/\.?$/, '.').replaceAll('\n', ' ');
  return new UsageError('ERR_USAGE', `${sentence} See ${help}.`);
}
