import { pipeline, Readable, type TransformOptions } from 'node:stream';
import { createGunzip, type Gunzip, type ZlibOptions } from 'node:zlib';
import { InputError } from '../errors/errors.js';
import type { ByteSource } from './byte-source.js';
import type { ByteStream } from './byte-stream.js';

/** Packed bytes of one read, and unpacked ones that zlib hands over at once. */
const PACKED_BYTES = 256 * 1024;
const UNPACKED_BYTES = 1024 * 1024;
/** Unpacked bytes that may lie ready: zlib goes on while what it gave is taken apart. */
const AHEAD_BYTES = 2 * UNPACKED_BYTES;

/** Of zlib, and of the stream that it is. */
const OPTIONS: ZlibOptions & TransformOptions = {
  chunkSize: UNPACKED_BYTES,
  readableHighWaterMark: AHEAD_BYTES,
};

/**
 * Unpacks a gzip file, members one behind the other, with Node's zlib on its own threads.
 * One that breaks off ends where its bytes end, and `isTruncated` says so.
 *
 * @throws InputError (from readInto) ERR_INPUT_UNREADABLE where the bytes are no gzip, or damaged
 */
export function gunzipStream(source: ByteSource): ByteStream {
  return new GunzipStream(source);
}

class GunzipStream implements ByteStream {
  readonly #source: ByteSource;
  readonly #gunzip: Gunzip;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  #unpackedCount = 0;
  #isAtEnd = false;
  #isTruncated = false;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#gunzip = createGunzip(OPTIONS);
    const packed = Readable.from(packedBytes(source), { objectMode: false });
    // Errors come out of the iterator.
    pipeline(packed, this.#gunzip, () => undefined);
    this.#chunks = this.#gunzip[Symbol.asyncIterator]();
  }

  get isTruncated(): boolean {
    return this.#isTruncated;
  }

  async readInto(target: Uint8Array): Promise<number> {
    let done = 0;
    while (done < target.byteLength) {
      if (this.#rest.byteLength === 0 && !(await this.#more())) break;
      const part = this.#rest.subarray(0, target.byteLength - done);
      target.set(part, done);
      this.#rest = this.#rest.subarray(part.byteLength);
      done += part.byteLength;
    }
    this.#unpackedCount += done;
    return done;
  }

  async close(): Promise<void> {
    this.#isAtEnd = true;
    this.#gunzip.destroy();
  }

  async #more(): Promise<boolean> {
    if (this.#isAtEnd) return false;
    try {
      const { done, value } = await this.#chunks.next();
      if (!done) {
        this.#rest = value;
        return true;
      }
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      // All that the bytes give has been handed over before zlib misses the rest.
      if ((cause as NodeJS.ErrnoException).code !== 'Z_BUF_ERROR') throw this.#damaged(cause);
      this.#isTruncated = true;
    }
    this.#isAtEnd = true;
    return false;
  }

  #damaged(cause: unknown): InputError {
    const { name } = this.#source;
    const why = cause instanceof Error ? cause.message : String(cause);
    return new InputError(
      'ERR_INPUT_UNREADABLE',
      `${name} cannot be unpacked behind byte ${this.#unpackedCount} of its text: ${why}. The gzip` +
        ' file is damaged; fetch it again.',
      { cause, details: { path: name, unpacked_bytes: this.#unpackedCount } },
    );
  }
}

async function* packedBytes(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < source.byteLength; offset += PACKED_BYTES) {
    yield await source.read(offset, Math.min(PACKED_BYTES, source.byteLength - offset));
  }
}
