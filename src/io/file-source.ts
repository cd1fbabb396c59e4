import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '../errors/errors.js';
import type { ByteSource } from './byte-source.js';

/** One read call asks for at most so many bytes: Linux itself stops just below 2 GiB. */
const READ_BYTES_MAX = 1 << 30;

/**
 * Opens a regular file for random access. The length is the file's at this moment: bytes that are
 * appended later are not seen, bytes that are cut off later make reads fail.
 *
 * @throws InputError ERR_INPUT_NOT_FOUND when nothing is there
 * @throws InputError ERR_INPUT_UNREADABLE for folders, devices and missing permissions
 */
export async function openFileSource(path: string): Promise<ByteSource> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) {
      const found = stat.isDirectory() ? 'a folder' : 'not a regular file';
      throw new InputError('ERR_INPUT_UNREADABLE', `${path} is ${found}; a file is needed here.`, {
        details: { path },
      });
    }
    return new FileSource(path, handle, stat.size);
  } catch (cause) {
    await handle?.close();
    throw cause instanceof InputError ? cause : openError(path, cause);
  }
}

class FileSource implements ByteSource {
  readonly name: string;
  readonly byteLength: number;
  readonly #handle: FileHandle;
  #closed: Promise<void> | null = null;

  constructor(path: string, handle: FileHandle, byteLength: number) {
    this.name = path;
    this.byteLength = byteLength;
    this.#handle = handle;
  }

  async read(offset: number, byteLength: number): Promise<Uint8Array> {
    const target = new Uint8Array(byteLength);
    await this.readInto(offset, target);
    return target;
  }

  async readInto(offset: number, target: Uint8Array): Promise<void> {
    // A read may return fewer bytes than asked for; only zero bytes mean the end of the file.
    for (let done = 0; done < target.byteLength; ) {
      const wanted = Math.min(target.byteLength - done, READ_BYTES_MAX);
      const bytesRead = await this.#readOnce(target, done, wanted, offset + done);
      if (bytesRead === 0) throw this.#shortRead(offset, target.byteLength, done);
      done += bytesRead;
    }
  }

  /** Closing twice is the same as closing once. */
  close(): Promise<void> {
    this.#closed ??= this.#handle.close();
    return this.#closed;
  }

  async #readOnce(target: Uint8Array, at: number, length: number, offset: number): Promise<number> {
    try {
      return (await this.#handle.read(target, at, length, offset)).bytesRead;
    } catch (cause) {
      throw new InputError(
        'ERR_INPUT_UNREADABLE',
        `${this.name} could not be read at byte ${offset}: ${messageOf(cause)}.`,
        { cause, details: { path: this.name, offset, expected: length } },
      );
    }
  }

  #shortRead(offset: number, expected: number, found: number): InputError {
    return new InputError(
      'ERR_INPUT_UNREADABLE',
      `${this.name} ended early: ${expected} bytes were expected at byte ${offset}, ${found} were ` +
        `there; the file was ${this.byteLength} bytes long when it was opened. Is it still written?`,
      { details: { path: this.name, offset, expected, found } },
    );
  }
}

const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

function openError(path: string, cause: unknown): InputError {
  const systemCode = (cause as NodeJS.ErrnoException | null)?.code;
  const details = { path };
  if (systemCode === 'ENOENT' || systemCode === 'ENOTDIR') {
    const message = `There is no file ${path}.`;
    return new InputError('ERR_INPUT_NOT_FOUND', message, { cause, details });
  }
  const message =
    systemCode === 'EACCES' || systemCode === 'EPERM'
      ? `${path} may not be read by this user.`
      : `${path} could not be opened: ${messageOf(cause)}.`;
  return new InputError('ERR_INPUT_UNREADABLE', message, { cause, details });
}
