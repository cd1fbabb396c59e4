import type { RowRejectCode } from '../errors/codes.js';

export interface RowProblem {
  /** Row of the run. */
  readonly row: number;
  readonly reason: RowRejectCode;
  /** The source's column. */
  readonly column: string;
  /** Its value where the column no longer holds it, else null. */
  readonly value: string | null;
}

/** A stamp that says of itself that there is none. */
export interface StampProblem {
  /** Row of the run. */
  readonly row: number;
  /** The source's column. */
  readonly column: string;
  readonly value: string;
}

const KEPT = 0;
const DESELECTED = 1;
const REJECTED = 2;

/**
 * What is wrong with the rows of one run, at most one thing each: the first that was found. A row
 * that the selection leaves out is never refused.
 */
export class RowProblems {
  readonly #rowsMax: number;
  /** Of the rows of a run; null: nothing was ever wrong with any. */
  #states: Uint8Array | null = null;
  readonly #rejected: RowProblem[] = [];
  readonly #stamps: StampProblem[] = [];
  readonly #unreadablePrices = new Set<number>();
  readonly #unreadableSides = new Set<number>();
  #deselectedCount = 0;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  reset(): void {
    if (this.droppedCount > 0) this.#states?.fill(KEPT);
    this.#rejected.length = 0;
    this.#stamps.length = 0;
    this.#deselectedCount = 0;
    this.#unreadablePrices.clear();
    this.#unreadableSides.clear();
  }

  get droppedCount(): number {
    return this.#rejected.length + this.#deselectedCount;
  }

  get deselectedCount(): number {
    return this.#deselectedCount;
  }

  isKept(row: number): boolean {
    return this.#states === null || this.#states[row] === KEPT;
  }

  isDeselected(row: number): boolean {
    return this.#states !== null && this.#states[row] === DESELECTED;
  }

  deselect(row: number): void {
    if (this.#drop(row, DESELECTED)) this.#deselectedCount++;
  }

  reject(row: number, reason: RowRejectCode, column: string, value: string | null = null): void {
    if (this.#drop(row, REJECTED)) this.#rejected.push({ row, reason, column, value });
  }

  /** @returns false: it was dropped before */
  #drop(row: number, state: number): boolean {
    this.#states ??= new Uint8Array(this.#rowsMax);
    if (this.#states[row] !== KEPT) return false;
    this.#states[row] = state;
    return true;
  }

  /** The row has a stamp of 0 or -1; that alone is no reason to leave it out. */
  noteStamp(problem: StampProblem): void {
    this.#stamps.push(problem);
  }

  /** Of the rows that the selection takes, refused ones too: ascending. */
  stamps(): readonly StampProblem[] {
    return this.#stamps.filter(({ row }) => !this.isDeselected(row)).sort((a, b) => a.row - b.row);
  }

  /** The price (side) of this row is not to be believed, whatever the row is refused for. */
  hidePrice(row: number): void {
    this.#unreadablePrices.add(row);
  }

  hideSide(row: number): void {
    this.#unreadableSides.add(row);
  }

  hasPrice(row: number): boolean {
    return !this.#unreadablePrices.has(row);
  }

  hasSide(row: number): boolean {
    return !this.#unreadableSides.has(row);
  }

  /** Refused rows, ascending. */
  rejected(): readonly RowProblem[] {
    return this.#rejected.sort((a, b) => a.row - b.row);
  }
}
