import { PipelineError } from '../errors/errors.js';
import { toJson } from '../units/json.js';
import { oneLine } from './one-line.js';
import { printLine } from './terminal.js';

/**
 * Tells the user what failed: one block on stderr, or with `json` an object on stdout. The stack
 * is for those who set DEPTHMILL_DEBUG=1.
 */
export function printError(error: unknown, json: boolean): void {
  const { code, message, details } = describeError(error);
  if (json) printLine(toJson({ error: { code, message, details } }, 2));
  else process.stderr.write(`depthmill: ${code} ${oneLine(message)}\n`);
  if (process.env.DEPTHMILL_DEBUG === '1' && error instanceof Error) {
    process.stderr.write(`${error.stack ?? ''}\n`);
    if (error.cause !== undefined) process.stderr.write(`cause: ${String(error.cause)}\n`);
  }
}

function describeError(error: unknown): Pick<PipelineError, 'code' | 'message' | 'details'> {
  if (error instanceof PipelineError) return error;
  // Whatever depthmill did not throw on purpose is a bug of depthmill, and says so.
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: 'ERR_INVARIANT',
    message: `${text}. This is a bug in depthmill; DEPTHMILL_DEBUG=1 shows where.`,
    details: {},
  };
}
