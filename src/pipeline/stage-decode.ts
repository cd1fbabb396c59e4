import type { Core } from '../core/core.js';
import { NO_VALUES } from '../core/value-grid.js';
import { DECODE_SCRATCH_BYTES, RowDecoder } from '../dialects/decode.js';
import { decodeRowGroups } from '../dialects/decode-row-groups.js';
import { WitnessDecoder, witnessLevelCount } from '../dialects/decode-witness.js';
import { depthLayout, tradesLayout, witnessLayout } from '../dialects/tables.js';
import type { TableLayout } from '../memory/column-layout.js';
import type { RowGroupReader } from '../parquet/reader.js';
import { gridOfRows } from './day-grid.js';
import { DepthSlots } from './depth-slots.js';
import type { DecodePlan, DecodeResult, DecodeTask, JobTable, MemoryMap } from './protocol.js';
import { isWitnessTable } from './witness-specs.js';

/** What the stage needs of its thread. */
export interface DecodeStageThread {
  readonly core: Core;
  /** DECODE_SCRATCH_BYTES that nobody else uses while a run of rows is converted. */
  readonly scratchPtr: number;
  readonly rows: MemoryMap['rows'];
  /** An open reader of the task's file. */
  readonly reader: RowGroupReader;
}

/** Reads some row groups of a file into slots, as exact integer columns. */
export async function decodeStage(
  thread: DecodeStageThread,
  plan: DecodePlan,
  task: DecodeTask,
): Promise<DecodeResult> {
  const { core, scratchPtr, rows, reader } = thread;
  const { table, fileIndex, rowGroupIndexes, slice, slots } = task;
  const { scales, selection, tradeIds } = plan;
  const file = plan.files[table][fileIndex]!;
  const options = {
    core,
    scratch: { ptr: scratchPtr, byteLength: DECODE_SCRATCH_BYTES },
    file,
    rowGroupIndexes,
    slice,
    layout: layoutOf(plan, table),
    scales,
    tradeIds,
    selection,
    slots: slots.map((slot) => ({ slot, ptr: rows.ptr + slot * rows.slotBytes })),
  };
  const decoder = isWitnessTable(table) ? new WitnessDecoder(options) : new RowDecoder(options);
  const { chunks, ...rest } = await decodeRowGroups(reader, rowGroupIndexes, decoder, slice);
  const slotsOfDepth =
    plan.grids && table === 'depth' ? new DepthSlots(core, options.layout, rows) : null;
  return {
    ...rest,
    chunks: chunks.map((chunk) => {
      if (slotsOfDepth === null) return { ...chunk, fileIndex, grid: null };
      const { tickRow: _, ...grid } = gridOfRows(core, slotsOfDepth, chunk, NO_VALUES, scratchPtr);
      return { ...chunk, fileIndex, grid };
    }),
  };
}

/** Layouts of the tables of a plan, which serves hundreds of tasks. */
const layoutsKnown = new WeakMap<DecodePlan, Map<JobTable, TableLayout>>();

function layoutOf(plan: DecodePlan, table: JobTable): TableLayout {
  const layouts = layoutsKnown.get(plan) ?? new Map<JobTable, TableLayout>();
  layoutsKnown.set(plan, layouts);
  const layout = layouts.get(table) ?? makeLayout(plan, table);
  layouts.set(table, layout);
  return layout;
}

function makeLayout(plan: DecodePlan, table: JobTable): TableLayout {
  if (table === 'depth' || table === 'snapshots') return depthLayout(plan.ids);
  if (table === 'trades') return tradesLayout();
  return witnessLayout(witnessLevelCount(plan.files[table]));
}
