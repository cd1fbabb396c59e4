import { UsageError } from '../errors/errors.js';

/** What yargs hands a command. Values are texts (or flags): depthmill parses them itself. */
export type RawArguments = Readonly<Record<string, unknown>>;

/**
 * What `-` is for yargs, which forgets a lone dash where many inputs may stand: a list on standard
 * input, as `@FILE` is one in a file.
 */
export const STDIN_LIST = '@-';

/** The text of an option that may be given once; null where it was not given. */
export function textOf(args: RawArguments, name: string): string | null {
  const value = args[name];
  if (value === undefined) return null;
  if (Array.isArray(value)) {
    throw new UsageError('ERR_USAGE', `--${name} was given ${value.length} times; give it once.`, {
      details: { option: `--${name}` },
    });
  }
  if (value === '') {
    throw new UsageError('ERR_USAGE', `--${name} needs a value.`, {
      details: { option: `--${name}` },
    });
  }
  return String(value);
}

/** The texts of an option or of positional arguments that may be given many times. */
export function textsOf(args: RawArguments, name: string): string[] {
  const value = args[name];
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

export function flagOf(args: RawArguments, name: string): boolean {
  return args[name] === true;
}
