import { UsageError } from '../errors/errors.js';
import type { PlannedFault } from './faults.js';
import type { TapeMessage, TapeStream } from './tape-stream.js';
import type { TruthSymbol } from './truth.js';

/** How messages are made and written one by one; both wait where a table is full. */
export interface MessageHands {
  make(place: number): Promise<TapeMessage>;
  emit(place: number): Promise<void>;
}

/** Whole messages between two faults, so that each is a fault of its own. */
const MESSAGES_APART = 4;
/** Receipts of messages lie more than twice as far apart (assembly/generate/clock.ts). */
const DUPLICATE_AFTER_NS = 400n;

/**
 * Loses, repeats and exchanges messages of a stream, and notes what it did. The market does not
 * notice: what is lost happened all the same. The first and the last message of a day are left alone.
 */
export class TapeFaults {
  readonly #stream: TapeStream;
  readonly #hands: MessageHands;
  readonly #truth: TruthSymbol;

  constructor(stream: TapeStream, hands: MessageHands, truth: TruthSymbol) {
    this.#stream = stream;
    this.#hands = hands;
    this.#truth = truth;
  }

  /** Applies a fault to the next messages. */
  async apply(fault: PlannedFault): Promise<void> {
    if (this.#stream.rowsLeft === 0) throw tooFewEvents();
    if (fault.kind === 'gap') await this.#lose(fault);
    else if (fault.kind === 'duplicate') await this.#repeat(fault.messages);
    else await this.#exchange();
    for (let i = 0; i < MESSAGES_APART; i++) await this.#pass();
    this.#stream.forgetMessages();
  }

  async #lose(fault: PlannedFault): Promise<void> {
    const before = this.#stream.lastId;
    let [messages, rows] = [0, 0];
    while (true) {
      const message = await this.#hands.make(0);
      const isLastOfDay = this.#stream.rowsLeft === 0;
      const isEnough = messages === fault.messages || (messages > 0 && rows >= fault.rowsMax);
      if (isLastOfDay || isEnough) {
        if (messages === 0) throw tooFewEvents();
        await this.#hands.emit(0);
        this.#truth.gaps.push({
          sequence_before: before.toString(),
          sequence_after: message.first.toString(),
          missing: (message.first - before - 1n).toString(),
          rows,
          messages,
        });
        return;
      }
      messages++;
      rows += message.rows;
    }
  }

  async #repeat(delay: number): Promise<void> {
    const message = await this.#hands.make(1);
    await this.#hands.emit(1);
    let { tsRecvNs } = message;
    for (let i = 0; i < delay && this.#stream.rowsLeft > 0; i++) {
      tsRecvNs = (await this.#hands.make(0)).tsRecvNs;
      await this.#hands.emit(0);
    }
    if (this.#stream.rowsLeft === 0) throw tooFewEvents();
    this.#stream.setReceived(1, tsRecvNs + DUPLICATE_AFTER_NS);
    await this.#hands.emit(1);
    this.#truth.duplicates.push({ sequence: message.last.toString() });
  }

  async #exchange(): Promise<void> {
    const a = await this.#hands.make(0);
    if (this.#stream.rowsLeft === 0) throw tooFewEvents();
    const b = await this.#hands.make(1);
    if (this.#stream.rowsLeft === 0) throw tooFewEvents();
    this.#stream.setReceived(0, b.tsRecvNs);
    this.#stream.setReceived(1, a.tsRecvNs);
    await this.#hands.emit(1);
    await this.#hands.emit(0);
    this.#truth.swaps.push({ sequence_a: a.last.toString(), sequence_b: b.last.toString() });
  }

  async #pass(): Promise<void> {
    if (this.#stream.rowsLeft === 0) return;
    await this.#hands.make(0);
    await this.#hands.emit(0);
  }
}

/** resolveTapeOptions leaves room enough for all but a freak of the draw. */
function tooFewEvents(): UsageError {
  return new UsageError(
    'ERR_USAGE',
    'A fault found no room before the end of its day; give more events, fewer faults or another seed.',
  );
}
