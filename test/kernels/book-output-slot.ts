import { CADENCE_INTERVAL } from '#src/abi/book.js';
import type { BookRun, RunOptions } from '#src/core/book-run.js';
import type { BookTableRow } from '../oracle/book.js';
import type { Level } from '../oracle/price-levels.js';
import type { Sandbox } from './both-builds.js';

const RUBBISH = 0x55;
const GAP_BYTES = 64;

interface Span {
  readonly ptr: number;
  /** Bits of a row: 64, 32, or 1 for a validity bitmap. */
  readonly rowBits: number;
}

/**
 * An output slot of the book table for few rows. Before each use it is full of rubbish; afterwards
 * everything behind the rows that were written must still be.
 */
export class BookOutputSlot {
  readonly #sandbox: Sandbox;
  readonly #options: RunOptions;
  readonly #ptr: number;
  readonly #byteLength: number;
  readonly #spanBytes: number;
  readonly #spans: Span[] = [];

  constructor(sandbox: Sandbox, options: RunOptions, capacityMax: number) {
    this.#sandbox = sandbox;
    this.#options = options;
    this.#spanBytes = Math.ceil(capacityMax / 8) * 64 + GAP_BYTES;
    const rowBits = [64, 64, 64, 32, 64];
    for (const bits of [64, 1]) {
      for (let column = 0; column < 4 * options.depth; column++) rowBits.push(bits);
    }
    this.#byteLength = rowBits.length * this.#spanBytes;
    this.#ptr = sandbox.buffer(this.#byteLength);
    rowBits.forEach((bits, k) => {
      this.#spans.push({ ptr: this.#ptr + k * this.#spanBytes, rowBits: bits });
    });
  }

  open(run: BookRun, capacity: number): void {
    this.#sandbox.core.views.u8.fill(RUBBISH, this.#ptr, this.#ptr + this.#byteLength);
    const ptrs = this.#spans.map((span) => span.ptr);
    run.setOutput({
      tsRecvPtr: ptrs[0]!,
      tsEventPtr: ptrs[1]!,
      sequencePtr: ptrs[2]!,
      flagsPtr: ptrs[3]!,
      agePtr: ptrs[4]!,
      levelsPtr: this.#ptr + 5 * this.#spanBytes,
      levelStride: this.#spanBytes,
      validityPtr: this.#ptr + (5 + 4 * this.#options.depth) * this.#spanBytes,
      validityStride: this.#spanBytes,
      capacity,
    });
  }

  /** The rows that were written. Throws where something behind them was touched. */
  take(rowCount: number): BookTableRow[] {
    this.#checkUntouched(rowCount);
    return Array.from({ length: rowCount }, (_, row) => this.#row(row));
  }

  #row(row: number): BookTableRow {
    const { i32, i64 } = this.#sandbox.core.views;
    const { depth, cadence } = this.#options;
    const at = (span: number): bigint => i64[this.#spans[span]!.ptr / 8 + row]!;
    const side = (first: number): (Level | null)[] =>
      Array.from({ length: depth }, (_, k) => this.#level(row, first + 2 * k));
    return {
      tsRecv: at(0),
      tsEvent: at(1),
      sequence: at(2),
      flags: i32[this.#spans[3]!.ptr / 4 + row]!,
      ageNs: cadence === CADENCE_INTERVAL ? at(4) : 0n,
      bids: side(0),
      asks: side(2 * depth),
    };
  }

  #level(row: number, column: number): Level | null {
    const { u8, i64 } = this.#sandbox.core.views;
    const [price, qty] = [column, column + 1].map((c) => {
      const validity = this.#spans[5 + 4 * this.#options.depth + c]!.ptr;
      const isThere = ((u8[validity + (row >> 3)]! >> (row & 7)) & 1) === 1;
      const value = i64[this.#spans[5 + c]!.ptr / 8 + row]!;
      if (!isThere && value !== 0n) throw new Error(`row ${row} column ${c}: NULL is not 0`);
      return isThere ? value : null;
    });
    if ((price === null) !== (qty === null)) throw new Error('a price without its quantity');
    return price === null ? null : { pricePips: price!, qtyPips: qty! };
  }

  #checkUntouched(rowCount: number): void {
    const { u8 } = this.#sandbox.core.views;
    const isUnused = this.#options.cadence !== CADENCE_INTERVAL;
    this.#spans.forEach((span, index) => {
      const written = index === 4 && isUnused ? 0 : (rowCount * span.rowBits) / 8;
      const partial = Math.floor(written);
      const from = span.ptr + Math.ceil(written);
      const isTouched = u8.subarray(from, span.ptr + this.#spanBytes).some((b) => b !== RUBBISH);
      const mask = partial < written ? 0xff << (rowCount & 7) : 0;
      const isBitTouched = (u8[span.ptr + partial]! & mask & 0xff) !== (RUBBISH & mask & 0xff);
      if (isTouched || isBitTouched) {
        throw new Error(`span ${index} is touched behind its ${rowCount} rows`);
      }
    });
  }
}
