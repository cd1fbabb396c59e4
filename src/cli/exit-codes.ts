import { PipelineError, UsageError } from '../errors/errors.js';

/** What the process tells its caller: DESIGN section 7. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  findings: 3,
  someInputsFailed: 4,
  sigint: 130,
  sigterm: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * The exit code of a command that ended with an error.
 * @param signalName the signal that asked it to stop, or null
 */
export function exitCodeOfError(error: unknown, signalName: NodeJS.Signals | null): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof PipelineError && error.code === 'ERR_INTERRUPTED') {
    return signalName === 'SIGTERM' ? EXIT.sigterm : EXIT.sigint;
  }
  return EXIT.failed;
}
