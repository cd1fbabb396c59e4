import type { InputPlan } from '../dialects/plan.js';
import type { PlannedFile } from '../dialects/types.js';
import type { ParquetFooter } from '../parquet/reader.js';

/** The input files that the plan uses, each once, in the order of the plan. */
export function inputsOf(plan: InputPlan) {
  const inputs = new Map<string, ReturnType<typeof inputOf>>();
  const seen = new Set<ParquetFooter>();
  for (const day of plan.days) {
    for (const file of Object.values(day.files).flat()) {
      const known = inputs.get(file.path);
      if (known === undefined) inputs.set(file.path, inputOf(file));
      // A capture holds several tables, each with a footer of its own.
      else if (!seen.has(file.footer)) known.rows += file.footer.rowCount;
      seen.add(file.footer);
    }
  }
  return [...inputs.values()];
}

function inputOf({ path, mtimeNs, footer }: PlannedFile) {
  return {
    path,
    bytes: footer.byteLength,
    rows: footer.rowCount,
    mtime_ns: mtimeNs,
    footer_xxh64: footer.footerXxh64,
  };
}
