import { close, open, read, unlink, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InputError, OutputError } from '../errors/errors.js';
import type { ByteSource } from './byte-source.js';
import type { SpillPlace } from './spill-place.js';

const openFile = promisify(open);
const closeFile = promisify(close);
const unlinkFile = promisify(unlink);
const readFile = promisify(read);

/** A temporary file, for whoever made it. */
export interface Spill {
  readonly place: SpillPlace;
  /** Gives the room back; nobody may use the file any more. */
  close(): Promise<void>;
}

/**
 * Makes a temporary file in a folder. It loses its name at once: whatever becomes of the process, the
 * system takes its room back when the process ends. (Where a system keeps the name of an open file,
 * Windows for one, it goes when the file is closed.)
 * @throws OutputError ERR_OUTPUT_UNWRITABLE
 */
export async function createSpill(folder: string): Promise<Spill> {
  const path = join(folder, `.depthmill-${process.pid}-${Date.now().toString(36)}.partial`);
  let fd: number;
  try {
    fd = await openFile(path, 'wx+', 0o600);
  } catch (cause) {
    throw spillError(folder, cause);
  }
  const isGone = await unlinkFile(path).then(
    () => true,
    () => false,
  );
  return {
    place: { fd, folder, end: new SharedArrayBuffer(8) },
    async close() {
      await closeFile(fd);
      // What cannot be removed now is a .partial file, which says nothing.
      if (!isGone) await Promise.allSettled([unlinkFile(path)]);
    },
  };
}

/**
 * Writes bytes behind all others, on whatever thread. It waits for the system: these bytes go to its
 * cache, and the thread has nothing else to do with the memory that they lie in.
 * @returns where they begin
 * @throws OutputError ERR_OUTPUT_NO_SPACE, ERR_OUTPUT_UNWRITABLE
 */
export function appendToSpill(place: SpillPlace, bytes: Uint8Array): number {
  const end = new BigInt64Array(place.end);
  const offset = Number(Atomics.add(end, 0, BigInt(bytes.byteLength)));
  try {
    for (let done = 0; done < bytes.byteLength; ) {
      done += writeSync(place.fd, bytes, done, bytes.byteLength - done, offset + done);
    }
  } catch (cause) {
    throw spillError(place.folder, cause);
  }
  return offset;
}

/** The file as a source of bytes; closing it does nothing. */
export function spillSource({ fd, folder, end }: SpillPlace): ByteSource {
  const name = `the temporary file in ${folder}`;
  const readInto = async (offset: number, target: Uint8Array): Promise<void> => {
    for (let done = 0; done < target.byteLength; ) {
      const left = target.byteLength - done;
      const { bytesRead } = await readFile(fd, target, done, left, offset + done).catch((cause) => {
        const details = { path: folder, offset };
        const reason = cause instanceof Error ? cause.message : String(cause);
        const message = `${name} could not be read at byte ${offset}: ${reason}.`;
        throw new InputError('ERR_INPUT_UNREADABLE', message, { cause, details });
      });
      if (bytesRead === 0) {
        const message = `${name} ended early at byte ${offset + done}.`;
        throw new InputError('ERR_INPUT_UNREADABLE', message, {
          details: { path: folder, offset },
        });
      }
      done += bytesRead;
    }
  };
  return {
    name,
    byteLength: Number(Atomics.load(new BigInt64Array(end), 0)),
    async read(offset, byteLength) {
      const target = new Uint8Array(byteLength);
      await readInto(offset, target);
      return target;
    },
    readInto,
    close: async () => undefined,
  };
}

function spillError(folder: string, cause: unknown): OutputError {
  const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const details = { path: folder, errno };
  const what = 'the rows of an input that mixes many instruments are put together';
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    const message = `No space left in ${folder}, where ${what}; free some, or choose another folder (--out; of an audit: TMPDIR).`;
    return new OutputError('ERR_OUTPUT_NO_SPACE', message, { details, cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `Cannot write a temporary file to ${folder}, where ${what}: ${reason}.`;
  return new OutputError('ERR_OUTPUT_UNWRITABLE', message, { details, cause });
}
