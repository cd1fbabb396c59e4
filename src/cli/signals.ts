import { PipelineError } from '../errors/errors.js';
import { EXIT } from './exit-codes.js';

/** The user's wish to stop, as the first signal that came. */
export interface StopRequest {
  readonly signal: AbortSignal;
  /** SIGINT or SIGTERM once one came. */
  readonly signalName: () => NodeJS.Signals | null;
}

/**
 * From here on the first SIGINT or SIGTERM aborts the signal, so that the command can put away
 * what is half done; the second ends the process at once. Only files under temporary names can
 * be left then.
 */
export function listenForStop(): StopRequest {
  const controller = new AbortController();
  let first: NodeJS.Signals | null = null;
  const onSignal = (name: NodeJS.Signals): void => {
    if (first !== null) process.exit(name === 'SIGTERM' ? EXIT.sigterm : EXIT.sigint);
    first = name;
    const message = `Stopped by ${name}; nothing unfinished was left under a final name.`;
    controller.abort(new PipelineError('ERR_INTERRUPTED', message, { details: { signal: name } }));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return { signal: controller.signal, signalName: () => first };
}
