import { openGatheredReader } from '../dialects/gathered-reader.js';
import { isGathered, type PlannedFile } from '../dialects/types.js';
import { gunzipStream } from '../io/file-gunzip.js';
import { openFileSource } from '../io/file-source.js';
import { spillSource } from '../io/file-spill.js';
import { compileParquetWasm } from '../parquet/load-node.js';
import type { PageReaderTools } from '../parquet/page-reader.js';
import type { RowGroupReader } from '../parquet/reader.js';
import { openInputReader } from '../text/input-file.js';
import { textFactsOf } from '../text/text-footer.js';

/** Open files that a thread keeps for the next unit. */
const READERS_MAX = 8;

/** A capture holds several tables, each with a reader of its own. */
function keyOf({ path, footer }: PlannedFile): string {
  const lines = textFactsOf(footer)?.lines ?? null;
  return lines !== null && 'stream' in lines ? `${path}\0${lines.stream}` : path;
}

/**
 * What a file's pieces of work stick to: a packed text is read forward, and each thread that reads
 * of it would unpack all of it. null: any thread may read any piece.
 */
export function stickyKeyOf(file: PlannedFile): string | null {
  if (isGathered(file)) return null;
  return textFactsOf(file.footer)?.isGzip === true ? keyOf(file) : null;
}

/** The readers of one thread: a file stays open for its next unit, but not too many do. */
export class FileReaders {
  readonly #tools: PageReaderTools;
  /** By keyOf; the one that was used last stands last. */
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
    if (isGathered(file)) {
      const source = spillSource(file.gathered.spill);
      return use(openGatheredReader(file, source, this.#tools));
    }
    const key = keyOf(file);
    this.#inUse.set(key, (this.#inUse.get(key) ?? 0) + 1);
    try {
      return await use(await this.#open(file));
    } finally {
      const left = this.#inUse.get(key)! - 1;
      if (left === 0) this.#inUse.delete(key);
      else this.#inUse.set(key, left);
      await this.#closeOld();
    }
  }

  /** Closes all files; none may be in use. */
  async close(): Promise<void> {
    for (const reader of this.#readers.values()) await (await reader).close();
    this.#readers.clear();
  }

  async #open(file: PlannedFile): Promise<RowGroupReader> {
    const { path, footer } = file;
    const key = keyOf(file);
    const options = {
      tools: this.#tools,
      parquetModule: compileParquetWasm,
      openGunzip: gunzipStream,
      footer,
    };
    const reader =
      this.#readers.get(key) ??
      openFileSource(path).then((source) => openInputReader(source, options));
    this.#readers.delete(key);
    this.#readers.set(key, reader);
    try {
      return await reader;
    } catch (error) {
      this.#readers.delete(key);
      throw error;
    }
  }

  async #closeOld(): Promise<void> {
    for (const [key, reader] of this.#readers) {
      if (this.#readers.size <= READERS_MAX) return;
      if (this.#inUse.has(key)) continue;
      this.#readers.delete(key);
      await (await reader).close();
    }
  }
}
