import type { StreamPoint } from '../book/trust.js';
import type { BookWriter } from './book-writer.js';

/** How far the stream has come: its last complete message, be that one of the day before. */
export class StreamPlace {
  readonly #writer: BookWriter;
  readonly #hasSequence: boolean;
  /** The last message of the day before, and the messages after which it still is the last one. */
  #before: { readonly point: StreamPoint; readonly messages: bigint } | null = null;

  constructor(writer: BookWriter, hasSequence: boolean) {
    this.#writer = writer;
    this.#hasSequence = hasSequence;
  }

  get here(): StreamPoint {
    const before = this.#before;
    if (before !== null && before.messages === this.#writer.head.messages) return before.point;
    return this.written;
  }

  /** The last message that was written, one of ours too. */
  get written(): StreamPoint {
    const { lastTsRecv, lastSequence } = this.#writer.head;
    return { tsRecv: lastTsRecv, sequence: this.#hasSequence ? lastSequence : null };
  }

  /** The stream of the day before ended here; what was written so far stands for it. */
  goesOnFrom(point: StreamPoint): void {
    this.#before = { point, messages: this.#writer.head.messages };
  }
}
