import { ParquetError } from '../errors/errors.js';
import type { ByteSource } from '../io/byte-source.js';
import { readFooter } from './footer.js';
import { rowCountOf } from './footer-chunks.js';
import { type ReadNative, readMixed } from './mixed-reader.js';
import { type PageRead, type PageReaderTools, readPages } from './page-reader.js';
import { readPathOf } from './read-path.js';
import type { OnRows, ParquetFooter, RowGroupReader, RowPlaces } from './reader.js';
import { rowsBehind } from './rows-behind.js';
import { unsignedChecked } from './unsigned-columns.js';
import { columnIndexOf } from './wanted-columns.js';
import { openWasmRowGroupReader } from './wasm-reader.js';

export interface OpenReaderOptions {
  /** The file's footer, if it was read before. */
  readonly footer?: ParquetFooter;
  /** What the page kernels work with. */
  readonly tools: PageReaderTools;
  /** Compiles parquet-wasm: called when the first file needs it. May be one promise for all. */
  readonly parquetModule: () => Promise<WebAssembly.Module>;
  /** Memory that parquet-wasm may take for a read, about; by default any. */
  readonly wasmBytesMax?: number;
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

type WantedRows = Omit<PageRead, 'takesAll'>;

/** Row groups that are not read yet; of the first of them rowsDone rows were handed over. */
interface RestOfRows {
  readonly rowGroupIndexes: readonly number[];
  readonly rowsDone: number;
}

class FileReader implements RowGroupReader {
  readonly footer: ParquetFooter;
  readonly #source: ByteSource;
  readonly #options: OpenReaderOptions;
  #general: Promise<RowGroupReader> | null = null;
  /** Half of the region was too small for a read: the next ones of this file get all of it. */
  #takesAll = false;

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
    const infos = columnIndexes.map((index) => this.footer.columns[index]!);
    const checked = unsignedChecked(this.footer.name, infos, onRows);
    const read = { rowGroupIndexes, columnIndexes, onRows: checked, places };
    if (path.reader === 'parquet-wasm') return this.#readWithGeneral(read, columnNames);
    const rest = await this.#readWithPages(read);
    if (rest === null) return;
    // A page of a kind that shows in its header only: the general reader goes on at that row.
    const general = await this.#generalReader();
    const onRestRows = rowsBehind(rest.rowsDone, checked);
    await general.readRowGroups(rest.rowGroupIndexes, columnNames, onRestRows);
  }

  /**
   * With the page kernels: in half of the region, so that two reads go side by side, or in all of it
   * where that is full (tables of many columns). Returns what is left for the general reader.
   */
  async #readWithPages(read: WantedRows): Promise<RestOfRows | null> {
    let rest: RestOfRows = { rowGroupIndexes: read.rowGroupIndexes, rowsDone: 0 };
    let { places } = read;
    for (;;) {
      const takesAll = this.#takesAll;
      const { rowGroupIndexes, rowsDone } = rest;
      const onRows = rowsDone === 0 ? read.onRows : rowsBehind(rowsDone, read.onRows);
      const part = { ...read, rowGroupIndexes, onRows, places, takesAll };
      const stop = await readPages(this.#source, this.footer, this.#options.tools, part);
      if (stop === null) return null;
      const { rowGroupPlace } = stop;
      rest = {
        rowGroupIndexes: rowGroupIndexes.slice(rowGroupPlace),
        rowsDone: rowGroupPlace === 0 ? Math.max(rowsDone, stop.rowsDone) : stop.rowsDone,
      };
      if (!stop.isFull || takesAll) return rest;
      this.#takesAll = true;
      // Rows come once more now, to be passed over: not into the places of those behind them.
      if (rest.rowsDone > 0) places = roomOf(places);
    }
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** With parquet-wasm; where that refuses a column that the kernels read, with both. */
  async #readWithGeneral(read: WantedRows, names: readonly string[]): Promise<void> {
    const { rowGroupIndexes, columnIndexes, onRows, places } = read;
    const general = await this.#generalReader();
    let isBegun = false;
    try {
      await general.readRowGroups(rowGroupIndexes, names, (columns, rowCount) => {
        isBegun = true;
        onRows(columns, rowCount);
      });
    } catch (refusal) {
      const native: number[] = [];
      const foreign: number[] = [];
      for (const [place, column] of columnIndexes.entries()) {
        (this.#isNative(rowGroupIndexes, column) ? native : foreign).push(place);
      }
      const refused = refusal instanceof ParquetError ? refusal.details.column : null;
      if (isBegun || !native.some((place) => names[place] === refused)) throw refusal;
      for (const rowGroup of rowGroupIndexes) {
        const mixed = { names, native, foreign };
        const readNative = this.#readNative(rowGroup);
        if (!(await readMixed(general, rowGroup, mixed, readNative, onRows, places))) throw refusal;
      }
    }
  }

  #isNative(rowGroupIndexes: readonly number[], column: number): boolean {
    const wanted = { rowGroupIndexes, columnIndexes: [column] };
    return readPathOf(this.footer, wanted).reader === 'page-kernels';
  }

  #readNative(rowGroup: number): ReadNative {
    return async (names, onRows, places) => {
      const columnIndexes = names.map((name) => columnIndexOf(this.footer, name));
      const read = { rowGroupIndexes: [rowGroup], columnIndexes, onRows, places };
      return (await this.#readWithPages(read)) === null;
    };
  }

  #generalReader(): Promise<RowGroupReader> {
    const { parquetModule, wasmBytesMax: bytesMax = Infinity } = this.#options;
    this.#general ??= parquetModule().then((module) =>
      openWasmRowGroupReader(this.#source, { module, footer: this.footer, bytesMax }),
    );
    return this.#general;
  }
}

/** The same ends of runs, and values where the reader puts them. */
function roomOf(places: RowPlaces | null): RowPlaces | null {
  return places && { room: () => places.room(), placeOf: () => null };
}
