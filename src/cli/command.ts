import type { Options } from 'yargs';
import type { RawArguments } from './arguments.js';
import type { ExitCode } from './exit-codes.js';

/** One command of the program: what its help says and what it does. */
export interface Command {
  readonly name: string;
  readonly describe: string;
  /** Its positional argument; `many` takes one or more. */
  readonly positional: {
    readonly name: string;
    readonly describe: string;
    readonly many: boolean;
  } | null;
  readonly options: Readonly<Record<string, Options>>;
  /** Command lines that work, and what each is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  /** Prints its result on stdout and says how the process ends; errors are thrown. */
  execute(args: RawArguments, signal: AbortSignal): Promise<ExitCode>;
}
