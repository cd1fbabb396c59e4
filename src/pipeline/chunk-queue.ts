import type { Chunk } from './protocol.js';

/**
 * The chunks of an input table on the thread that reads them: asks the host for the next unit as
 * soon as one is begun, so that it is here when it is needed.
 */
export class ChunkQueue {
  readonly #request: () => Promise<readonly Chunk[]>;
  readonly #ready: Chunk[] = [];
  #coming: Promise<readonly Chunk[]> | null = null;
  #ended = false;

  /** @param request asks the host for the next unit; an empty one is the end */
  constructor(request: () => Promise<readonly Chunk[]>) {
    this.#request = request;
  }

  /** The next chunk, or null at the end. One caller at a time. */
  async next(): Promise<Chunk | null> {
    if (this.#ready.length === 0 && !this.#ended) {
      const chunks = await (this.#coming ?? this.#ask());
      this.#coming = null;
      this.#ready.push(...chunks);
      if (chunks.length === 0) this.#ended = true;
      else this.#coming = this.#ask();
    }
    return this.#ready.shift() ?? null;
  }

  /** A unit is through: what was made of it can go to the host. */
  get atUnitEnd(): boolean {
    return this.#ready.length === 0;
  }

  /** Chunks that are here and will not be read. */
  takeReady(): Chunk[] {
    return this.#ready.splice(0);
  }

  #ask(): Promise<readonly Chunk[]> {
    const coming = this.#request();
    // Whoever waits for it sees the failure; until then it is not unhandled.
    coming.catch(() => undefined);
    return coming;
  }
}
