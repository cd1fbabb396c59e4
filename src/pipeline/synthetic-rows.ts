import { FLAG_CLEAR, FLAG_LAST } from '../abi/flags.js';
import type { DepthSlots } from './depth-slots.js';
import type { Segment } from './protocol.js';

/** A row that depthmill makes; stamps and id come from the message it is part of. */
export interface SyntheticLevel {
  readonly isBid: boolean;
  readonly pricePips: bigint;
  readonly qtyPips: bigint;
}

export interface SyntheticMessage {
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  readonly sequence: bigint;
  /** ORed into every row; LAST is added to the last one. */
  readonly flags: number;
  /** Begins with a CLEAR row. */
  readonly clear: boolean;
  readonly levels: readonly SyntheticLevel[];
}

/** Such a row with all that it says: one of a message that is not written in one go. */
export interface MadeRow extends SyntheticLevel {
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  readonly sequence: bigint;
  readonly sequenceFirst: bigint;
  readonly sequencePrev: bigint;
  readonly flags: number;
}

/** Writes messages of depthmill's own (seeds, merges) into slots that it fills one by one. */
export class SyntheticRows {
  readonly #slots: DepthSlots;
  readonly #acquireSlots: (count: number) => Promise<number[]>;
  readonly #onSlotDone: (slot: number) => void;
  #slot = -1;
  #row = 0;

  constructor(
    slots: DepthSlots,
    acquireSlots: (count: number) => Promise<number[]>,
    onSlotDone: (slot: number) => void,
  ) {
    this.#slots = slots;
    this.#acquireSlots = acquireSlots;
    this.#onSlotDone = onSlotDone;
  }

  /** Writes the message's rows; more than one segment where they do not fit one slot. */
  async write(message: SyntheticMessage): Promise<Segment[]> {
    const segments: Segment[] = [];
    const { tsRecv, tsEvent, sequence, clear, levels } = message;
    const rowCount = levels.length + (clear ? 1 : 0);
    let written = 0;
    while (written < rowCount) {
      if (this.#slot === -1 || this.#row === this.#slots.layout.rowCapacity) await this.#renew();
      const columns = this.#slots.columns(this.#slot);
      const rowStart = this.#row;
      const rowEnd = Math.min(this.#slots.layout.rowCapacity, rowStart + rowCount - written);
      for (let row = rowStart; row < rowEnd; row++, written++) {
        const isClear = clear && written === 0;
        const level = isClear ? null : levels[written - (clear ? 1 : 0)]!;
        const last = written === rowCount - 1 ? FLAG_LAST : 0;
        this.#slots.write(columns, row, {
          tsRecv,
          tsEvent,
          sequence,
          isBid: level?.isBid ?? false,
          pricePips: level?.pricePips ?? 0n,
          qtyPips: level?.qtyPips ?? 0n,
          flags: message.flags | last | (isClear ? FLAG_CLEAR : 0),
        });
      }
      this.#row = rowEnd;
      segments.push({ slot: this.#slot, rowStart, rowEnd });
    }
    return segments;
  }

  /** Writes rows as they are; only the caller knows which of them ends a message. */
  async writeRows(rows: readonly MadeRow[]): Promise<Segment[]> {
    const segments: Segment[] = [];
    let written = 0;
    while (written < rows.length) {
      if (this.#slot === -1 || this.#row === this.#slots.layout.rowCapacity) await this.#renew();
      const columns = this.#slots.columns(this.#slot);
      const rowStart = this.#row;
      const rowEnd = Math.min(this.#slots.layout.rowCapacity, rowStart + rows.length - written);
      for (let row = rowStart; row < rowEnd; row++) {
        this.#slots.write(columns, row, rows[written++]!);
      }
      this.#row = rowEnd;
      segments.push({ slot: this.#slot, rowStart, rowEnd });
    }
    return segments;
  }

  finish(): void {
    if (this.#slot !== -1) this.#onSlotDone(this.#slot);
    this.#slot = -1;
  }

  async #renew(): Promise<void> {
    this.finish();
    const [slot] = await this.#acquireSlots(1);
    this.#slot = slot!;
    this.#row = 0;
  }
}
