import type { Core } from '../core/core.js';
import { invariant } from '../errors/errors.js';
import { encodeRowGroup } from '../parquet/encode-row-group.js';
import type { EncodedRowGroup, MemorySpan } from '../parquet/write-types.js';
import type { OutputTable } from './output-tables.js';
import { checkDecimals, pipsToDoubles, scaleOfColumn } from './plain-numbers.js';
import type { EncodeTask, JobPlan, MemoryMap } from './protocol.js';

/** What the stage needs of its thread. */
export interface EncodeStageThread {
  readonly core: Core;
  readonly scratch: MemorySpan;
  readonly rows: MemoryMap['rows'];
  readonly encoded: MemoryMap['encoded'];
}

/** Encodes a row group out of the slots of its rows into the slots of the task. */
export function encodeStage(
  thread: EncodeStageThread,
  plan: JobPlan,
  task: EncodeTask,
): EncodedRowGroup {
  const { core, scratch, rows, encoded } = thread;
  const output = plan.outputs[task.table];
  invariant(output !== undefined, `job ${plan.job} writes a table ${task.table}`);
  const segments = task.segments.map(({ slot, rowStart, rowEnd }) => ({
    slotPtr: rows.ptr + slot * rows.slotBytes,
    rowStart,
    rowCount: rowEnd - rowStart,
  }));
  const out = task.slots.map((slot) => ({
    ptr: encoded.ptr + slot * encoded.slotBytes,
    byteLength: encoded.slotBytes,
  }));
  const { columns } = withTexts(output, task);
  for (const [index, { type }] of columns.entries()) {
    const { name, type: slotType, valuesOffset } = output.layout.columns[index]!;
    if (type !== 'double' || slotType !== 'int64') continue;
    // The rows are this task's alone, and nobody reads them again.
    const scale = scaleOfColumn(name, output.scales);
    invariant(scale !== null, `the column ${name} has a scale`);
    for (const rows of segments) {
      pipsToDoubles(core.views, rows.slotPtr + valuesOffset, rows, scale);
    }
  }
  const group = encodeRowGroup(core, scratch, {
    columns,
    places: output.layout.columns,
    segments,
    rowCount: task.rowCount,
    ...(task.rowTexts && { rowTexts: task.rowTexts }),
    codec: plan.codec,
    out,
  });
  checkDecimals(columns, group);
  return group;
}

/** The columns of the table, with the texts that the task brings. */
function withTexts({ columns }: OutputTable, { texts }: EncodeTask): Pick<OutputTable, 'columns'> {
  if (texts === undefined) return { columns };
  const dictionary: string[] = [];
  for (const [index, text] of texts.texts.entries()) dictionary[texts.first + index] = text;
  return {
    columns: columns.map((column) =>
      column.name === texts.column ? { ...column, dictionary } : column,
    ),
  };
}
