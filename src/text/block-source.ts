import type { ByteSource } from '../io/byte-source.js';
import type { ByteStream } from '../io/byte-stream.js';

/** Gives blocks of a text, wherever its bytes come from. */
export interface BlockSource {
  /** Runs pieces of work one after the other where they cannot go side by side. */
  inTurn(work: () => Promise<void>): Promise<void>;
  /** Fills `target` with the text from `offset` on; with fewer bytes only at its end. */
  readInto(offset: number, target: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** A file whose text can be read anywhere. */
export class PlainBlocks implements BlockSource {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  inTurn(work: () => Promise<void>): Promise<void> {
    return work();
  }

  async readInto(offset: number, target: Uint8Array): Promise<number> {
    const byteLength = Math.min(target.byteLength, this.#source.byteLength - offset);
    await this.#source.readInto(offset, target.subarray(0, byteLength));
    return byteLength;
  }

  async close(): Promise<void> {
    // Whoever gave the source closes it.
  }
}

/** A text that comes in order only: what stands before a block is passed over. */
export class ForwardBlocks implements BlockSource {
  readonly #open: () => ByteStream;
  #stream: ByteStream | null = null;
  #offset = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(open: () => ByteStream) {
    this.#open = open;
  }

  inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async readInto(offset: number, target: Uint8Array): Promise<number> {
    if (this.#stream === null || offset < this.#offset) await this.#restart();
    while (this.#offset < offset) {
      const passed = target.subarray(0, Math.min(target.byteLength, offset - this.#offset));
      const byteLength = await this.#stream!.readInto(passed);
      if (byteLength === 0) return 0;
      this.#offset += byteLength;
    }
    const byteLength = await this.#stream!.readInto(target);
    this.#offset += byteLength;
    return byteLength;
  }

  async close(): Promise<void> {
    await this.#stream?.close();
    this.#stream = null;
  }

  async #restart(): Promise<void> {
    await this.close();
    this.#stream = this.#open();
    this.#offset = 0;
  }
}
