import type { RecordBatch } from 'apache-arrow';
import { SLOT_BYTES } from '../abi/limits.js';
import { type Core, instantiateCore } from '../core/core.js';
import { compileCore } from '../core/load-node.js';
import { arrowSchema, slotBatch } from '../core/record-batch.js';
import type { InputOptions } from '../dialects/options.js';
import { depthLayout, tradesLayout } from '../dialects/tables.js';
import type { InstrumentDay, Scales } from '../dialects/types.js';
import { gunzipStream } from '../io/file-gunzip.js';
import { openFileSource } from '../io/file-source.js';
import { createSharedMemory } from '../memory/shared-memory.js';
import { compileParquetWasm, pageReaderTools } from '../parquet/load-node.js';
import type { RowGroupReader } from '../parquet/reader.js';
import { type DecodeUnit, planUnits, slotsOfUnit } from '../pipeline/chunk-feeder.js';
import { dayMetadata } from '../pipeline/day-paths.js';
import { READING_BYTES } from '../pipeline/memory-map.js';
import { SLICE_ROWS_MAX, UNIT_ROWS_SMALL } from '../pipeline/run-plan.js';
import { decodeStage } from '../pipeline/stage-decode.js';
import { openInputReader } from '../text/input-file.js';
import { inputOptions } from './input-options.js';
import { planRun } from './plan-run.js';

/** Tables whose rows `batches` gives. */
export type BatchTable = 'depth' | 'trades';

export interface BatchOptions {
  /** Default: depth. */
  readonly table?: BatchTable;
}

/** An instrument's day of an input. */
export interface InputDay {
  readonly exchange: string;
  readonly symbol: string;
  /** YYYY-MM-DD. */
  readonly dt: string;
  /** Decimals of prices and quantities in pips. */
  readonly scales: Scales;
}

/** Market data that can be read as exact integer columns. */
export interface Input {
  /**
   * The instruments' days, in the order in which `batches` gives them.
   * @throws InputError, ParquetError as `run`
   */
  days(): Promise<readonly InputDay[]>;
  /**
   * Rows as apache-arrow RecordBatches, instrument by instrument and day by day, in file order.
   *
   * Columns of `depth`: ts_recv, ts_event (ns), sequence (and sequence_first, sequence_prev) where
   * the source has ids, is_bid, price_pips, qty_pips (integers, price * 10^scale), flags. Those of
   * `trades`: ts_recv, ts_event, trade_id, is_buy, price_pips, qty_pips, flags; trade_id is Utf8
   * where an instrument's ids are text. The schema's
   * metadata names exchange, symbol, dt and scales (`depthmill.price_scale` ...). Rows are as they
   * were received: nothing is booked, and LAST is not set; rows that a run would reject are left
   * out.
   *
   * A batch is a view of the shared memory and valid until the next one is asked for; keep it with
   * `copyBatch(batch)`.
   * @throws InputError, ParquetError as `run`; ERR_SCALE for a value that its scale cannot hold
   */
  batches(options?: BatchOptions): AsyncGenerator<RecordBatch, void, void>;
}

/** In front of the slots: the decoder's scratch, and where pages are read. */
const MEMORY_SPARE_BYTES = SLOT_BYTES + READING_BYTES;

/**
 * Opens market data for reading: a file, a folder, a pattern, or several with options. Nothing is
 * read before `days` or `batches`.
 */
export function openInput(
  input: string | readonly string[],
  options: Partial<Omit<InputOptions, 'inputs'>> = {},
): Input {
  const inputs = typeof input === 'string' ? [input] : input;
  const full = inputOptions({ ...options, inputs });
  const planned = () => planRun(full);
  return {
    async days() {
      const { days, failures, input: plan } = await planned();
      const failure = plan.failures[0]?.error ?? failures[0]?.error;
      if (failure !== undefined) throw failure;
      return days.map(({ day: { exchange, symbol, dt }, scales }) => ({
        exchange,
        symbol,
        dt,
        scales,
      }));
    },
    async *batches({ table = 'depth' } = {}) {
      const { days, failures, input: plan } = await planned();
      const failure = plan.failures[0]?.error ?? failures[0]?.error;
      if (failure !== undefined) throw failure;
      for (const { day, scales } of days) {
        yield* dayBatches({ day, scales, table, options: full });
      }
    },
  };
}

interface DayRead {
  readonly day: InstrumentDay;
  readonly scales: Scales;
  readonly table: BatchTable;
  readonly options: InputOptions;
}

async function* dayBatches(read: DayRead): AsyncGenerator<RecordBatch, void, void> {
  const { day, scales, table } = read;
  const layout = table === 'depth' ? depthLayout(day.ids) : tradesLayout();
  const units = planUnits(day.files[table], {
    unitRows: UNIT_ROWS_SMALL,
    sliceRows: SLICE_ROWS_MAX,
  });
  const slotCount = units.reduce(
    (most, unit) => Math.max(most, slotsOfUnit(unit, layout.rowCapacity)),
    0,
  );
  const memory = createSharedMemory(slotCount * SLOT_BYTES + MEMORY_SPARE_BYTES);
  const core = instantiateCore(compileCore(), memory);
  const tools = pageReaderTools(core, { ptr: SLOT_BYTES, byteLength: READING_BYTES });
  const rows = { ptr: MEMORY_SPARE_BYTES, slotBytes: SLOT_BYTES, slotCount };
  const textName = table === 'trades' && day.tradeIds === 'text' ? 'trade_id' : null;
  const schema = arrowSchema(layout, dayMetadata(table, day, scales), textName);
  let left = read.options.selection.limit ?? Number.POSITIVE_INFINITY;
  let reader: RowGroupReader | null = null;
  let path = '';
  try {
    for (const unit of units) {
      if (left === 0) return;
      if (unit.file.path !== path) {
        await reader?.close();
        path = unit.file.path;
        const source = await openFileSource(path);
        reader = await openInputReader(source, {
          tools,
          parquetModule: compileParquetWasm,
          openGunzip: gunzipStream,
          footer: unit.file.footer,
        });
      }
      const thread = { core, scratchPtr: 65_536, rows, reader: reader! };
      for (const { slot, rowCount, tradeIds } of await decodeUnit(thread, read, unit)) {
        const taken = Math.min(rowCount, left);
        left -= taken;
        const ptr = rows.ptr + slot * SLOT_BYTES;
        const texts = textName === null ? null : { name: textName, texts: tradeIds! };
        if (taken > 0) yield slotBatch(core.views, schema, layout, ptr, taken, texts);
      }
    }
  } finally {
    await reader?.close();
  }
}

async function decodeUnit(
  thread: {
    core: Core;
    scratchPtr: number;
    rows: { ptr: number; slotBytes: number; slotCount: number };
    reader: RowGroupReader;
  },
  read: DayRead,
  unit: DecodeUnit,
) {
  const slots = Array.from({ length: thread.rows.slotCount }, (_, slot) => slot);
  const { day, scales, table, options } = read;
  const { selection } = options;
  const { files, ids, tradeIds } = day;
  const plan = { job: 0, files, ids, tradeIds, scales, selection, grids: false };
  const { fileIndex, rowGroupIndexes, slice } = unit;
  const task = { job: 0, table, fileIndex, rowGroupIndexes, slice, slots };
  const { chunks } = await decodeStage(thread, plan, task);
  return chunks;
}
