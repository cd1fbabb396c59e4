import * as G from '#src/abi/generate.js';
import { tapeInstrument } from '#src/generate/instrument.js';
import { TableBuffer } from '#src/generate/table-buffer.js';
import { tapeTables } from '#src/generate/tables.js';
import { TapeStream } from '#src/generate/tape-stream.js';
import { Sandbox } from './both-builds.js';

export interface DepthRow {
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  readonly sequence: bigint;
  readonly first: bigint;
  readonly isBid: boolean;
  readonly pricePips: bigint;
  readonly qtyPips: bigint;
  readonly flags: number;
}

export interface TradeRow {
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  readonly id: bigint;
  readonly isBuy: boolean;
  readonly pricePips: bigint;
  readonly qtyPips: bigint;
}

export const DAY_NS = 1_767_225_600_000_000_000n;

/** A generated market in depthmill's columns, one message or one full slot at a time. */
export class GeneratedMarket {
  readonly sandbox: Sandbox;
  readonly stream: TapeStream;
  readonly #depth: TableBuffer;
  readonly #trades: TableBuffer;

  constructor(
    module: WebAssembly.Module,
    options: { seed: bigint; rows: number; slotRows: number },
  ) {
    this.sandbox = new Sandbox(module, 32 * 2 ** 20);
    const { core } = this.sandbox;
    this.stream = new TapeStream(core, this.sandbox.buffer(TapeStream.BYTES));
    const buffer = (index: number, rowGroupRows: number): TableBuffer => {
      const table = tapeTables('depthmill')[index]!;
      const basePtr = this.sandbox.buffer(TableBuffer.byteLength(table, rowGroupRows));
      return new TableBuffer(core, {
        table,
        statePtr: this.stream.statePtr,
        basePtr,
        rowGroupRows,
      });
    };
    this.#depth = buffer(0, options.slotRows);
    this.#trades = buffer(1, 100);
    this.#depth.reset();
    this.#trades.reset();
    this.stream.begin(tapeInstrument(options.seed, 0), { asDoubles: false });
    this.stream.beginDay({
      startNs: DAY_NS,
      rows: options.rows,
      intervalUnitNs: 600n,
      withBook: false,
    });
  }

  /** The book as it stands, as a snapshot's rows. */
  snapshot(): DepthRow[] {
    const rows: DepthRow[] = [];
    this.stream.beginSnapshot();
    while (this.stream.emitSnapshot() !== 0) rows.push(...this.takeDepth());
    rows.push(...this.takeDepth());
    this.stream.forgetMessages();
    return rows;
  }

  /** Makes the next message; its rows, and the trades before it. */
  message(): { rows: DepthRow[]; trades: TradeRow[] } {
    this.takeTrades();
    if (this.stream.make(0) === null) throw new Error('no room for a message');
    const rows: DepthRow[] = [];
    this.stream.beginEmit();
    while (this.stream.emit(0) > 0) rows.push(...this.takeDepth());
    rows.push(...this.takeDepth());
    return { rows, trades: this.takeTrades() };
  }

  /** Rows of whole slots until the day ends. */
  rest(): DepthRow[] {
    const rows: DepthRow[] = [];
    while (true) {
      const stop = this.stream.run(Number.MAX_SAFE_INTEGER);
      if (stop === G.GEN_STOP_DEPTH_FULL || stop === G.GEN_STOP_LIMIT)
        rows.push(...this.takeDepth());
      if (stop === G.GEN_STOP_TRADES_FULL) this.takeTrades();
      if (stop === G.GEN_STOP_LIMIT) return rows;
    }
  }

  takeDepth(): DepthRow[] {
    const { columns, isBid } = this.#columns(this.#depth);
    const rows = Array.from({ length: this.#depth.rowCount }, (_, row) => ({
      tsRecv: columns.ts_recv!(row),
      tsEvent: columns.ts_event!(row),
      sequence: columns.sequence!(row),
      first: columns.sequence_first!(row),
      isBid: isBid(row),
      pricePips: columns.price_pips!(row),
      qtyPips: columns.qty_pips!(row),
      flags: Number(columns.flags!(row)),
    }));
    this.#depth.reset();
    return rows;
  }

  takeTrades(): TradeRow[] {
    const { columns, isBid } = this.#columns(this.#trades);
    const rows = Array.from({ length: this.#trades.rowCount }, (_, row) => ({
      tsRecv: columns.ts_recv!(row),
      tsEvent: columns.ts_event!(row),
      id: columns.trade_id!(row),
      isBuy: isBid(row),
      pricePips: columns.price_pips!(row),
      qtyPips: columns.qty_pips!(row),
    }));
    this.#trades.reset();
    return rows;
  }

  /** Readers of the first slot's columns; the one column of bits apart. */
  #columns(buffer: TableBuffer): {
    columns: Record<string, (row: number) => bigint>;
    isBid: (row: number) => boolean;
  } {
    const { views } = this.sandbox.core;
    const columns: Record<string, (row: number) => bigint> = {};
    let isBid = (_row: number): boolean => false;
    const first = buffer.table.layout.columns;
    const slotPtr = buffer.segments()[0]?.slotPtr ?? 0;
    first.forEach(({ name, type, valuesOffset }) => {
      const ptr = slotPtr + valuesOffset;
      if (type === 'int64') columns[name] = (row) => views.i64[ptr / 8 + row]!;
      else if (type === 'int32') columns[name] = (row) => BigInt(views.i32[ptr / 4 + row]!);
      else isBid = (row) => ((views.u8[ptr + (row >> 3)]! >> (row & 7)) & 1) === 1;
    });
    return { columns, isBid };
  }
}
