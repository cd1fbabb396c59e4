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
  // `depthmill audit … | head` closes our stdout early: the reader's choice, and no failure of ours.
  let exitCode: ExitCode = EXIT.done;
  const onStdoutError = (error: NodeJS.ErrnoException): never => stdoutFailed(error, exitCode);
  const fail = async (error: unknown): Promise<never> => {
    exitCode = exitCodeOfError(error, stop.signalName());
    printError(error, json);
    await stdoutTaken(onStdoutError);
    process.exit(exitCode);
  };
  // Each worker's own output is piped there, with a listener of its own: more than ten are no leak.
  process.stdout.setMaxListeners(0);
  process.stdout.on('error', onStdoutError);
  // Whatever is thrown outside any awaited promise is said like any other error.
  process.on('uncaughtException', (error) => void fail(error));
  try {
    // Worker threads and stalled readers must not keep a finished process alive.
    exitCode = await program(stop.signal);
    await stdoutTaken(onStdoutError);
    process.exit(exitCode);
  } catch (error) {
    return fail(error);
  }
}

/** A disk that is full says so behind the write: a caller must not take half a report for whole. */
function stdoutTaken(onError: (error: NodeJS.ErrnoException) => never): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write('', (error) => (error ? onError(error) : resolve()));
  });
}

/** @param exitCode of a process whose reader has gone away */
function stdoutFailed(error: NodeJS.ErrnoException, exitCode: ExitCode): never {
  if (error.code === 'EPIPE') process.exit(exitCode);
  const message =
    `Standard output cannot be written (${error.code ?? error.message}); what stands there is not` +
    ' whole. Make room, or send it elsewhere.';
  printError(new OutputError('ERR_OUTPUT_UNWRITABLE', message), false);
  process.exit(EXIT.failed);
}
