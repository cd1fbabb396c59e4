import { OutputError } from '../errors/errors.js';
import { EXIT, type ExitCode, exitCodeOfError } from './exit-codes.js';
import { printError } from './print-error.js';
import { listenForStop } from './signals.js';

/**
 * Runs a program as this process: signals, errors and exit code. Nothing else of depthmill exits.
 * @param json errors go to stdout as JSON, for a caller who asked for JSON
 */
export async function runProcess(
  program: (signal: AbortSignal) => Promise<ExitCode>,
  json: boolean,
): Promise<never> {
  const stop = listenForStop();
  const fail = async (error: unknown): Promise<never> => {
    printError(error, json);
    await stdoutTaken();
    process.exit(exitCodeOfError(error, stop.signalName()));
  };
  process.stdout.on('error', stdoutFailed);
  // Whatever is thrown outside any awaited promise is said like any other error.
  process.on('uncaughtException', (error) => void fail(error));
  try {
    // Worker threads and stalled readers must not keep a finished process alive.
    const exitCode = await program(stop.signal);
    await stdoutTaken();
    process.exit(exitCode);
  } catch (error) {
    return fail(error);
  }
}

/** A disk that is full says so behind the write: a caller must not take half a report for whole. */
function stdoutTaken(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write('', (error) => (error ? stdoutFailed(error) : resolve()));
  });
}

function stdoutFailed(error: NodeJS.ErrnoException): never {
  // `depthmill audit … | head` closes our stdout early: that is the reader's choice and no failure.
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  const message =
    `Standard output cannot be written (${error.code ?? error.message}); what stands there is not` +
    ' whole. Make room, or send it elsewhere.';
  printError(new OutputError('ERR_OUTPUT_UNWRITABLE', message), false);
  process.exit(EXIT.failed);
}
