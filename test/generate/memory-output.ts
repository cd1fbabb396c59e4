import type { TapeOutput } from '#src/generate/tape.js';
import type { ByteSink } from '#src/io/byte-sink.js';

/** Keeps what is written, as a page without a disk would; fails once it holds `bytesMax`. */
export class MemoryOutput implements TapeOutput {
  readonly files = new Map<string, Buffer>();
  readonly #bytesMax: number;
  #byteLength = 0;

  constructor(bytesMax = Number.POSITIVE_INFINITY) {
    this.#bytesMax = bytesMax;
  }

  async open(path: string): Promise<ByteSink> {
    const parts: Uint8Array[] = [];
    let byteLength = 0;
    const close = async (): Promise<void> => {
      this.files.set(path, Buffer.concat(parts));
    };
    return {
      name: path,
      get byteLength() {
        return byteLength;
      },
      write: async (chunks) => {
        // As a disk does, later: what the chunks show must still be there then.
        await new Promise((resolve) => setImmediate(resolve));
        for (const chunk of chunks) {
          parts.push(Uint8Array.from(chunk));
          byteLength += chunk.byteLength;
          this.#byteLength += chunk.byteLength;
        }
        if (this.#byteLength > this.#bytesMax) throw new Error('the memory is full');
      },
      close,
      publish: close,
      abort: async () => undefined,
    };
  }
}
