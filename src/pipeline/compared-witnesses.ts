import type { WitnessFinding } from '../audit/types.js';
import type { ComparedJudge } from './compared-judge.js';
import type { DepthColumns } from './depth-slots.js';
import type { RowPlace } from './gap-findings.js';

/** A witness table whose rows are compared with states of the book, and take no place among its rows. */
export interface ComparedWitness {
  readonly judge: ComparedJudge;
  /**
   * The book stands between two messages; the next one begins at `row`. May be called again there.
   * @returns a promise when something has to be waited for, else null: all is done
   */
  before(columns: DepthColumns, row: number, place: RowPlace): Promise<void> | null;
  /** Row, up to `stop`, before which it wants to be asked again; behind `row`. After `before`. */
  nextStop(columns: DepthColumns, row: number, stop: number): number;
  /** The last message has ended. */
  finish(): Promise<void>;
  /** Gives the slots back. */
  close(): void;
  free(): void;
}

/** Those of a day, each for itself. */
export class ComparedWitnesses {
  readonly #witnesses: readonly ComparedWitness[];

  constructor(witnesses: readonly ComparedWitness[]) {
    this.#witnesses = witnesses;
  }

  get findings(): WitnessFinding[] {
    return this.#witnesses.map(({ judge }) => judge.finding);
  }

  /** As ComparedWitness.before. */
  before(columns: DepthColumns, row: number, place: RowPlace): Promise<void> | null {
    for (const [index, witness] of this.#witnesses.entries()) {
      const done = witness.before(columns, row, place);
      if (done !== null) return done.then(() => this.#others(index + 1, columns, row, place));
    }
    return null;
  }

  nextStop(columns: DepthColumns, row: number, stop: number): number {
    let first = stop;
    for (const witness of this.#witnesses) first = witness.nextStop(columns, row, first);
    return first;
  }

  async finish(): Promise<void> {
    for (const witness of this.#witnesses) await witness.finish();
  }

  close(): void {
    for (const witness of this.#witnesses) witness.close();
  }

  free(): void {
    for (const witness of this.#witnesses) witness.free();
  }

  async #others(start: number, columns: DepthColumns, row: number, place: RowPlace): Promise<void> {
    for (const witness of this.#witnesses.slice(start)) await witness.before(columns, row, place);
  }
}
