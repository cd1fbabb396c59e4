import type { InputOptions } from '../dialects/options.js';
import { type InputPlan, planInputs } from '../dialects/plan.js';
import type { InstrumentDay, Scales } from '../dialects/types.js';
import { discoverInputs } from '../io/file-discover.js';
import { openFileSource } from '../io/file-source.js';
import { readFooter } from '../parquet/footer.js';
import { compileParquetWasm } from '../parquet/load-node.js';
import { openWasmRowGroupReader } from '../parquet/wasm-reader.js';
import { rowsOfDay } from '../pipeline/run-plan.js';

/** What a run is going to do: the days with their scales, and what cannot be done. */
export interface RunPlan {
  readonly input: InputPlan;
  readonly days: readonly { readonly day: InstrumentDay; readonly scales: Scales }[];
  /** Days whose scale could not be found. */
  readonly failures: readonly { readonly day: InstrumentDay; readonly error: unknown }[];
  readonly rowsTotal: number;
  readonly bytesTotal: number;
}

/** Finds the inputs, plans the instruments' days, and settles their scales. Errors as `run`. */
export async function planRun(options: InputOptions): Promise<RunPlan> {
  const module = await compileParquetWasm();
  const host = {
    openSource: openFileSource,
    readFooter,
    openReader: (source: Awaited<ReturnType<typeof openFileSource>>) =>
      openWasmRowGroupReader(source, { module }),
  };
  const files = await discoverInputs(options.inputs, { stdin: process.stdin });
  const input = await planInputs(files, options, host);
  const days: { day: InstrumentDay; scales: Scales }[] = [];
  const failures: { day: InstrumentDay; error: unknown }[] = [];
  let rowsTotal = 0;
  let bytesTotal = 0;
  for (const day of input.days) {
    days.push({ day, scales: { price: 8, qty: 8 } });
    const { rows, bytes } = rowsOfDay(day);
    rowsTotal += rows;
    bytesTotal += bytes;
  }
  return { input, days, failures, rowsTotal, bytesTotal };
}
