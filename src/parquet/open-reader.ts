import type { ByteSource } from '../io/byte-source.js';
import { readFooter } from './footer.js';
import { rowCountOf } from './footer-chunks.js';
import { type PageReaderTools, readPages } from './page-reader.js';
import { readPathOf } from './read-path.js';
import type { OnRows, ParquetFooter, RowGroupReader, RowPlaces } from './reader.js';
import { rowsBehind } from './rows-behind.js';
import { columnIndexOf } from './wanted-columns.js';
import { openWasmRowGroupReader } from './wasm-reader.js';

export interface OpenReaderOptions {
  /** The file's footer, if it was read before. */
  readonly footer?: ParquetFooter;
  /** What the page kernels work with. */
  readonly tools: PageReaderTools;
  /** Compiles parquet-wasm: called when the first file needs it. May be one promise for all. */
  readonly parquetModule: () => Promise<WebAssembly.Module>;
}

/**
 * Opens a file for reading row groups: with the page kernels what they cover, with parquet-wasm
 * the rest. Both give the same values. It takes the source over: close() closes it.
 *
 * @throws what {@link readFooter} throws, when the footer is not given
 */
export async function openRowGroupReader(
  source: ByteSource,
  options: OpenReaderOptions,
): Promise<RowGroupReader> {
  const footer = options.footer ?? (await readFooter(source));
  return new FileReader(source, footer, options);
}

class FileReader implements RowGroupReader {
  readonly footer: ParquetFooter;
  readonly #source: ByteSource;
  readonly #options: OpenReaderOptions;
  #general: Promise<RowGroupReader> | null = null;

  constructor(source: ByteSource, footer: ParquetFooter, options: OpenReaderOptions) {
    this.footer = footer;
    this.#source = source;
    this.#options = options;
  }

  readRowGroup(index: number, columnNames: readonly string[], onRows: OnRows): Promise<void> {
    return this.readRowGroups([index], columnNames, onRows);
  }

  async readRowGroups(
    indexes: readonly number[],
    columnNames: readonly string[],
    onRows: OnRows,
    places: RowPlaces | null = null,
  ): Promise<void> {
    const columnIndexes = columnNames.map((name) => columnIndexOf(this.footer, name));
    const rowGroupIndexes = indexes.filter((index) => rowCountOf(this.footer, index) > 0);
    if (rowGroupIndexes.length === 0 || columnNames.length === 0) return;
    const path = readPathOf(this.footer, { rowGroupIndexes, columnIndexes });
    if (path.reader === 'parquet-wasm') {
      const general = await this.#generalReader();
      await general.readRowGroups(rowGroupIndexes, columnNames, onRows);
      return;
    }
    const read = { rowGroupIndexes, columnIndexes, onRows, places };
    const stop = await readPages(this.#source, this.footer, this.#options.tools, read);
    if (stop === null) return;
    // A page of a kind that shows in its header only: the general reader goes on at that row.
    const general = await this.#generalReader();
    const rest = rowGroupIndexes.slice(stop.rowGroupPlace);
    await general.readRowGroups(rest, columnNames, rowsBehind(stop.rowsDone, onRows));
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  #generalReader(): Promise<RowGroupReader> {
    this.#general ??= this.#options
      .parquetModule()
      .then((module) => openWasmRowGroupReader(this.#source, { module, footer: this.footer }));
    return this.#general;
  }
}
