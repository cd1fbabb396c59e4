import { invariant } from '../errors/errors.js';
import type { WriteColumn } from '../parquet/write-types.js';
import type { Chunk, EncodeTask, Segment } from './protocol.js';

const COLUMN = 'trade_id';

/** The column of trade ids as texts, which are not in the slots. */
export function tradeIdTextColumn(columns: readonly WriteColumn[]): WriteColumn[] {
  return columns.map((column) =>
    column.name === COLUMN ? { ...column, type: 'string', encoding: 'plain' } : column,
  );
}

/**
 * Trade ids that are text, beside the slots that hold the rest of their rows: as long as a slot is
 * in use, its texts are here.
 */
export class TradeIdTexts {
  readonly #bySlot = new Map<number, (string | null)[]>();

  /** A slot has new rows. */
  take({ slot, tradeIds }: Chunk): void {
    invariant(tradeIds !== null, 'the ids of these trades are text');
    this.#bySlot.set(slot, [...tradeIds]);
  }

  /** Rows lie elsewhere now, behind all that were moved to that slot before. */
  move({ slot, rowStart, rowEnd }: Segment, toSlot: number, toRow: number): void {
    const texts = this.#bySlot.get(slot)!;
    if (toRow === 0) this.#bySlot.set(toSlot, []);
    const moved = this.#bySlot.get(toSlot)!;
    for (let row = rowStart; row < rowEnd; row++) moved.push(texts[row]!);
  }

  /** A task with the texts of its rows. */
  withTexts<Task extends Pick<EncodeTask, 'segments'>>(
    task: Task,
  ): Task & Pick<EncodeTask, 'rowTexts'> {
    const texts = task.segments.flatMap(({ slot, rowStart, rowEnd }) =>
      this.#bySlot.get(slot)!.slice(rowStart, rowEnd),
    );
    return { ...task, rowTexts: { column: COLUMN, texts } };
  }
}
