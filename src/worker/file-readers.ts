import type { PlannedFile } from '../dialects/types.js';
import { gunzipStream } from '../io/file-gunzip.js';
import { openFileSource } from '../io/file-source.js';
import { compileParquetWasm } from '../parquet/load-node.js';
import type { PageReaderTools } from '../parquet/page-reader.js';
import type { RowGroupReader } from '../parquet/reader.js';
import { openInputReader } from '../text/input-file.js';

/** Open files that a thread keeps for the next unit. */
const READERS_MAX = 8;

/** The readers of one thread: a file stays open for its next unit, but not too many do. */
export class FileReaders {
  readonly #tools: PageReaderTools;
  /** By path; the one that was used last stands last. */
  readonly #readers = new Map<string, Promise<RowGroupReader>>();
  readonly #inUse = new Map<string, number>();

  constructor(tools: PageReaderTools) {
    this.#tools = tools;
  }

  /** Lends the file's reader to `use`. */
  async with<Result>(
    file: PlannedFile,
    use: (reader: RowGroupReader) => Promise<Result>,
  ): Promise<Result> {
    const { path } = file;
    this.#inUse.set(path, (this.#inUse.get(path) ?? 0) + 1);
    try {
      return await use(await this.#open(file));
    } finally {
      const left = this.#inUse.get(path)! - 1;
      if (left === 0) this.#inUse.delete(path);
      else this.#inUse.set(path, left);
      await this.#closeOld();
    }
  }

  /** Closes all files; none may be in use. */
  async close(): Promise<void> {
    for (const reader of this.#readers.values()) await (await reader).close();
    this.#readers.clear();
  }

  async #open({ path, footer }: PlannedFile): Promise<RowGroupReader> {
    const options = {
      tools: this.#tools,
      parquetModule: compileParquetWasm,
      openGunzip: gunzipStream,
      footer,
    };
    const reader =
      this.#readers.get(path) ??
      openFileSource(path).then((source) => openInputReader(source, options));
    this.#readers.delete(path);
    this.#readers.set(path, reader);
    try {
      return await reader;
    } catch (error) {
      this.#readers.delete(path);
      throw error;
    }
  }

  async #closeOld(): Promise<void> {
    for (const [path, reader] of this.#readers) {
      if (this.#readers.size <= READERS_MAX) return;
      if (this.#inUse.has(path)) continue;
      this.#readers.delete(path);
      await (await reader).close();
    }
  }
}
