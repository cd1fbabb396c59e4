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
  const fail = (error: unknown): never => {
    printError(error, json);
    process.exit(exitCodeOfError(error, stop.signalName()));
  };
  // `depthmill audit … | head` closes our stdout early: that is the reader's choice and no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed);
  });
  // Whatever is thrown outside any awaited promise is said like any other error.
  process.on('uncaughtException', fail);
  try {
    // Worker threads and stalled readers must not keep a finished process alive.
    process.exit(await program(stop.signal));
  } catch (error) {
    return fail(error);
  }
}
