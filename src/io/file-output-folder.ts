import { access, constants, mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { OutputError } from '../errors/errors.js';
import { FileSink, type FileSinkOptions } from './file-sink.js';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';

/** The folder of a run's outputs. Files get their names when they are whole, never before. */
export class OutputFolder {
  /** Normalised, so that the names of its files begin with it: `./out` is `out`. */
  readonly path: string;
  readonly #created: boolean;
  readonly #options: FileSinkOptions;

  private constructor(path: string, created: boolean, options: FileSinkOptions) {
    this.path = path;
    this.#created = created;
    this.#options = options;
  }

  /**
   * Takes an empty folder, or makes one. `options` hold for each of its files.
   * @throws OutputError ERR_OUTPUT_NOT_EMPTY, ERR_OUTPUT_UNWRITABLE
   */
  static async prepare(
    path: string,
    options: FileSinkOptions = { sync: true },
  ): Promise<OutputFolder> {
    const folder = normalize(path);
    let created = false;
    try {
      created = await makeFolders(folder);
      await access(folder, constants.W_OK);
    } catch (cause) {
      throw new OutputError(
        'ERR_OUTPUT_UNWRITABLE',
        `The output folder ${path} cannot be made or written (${codeOf(cause)}); choose another with --out.`,
        { cause, details: { path } },
      );
    }
    const found = await readdir(folder);
    if (found.length > 0) {
      throw new OutputError(
        'ERR_OUTPUT_NOT_EMPTY',
        `The output folder ${path} holds ${found.length} entries (${found.slice(0, 3).join(', ')}` +
          `${found.length > 3 ? ', ...' : ''}), expected none; choose an empty or new one with --out.`,
        { details: { path, entries: found.length } },
      );
    }
    return new OutputFolder(folder, created, options);
  }

  /** Starts a file at `relativePath` of this folder. */
  async openSink(relativePath: string): Promise<FileSink> {
    const path = join(this.path, relativePath);
    try {
      await makeFolders(dirname(path));
    } catch (cause) {
      throw new OutputError(
        'ERR_OUTPUT_UNWRITABLE',
        `The folder of ${path} cannot be made (${codeOf(cause)}).`,
        { cause, details: { path } },
      );
    }
    return FileSink.create(path, this.#options);
  }

  /** Writes a small text file at once, under its name only when it is whole. */
  async writeText(relativePath: string, text: string): Promise<void> {
    const sink = await this.openSink(relativePath);
    try {
      await sink.write([new TextEncoder().encode(text)]);
      await sink.publish();
    } catch (error) {
      await sink.abort();
      throw error;
    }
  }

  /** Bytes that the disk still has for this folder. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path);
    return bavail * bsize;
  }

  /** Removes folders that hold nothing, and the folder itself if this run made it. */
  async removeEmpty(): Promise<void> {
    await removeEmptyFolders(this.path, this.#created);
  }
}

/**
 * Makes a folder and those above it. Not by `recursive`: that never ends where a parent is there but
 * takes no folders, and says so as if it were missing (/proc).
 * @returns whether the folder is new
 */
async function makeFolders(path: string): Promise<boolean> {
  try {
    return await makeFolder(path);
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
    await makeFolders(parent);
    return makeFolder(path);
  }
}

/** @returns whether it is new */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    // Systems say in different words that it is there.
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory()) return false;
    throw error;
  }
}

/** @returns whether the folder is gone or empty */
async function removeEmptyFolders(path: string, removeSelf: boolean): Promise<boolean> {
  let empty = true;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (!entry.isDirectory()) empty = false;
    else if (!(await removeEmptyFolders(child, true))) empty = false;
  }
  if (empty && removeSelf) await rm(path, { recursive: true });
  return empty;
}
