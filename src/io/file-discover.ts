import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { InputError } from '../errors/errors.js';
import { compareNatural } from '../units/natural-order.js';
import { globToRegExp, isGlob, splitGlob } from './glob.js';

/*
 * The system is asked without Node's thread pool: that takes some microseconds a file, and a trip
 * through the pool a millisecond while the threads of a run come up.
 */

/** A file to read, found from the user's inputs. */
export interface InputFile {
  /** The path as the user's input leads to it: relative if that was. */
  readonly path: string;
  readonly byteLength: number;
  readonly mtimeNs: bigint;
}

export interface DiscoverOptions {
  /** Lines for `-`, asked for where that is an input; without them `-` is ERR_INPUT_NOT_FOUND. */
  readonly stdin?: AsyncIterable<string | Uint8Array>;
}

/** Names of files that a folder contributes; a file that is named itself is taken whatever its name. */
const FOLDER_FILE = /\.(?:parquet|parq|pq|csv|jsonl|ndjson|gz)$/i;

/**
 * Turns what the user gave into a list of files, each once, in the order of the inputs and in
 * natural order within a folder or pattern.
 *
 * An input is a file; a folder, searched to any depth for Parquet and text by their names; a quoted
 * pattern (glob.ts), unless a file of that very name exists; `@list`, a file of one input a line;
 * or `-`, the same lines from standard input. In lists empty lines and lines that start with `#`
 * are passed over, and paths are relative to the working folder. Names that start with a dot, and
 * `.partial` files (outputs that were never finished), are passed over everywhere but where they
 * are named themselves. Links are followed; two paths to one file count once, under the first.
 *
 * @throws InputError ERR_INPUT_NOT_FOUND for a path that does not exist, ERR_INPUT_EMPTY for a
 *   folder, pattern or list that yields no file, ERR_INPUT_UNREADABLE for what cannot be listed
 */
export async function discoverInputs(
  inputs: readonly string[],
  options: DiscoverOptions = {},
): Promise<InputFile[]> {
  const found = new Map<string, InputFile>();
  const add = async (input: string): Promise<void> => {
    const list = await listInputs(input, options);
    if (list !== null) {
      for (const line of list) await add(line);
      return;
    }
    for (const path of expandInput(input)) {
      const key = realpathSync.native(path);
      if (found.has(key)) continue;
      const facts = statSync(path, { bigint: true });
      found.set(key, { path, byteLength: Number(facts.size), mtimeNs: facts.mtimeNs });
    }
  };
  for (const input of inputs) await add(input);
  if (found.size === 0) {
    throw new InputError(
      'ERR_INPUT_EMPTY',
      'No input was given; name a file, a folder or a pattern.',
    );
  }
  return [...found.values()];
}

/** The inputs that a list names, or null for an input that is no list. */
async function listInputs(input: string, options: DiscoverOptions): Promise<string[] | null> {
  if (input !== '-' && !input.startsWith('@')) return null;
  let text: string;
  if (input === '-') {
    const { stdin } = options;
    if (stdin === undefined) {
      throw new InputError(
        'ERR_INPUT_NOT_FOUND',
        'The input - means a list of paths on standard input, and there is none.',
        { details: { input } },
      );
    }
    text = await readAll(stdin);
  } else {
    text = orNotFound(input, () => readFileSync(input.slice(1), 'utf8'));
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const nested = lines.find((line) => line === '-' || line.startsWith('@'));
  if (nested !== undefined) {
    throw new InputError(
      'ERR_INPUT_NOT_FOUND',
      `The list ${input} names the list ${nested}; lists of lists are not read (a file of that` +
        ` name: ./${nested}).`,
      { details: { input, nested } },
    );
  }
  if (lines.length === 0) throw empty(input, 'the list names no path');
  return lines;
}

async function readAll(stream: AsyncIterable<string | Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The files of one input that is no list. */
function expandInput(input: string): string[] {
  const kind = kindOf(input);
  if (kind === 'file') return [input];
  if (kind === 'folder') {
    const files = filesBelow(input);
    const wanted = files.filter((path) => FOLDER_FILE.test(path));
    if (wanted.length > 0) return wanted;
    throw empty(
      input,
      `the folder holds no .parquet, .csv, .jsonl or .gz file (${files.length} other files)`,
    );
  }
  if (!isGlob(input)) {
    throw new InputError('ERR_INPUT_NOT_FOUND', `The input ${input} does not exist.`, {
      details: { input },
    });
  }
  return filesMatching(input);
}

function filesMatching(pattern: string): string[] {
  const { base, rest } = splitGlob(pattern);
  const matches = globToRegExp(rest);
  const prefix = base === '' || base.endsWith('/') ? base : `${base}/`;
  const baseFolder = base === '' ? '.' : base;
  const paths: string[] = [];
  if (kindOf(baseFolder) === 'folder') {
    // A pattern without ** reaches no deeper than its own parts; folders that match count whole.
    const depthMax = rest.includes('**') ? Number.POSITIVE_INFINITY : rest.split('/').length;
    for (const entry of entriesBelow(baseFolder, depthMax)) {
      if (!matches.test(entry.relativePath)) continue;
      const path = prefix + entry.relativePath;
      if (!entry.isFolder) paths.push(path);
      else paths.push(...filesBelow(path).filter((file) => FOLDER_FILE.test(file)));
    }
  }
  if (paths.length === 0) throw empty(pattern, 'the pattern matches no file');
  return [...new Set(paths)].sort(compareNatural);
}

function filesBelow(folder: string): string[] {
  const entries = entriesBelow(folder, Number.POSITIVE_INFINITY);
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  return entries.filter((entry) => !entry.isFolder).map((entry) => prefix + entry.relativePath);
}

interface Entry {
  readonly relativePath: string;
  readonly isFolder: boolean;
}

/** Everything below a folder in natural order, hidden and unfinished names left out. */
function entriesBelow(folder: string, depthMax: number): Entry[] {
  const entries: Entry[] = [];
  // A link may lead back to a folder above it; the real paths on the way down tell.
  const walk = (path: string, relative: string, above: readonly string[]): void => {
    const real = realpathSync.native(path);
    if (above.includes(real)) return;
    const names = orUnreadable(path, () => readdirSync(path));
    for (const name of names.sort(compareNatural)) {
      if (name.startsWith('.') || name.endsWith('.partial')) continue;
      const kind = kindOf(`${path}/${name}`);
      if (kind === null) continue;
      const relativePath = relative === '' ? name : `${relative}/${name}`;
      entries.push({ relativePath, isFolder: kind === 'folder' });
      if (kind === 'folder' && above.length + 1 < depthMax) {
        walk(`${path}/${name}`, relativePath, [...above, real]);
      }
    }
  };
  walk(folder, '', []);
  return entries;
}

function kindOf(path: string): 'file' | 'folder' | null {
  try {
    const facts = statSync(path);
    return facts.isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unreadable(path, error);
  }
}

function orNotFound<T>(input: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(input, error);
    throw new InputError('ERR_INPUT_NOT_FOUND', `The list ${input} does not exist.`, {
      details: { input },
      cause: error,
    });
  }
}

function orUnreadable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): InputError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new InputError('ERR_INPUT_UNREADABLE', `The input ${path} cannot be read: ${why}.`, {
    details: { path },
    cause,
  });
}

function empty(input: string, why: string): InputError {
  return new InputError('ERR_INPUT_EMPTY', `The input ${input} yields nothing: ${why}.`, {
    details: { input },
  });
}
