import { ROW_GROUP_ROWS_MAX } from '../abi/limits.js';
import type { Segment } from './protocol.js';

/** Slots that are done and wait for the host: with more of them the memory is used for nothing. */
const DONE_SLOTS_MAX = 4;

/**
 * The depth rows of one instrument on their way out. Rows leave once their message is complete,
 * because the marks of a message stand on all of its rows and are known at its end only.
 */
export class DepthOutput {
  readonly #mark: (segment: Segment, marks: number) => void;
  #ready: Segment[] = [];
  #tail: Segment[] = [];
  #tailRows = 0;
  #done: number[] = [];
  /** Rows of each input slot that are still on their way. */
  readonly #remaining = new Map<number, number>();

  /** @param mark ORs marks into the flags of a segment's rows */
  constructor(mark: (segment: Segment, marks: number) => void) {
    this.#mark = mark;
  }

  /** A slot whose rows will all be appended or dropped. */
  open(slot: number, rowCount: number): void {
    this.#remaining.set(slot, rowCount);
  }

  /**
   * Appends rows that were applied to the book.
   *
   * @param segment rows in output order
   * @param completeEnd row behind the last message end among them; rowStart when none ends there
   * @param firstMarks marks of the first message that ends among them, for its rows that came before
   */
  append(segment: Segment, completeEnd: number, firstMarks: number): void {
    const { slot, rowStart, rowEnd } = segment;
    if (completeEnd > rowStart) {
      for (const part of this.#tail) {
        if (firstMarks !== 0) this.#mark(part, firstMarks);
        this.#leave(part);
      }
      this.#tail = [];
      this.#tailRows = 0;
      this.#leave({ slot, rowStart, rowEnd: completeEnd });
    }
    if (completeEnd < rowEnd) {
      this.#tail.push({ slot, rowStart: completeEnd, rowEnd });
      this.#tailRows += rowEnd - completeEnd;
    }
  }

  /** Whether the open message is so long that it must be cut: MODEL section 2. */
  get tailTooLong(): boolean {
    return this.#tailRows >= ROW_GROUP_ROWS_MAX;
  }

  /** Lets the rows of the open message go, with the marks as they stand now. */
  flushTail(marks: number): void {
    for (const part of this.#tail) {
      if (marks !== 0) this.#mark(part, marks);
      this.#leave(part);
    }
    this.#tail = [];
    this.#tailRows = 0;
  }

  drop(segment: Segment): void {
    this.#consume(segment);
  }

  get hasManyDone(): boolean {
    return this.#done.length >= DONE_SLOTS_MAX;
  }

  /** What can go to the host now. */
  take(): { segments: Segment[]; done: number[] } {
    const taken = { segments: this.#ready, done: this.#done };
    this.#ready = [];
    this.#done = [];
    return taken;
  }

  /** A slot of rows that were made here, or of a witness table: nothing more is to be done with it. */
  close(slot: number): void {
    this.#done.push(slot);
  }

  #leave(segment: Segment): void {
    if (segment.rowEnd === segment.rowStart) return;
    const last = this.#ready.at(-1);
    if (last !== undefined && last.slot === segment.slot && last.rowEnd === segment.rowStart) {
      this.#ready[this.#ready.length - 1] = { ...last, rowEnd: segment.rowEnd };
    } else {
      this.#ready.push(segment);
    }
    this.#consume(segment);
  }

  #consume({ slot, rowStart, rowEnd }: Segment): void {
    const remaining = this.#remaining.get(slot);
    if (remaining === undefined) return;
    const left = remaining - (rowEnd - rowStart);
    if (left > 0) {
      this.#remaining.set(slot, left);
      return;
    }
    this.#remaining.delete(slot);
    this.#done.push(slot);
  }
}
