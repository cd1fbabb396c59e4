import { PAGE_ROWS, SLOT_BYTES } from '#src/abi/limits.js';
import { DECODE_SCRATCH_BYTES } from '#src/dialects/decode.js';
import { depthLayout } from '#src/dialects/tables.js';
import type { ByteSource } from '#src/io/byte-source.js';
import type { TableLayout } from '#src/memory/column-layout.js';
import { compileParquetWasm, pageReaderTools } from '#src/parquet/load-node.js';
import { openRowGroupReader } from '#src/parquet/open-reader.js';
import type { ParquetFooter, RowGroupReader } from '#src/parquet/reader.js';
import { openWasmRowGroupReader } from '#src/parquet/wasm-reader.js';
import { READING_BYTES } from '#src/pipeline/memory-map.js';
import type { DecodePlan } from '#src/pipeline/protocol.js';
import { decodeStage } from '#src/pipeline/stage-decode.js';
import { inputOptions } from '#src/worker/input-options.js';
import { planRun } from '#src/worker/plan-run.js';
import type { BenchMemory } from '../bench-memory.js';

/** The six columns that the main job reads of a Lake delta file. */
export const LAKE_COLUMNS = [
  'receipt_timestamp',
  'timestamp',
  'sequence_number',
  'side_is_bid',
  'price',
  'size',
];

/**
 * Reads a Lake delta file as a worker of the main job does, on this thread: with the same reader
 * and the same stage, into slots of the bench's memory.
 */
export class TapeSlots {
  readonly layout: TableLayout;
  readonly footer: ParquetFooter;
  readonly #memory: BenchMemory;
  readonly #plan: DecodePlan;
  readonly #rowsPtr: number;
  readonly #scratchPtr: number;
  readonly #readingPtr: number;

  private constructor(memory: BenchMemory, plan: DecodePlan, slotCount: number) {
    this.#memory = memory;
    this.#plan = plan;
    this.layout = depthLayout(plan.ids);
    this.footer = plan.files.depth[0]!.footer;
    this.#scratchPtr = memory.buffer(DECODE_SCRATCH_BYTES);
    this.#readingPtr = memory.buffer(READING_BYTES);
    this.#rowsPtr = memory.buffer(slotCount * SLOT_BYTES);
  }

  /** @param slotCount slots of PAGE_ROWS rows; null: enough for the whole file */
  static async open(
    memory: BenchMemory,
    path: string,
    slotCount: number | null = null,
  ): Promise<TapeSlots> {
    const options = inputOptions({ inputs: [path] });
    const { days, failures } = await planRun(options);
    if (failures[0] !== undefined) throw failures[0].error;
    const { day, scales } = days[0]!;
    const { files, ids, tradeIds } = day;
    const { selection } = options;
    const plan = { job: 0, files, ids, tradeIds, scales, selection, grids: false };
    const wholeFile = Math.ceil(files.depth[0]!.footer.rowCount / PAGE_ROWS);
    return new TapeSlots(memory, plan, slotCount ?? wholeFile);
  }

  /** Address of a slot. */
  ptr(slot: number): number {
    return this.#rowsPtr + slot * SLOT_BYTES;
  }

  /** The reader of the main job. It takes the source over. */
  openReader(source: ByteSource): Promise<RowGroupReader> {
    const region = { ptr: this.#readingPtr, byteLength: READING_BYTES };
    return openRowGroupReader(source, {
      tools: pageReaderTools(this.#memory.core, region),
      parquetModule: compileParquetWasm,
      footer: this.footer,
    });
  }

  /** parquet-wasm without its glue, as depthmill falls back on it. */
  async openWasmReader(source: ByteSource): Promise<RowGroupReader> {
    const module = await compileParquetWasm();
    return openWasmRowGroupReader(source, { module, footer: this.footer });
  }

  /** Decodes row groups into slots from the first one on. @returns rows in each slot */
  async decode(reader: RowGroupReader, rowGroupIndexes: readonly number[]): Promise<number[]> {
    const rowCount = rowGroupIndexes.reduce(
      (sum, index) => sum + this.footer.rowGroupRows[index]!,
      0,
    );
    const slots = Array.from({ length: Math.ceil(rowCount / PAGE_ROWS) }, (_, slot) => slot);
    const { chunks } = await decodeStage(
      {
        core: this.#memory.core,
        scratchPtr: this.#scratchPtr,
        rows: { ptr: this.#rowsPtr, slotBytes: SLOT_BYTES, slotCount: slots.length },
        reader,
      },
      this.#plan,
      { job: 0, table: 'depth', fileIndex: 0, rowGroupIndexes, slice: null, slots },
    );
    return chunks.map((chunk) => chunk.rowCount);
  }
}
