import type { BookAt } from '../audit/day-before.js';
import type { StreamPoint } from '../book/trust.js';
import type { Core } from '../core/core.js';
import type { Arena } from '../memory/arena.js';
import { bookAt } from './book-at.js';
import type { BookWriter } from './book-writer.js';

/** Keeps the first full book that a day's input holds: the audit compares it with the day before. */
export class FirstSnapshot {
  readonly #memory: { readonly core: Core; readonly arena: Arena };
  readonly #writer: BookWriter;
  readonly #isWanted: boolean;
  #book: BookAt | null = null;

  constructor(
    memory: { readonly core: Core; readonly arena: Arena },
    writer: BookWriter,
    isWanted: boolean,
  ) {
    this.#memory = memory;
    this.#writer = writer;
    this.#isWanted = isWanted;
  }

  get book(): BookAt | null {
    return this.#book;
  }

  /** The book is a snapshot or a seed, and nothing else yet. */
  written(point: StreamPoint): void {
    if (this.#isWanted) this.#book ??= bookAt(this.#memory, this.#writer.head, point);
  }
}
