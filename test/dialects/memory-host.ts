import type { FoundFile } from '#src/dialects/plan.js';
import type { PlanHost } from '#src/dialects/probe.js';
import { InputError } from '#src/errors/errors.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import type { OpenRowGroupReader } from '#src/parquet/reader.js';

/** Files in memory, to plan from without a disk. Paths are free: they decide table and instrument. */
export class MemoryHost implements PlanHost {
  readonly readFooter = readFooter;
  readonly openReader: OpenRowGroupReader;
  /** Row groups that planning has read. */
  rowGroupsRead = 0;
  readonly #files = new Map<string, Uint8Array>();

  constructor(openReader: OpenRowGroupReader) {
    this.openReader = async (source, footer) => {
      const reader = await openReader(source, footer);
      return {
        footer: reader.footer,
        readRowGroup: (...args) => {
          this.rowGroupsRead++;
          return reader.readRowGroup(...args);
        },
        readRowGroups: (indexes, ...args) => {
          this.rowGroupsRead += indexes.length;
          return reader.readRowGroups(indexes, ...args);
        },
        close: () => reader.close(),
      };
    };
  }

  add(path: string, bytes: Uint8Array): FoundFile {
    this.#files.set(path, bytes);
    return { path, mtimeNs: 0n };
  }

  get found(): FoundFile[] {
    return [...this.#files.keys()].map((path) => ({ path, mtimeNs: 0n }));
  }

  async openSource(path: string): ReturnType<PlanHost['openSource']> {
    const bytes = this.#files.get(path);
    if (bytes === undefined) throw new InputError('ERR_INPUT_NOT_FOUND', `${path} is not there.`);
    return memorySource(path, bytes);
  }
}
