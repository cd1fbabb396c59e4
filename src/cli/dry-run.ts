import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { InputOptions } from '../dialects/options.js';
import { planInputs } from '../dialects/plan.js';
import type { PlanHost } from '../dialects/probe.js';
import { discoverInputs } from '../io/file-discover.js';
import { openFileSource } from '../io/file-source.js';
import { readFooter } from '../parquet/footer.js';
import { compileParquetWasm } from '../parquet/load-node.js';
import { openWasmRowGroupReader } from '../parquet/wasm-reader.js';
import { type PlanFacts, planFacts } from './plan-text.js';

/**
 * What a run of these inputs would read; nothing is written. Footers are read, and rows only where
 * planning needs them.
 * @throws what discoverInputs and planInputs throw; the first file's error where all failed
 */
export async function dryRun(options: InputOptions, out: string): Promise<PlanFacts> {
  const files = await discoverInputs(options.inputs);
  const plan = await planInputs(files, options, nodePlanHost());
  const [failure] = plan.failures;
  if (plan.days.length === 0 && failure !== undefined) throw failure.error;
  return planFacts(plan, out === '' ? null : await freeBytesAt(out));
}

/** Files in Node. parquet-wasm is compiled when the first rows are asked for. */
function nodePlanHost(): PlanHost {
  let module: Promise<WebAssembly.Module> | null = null;
  return {
    openSource: openFileSource,
    readFooter,
    openReader: async (source) => {
      module ??= compileParquetWasm();
      return openWasmRowGroupReader(source, { module: await module });
    },
  };
}

/** Free bytes of the file system that `path` lies on, or would lie on. */
async function freeBytesAt(path: string): Promise<number | null> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isMissing || folder === dirname(folder)) return null;
    }
  }
}
