import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { OutputError } from '../errors/errors.js';
import type { ByteSink } from './byte-sink.js';

/** Chunks of one system call: below IOV_MAX of every system. */
const CHUNKS_MAX = 512;

/** Suffix of a file that is not finished. A run that was killed may leave one; the next replaces it. */
export const PARTIAL_SUFFIX = '.partial';

export interface FileSinkOptions {
  /** Whether the file is forced to disk before it gets its name. */
  readonly sync: boolean;
}

/** A file that is written beside its place, synced, and renamed when it is whole. */
export class FileSink implements ByteSink {
  readonly name: string;
  readonly #partialPath: string;
  readonly #sync: boolean;
  #handle: FileHandle | null;
  #byteLength = 0;
  #state: 'open' | 'closed' | 'published' | 'aborted' = 'open';

  private constructor(
    path: string,
    partialPath: string,
    handle: FileHandle,
    { sync }: FileSinkOptions,
  ) {
    this.name = path;
    this.#partialPath = partialPath;
    this.#sync = sync;
    this.#handle = handle;
  }

  /**
   * Starts a file that will stand at `path`; its folder must be there.
   * @throws OutputError ERR_OUTPUT_NO_SPACE, ERR_OUTPUT_UNWRITABLE
   */
  static async create(path: string, options: FileSinkOptions = { sync: true }): Promise<FileSink> {
    const partialPath = path + PARTIAL_SUFFIX;
    try {
      return new FileSink(path, partialPath, await open(partialPath, 'w'), options);
    } catch (cause) {
      throw outputError(path, cause);
    }
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    const handle = this.#handle;
    if (handle === null) throw outputError(this.name, new Error('the file is closed'));
    try {
      for (let i = 0; i < chunks.length; i += CHUNKS_MAX) {
        await writeAll(handle, chunks.slice(i, i + CHUNKS_MAX));
      }
    } catch (cause) {
      throw outputError(this.name, cause);
    }
    for (const chunk of chunks) this.#byteLength += chunk.byteLength;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    if (handle === null) return;
    try {
      if (this.#sync) await handle.sync();
      this.#handle = null;
      await handle.close();
      this.#state = 'closed';
    } catch (cause) {
      throw outputError(this.name, cause);
    }
  }

  async publish(): Promise<void> {
    await this.close();
    try {
      await rename(this.#partialPath, this.name);
      this.#state = 'published';
    } catch (cause) {
      throw outputError(this.name, cause);
    }
  }

  async abort(): Promise<void> {
    if (this.#state === 'published' || this.#state === 'aborted') return;
    this.#state = 'aborted';
    const handle = this.#handle;
    this.#handle = null;
    // The error that led here is the one to report: a failing close or remove only leaves a
    // .partial file, which the next run replaces.
    await Promise.allSettled([handle?.close()]);
    await Promise.allSettled([rm(this.#partialPath, { force: true })]);
  }
}

/** writev may write less than it was given (a nearly full disk): goes on until all is written. */
async function writeAll(handle: FileHandle, chunks: Uint8Array[]): Promise<void> {
  let left = chunks.filter((chunk) => chunk.byteLength > 0);
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left);
    left = withoutFirst(left, bytesWritten);
  }
}

function withoutFirst(chunks: Uint8Array[], byteLength: number): Uint8Array[] {
  let done = byteLength;
  const first = chunks.findIndex((chunk) => {
    if (done < chunk.byteLength) return true;
    done -= chunk.byteLength;
    return false;
  });
  if (first === -1) return [];
  return [chunks[first]!.subarray(done), ...chunks.slice(first + 1)];
}

function outputError(path: string, cause: unknown): OutputError {
  const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const details = { path, errno };
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    const message = `No space left while writing ${path}; free some, or choose another --out.`;
    return new OutputError('ERR_OUTPUT_NO_SPACE', message, { details, cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `Cannot write ${path}: ${reason}.`;
  return new OutputError('ERR_OUTPUT_UNWRITABLE', message, { details, cause });
}
