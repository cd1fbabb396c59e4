import { type Core, instantiateCore } from '../core/core.js';
import { compileCore } from '../core/load-node.js';
import { openFileSource } from '../io/file-source.js';
import { Arena } from '../memory/arena.js';
import { createSharedMemory } from '../memory/shared-memory.js';
import type { FooterTools } from '../parquet/footer-kernel.js';
import { compileParquetWasm, pageReaderTools } from '../parquet/load-node.js';
import { openRowGroupReader } from '../parquet/open-reader.js';
import type { PageReaderTools } from '../parquet/page-reader.js';
import type { OnRows, RowGroupReader, SourceColumn } from '../parquet/reader.js';
import { type RowSlice, readRowSlice } from '../parquet/row-slice.js';
import { READING_BYTES } from '../pipeline/memory-map.js';
import type { StoredFile } from './stored-files.js';

/** Address 0 stays free, as in every memory of a core. */
const REGION_PTR = 65_536;

/** A run of consecutive rows; the views are valid inside the callback only. */
export interface RowRun {
  readonly columns: readonly SourceColumn[];
  /** Of the row group. */
  readonly firstRow: number;
  readonly rowCount: number;
}

/** Thrown by a callback that has seen enough, and caught where the read was begun. */
class Enough extends Error {}

/** Reads rows of stored files on this thread, one row group at a time, in a fixed memory. */
export class StoredReader {
  readonly core: Core;
  /** Memory for other use of the core, as much as was asked for. */
  readonly arena: Arena;
  readonly #tools: PageReaderTools;
  #reader: RowGroupReader | null = null;
  #path = '';

  /** @param arenaBytes only what is touched of them costs memory */
  constructor(arenaBytes = 0) {
    const memory = createSharedMemory(REGION_PTR + READING_BYTES + arenaBytes);
    this.core = instantiateCore(compileCore(), memory);
    this.#tools = pageReaderTools(this.core, { ptr: REGION_PTR, byteLength: READING_BYTES });
    const ptr = REGION_PTR + READING_BYTES;
    this.arena = new Arena({ name: 'reader', ptr, byteLength: arenaBytes });
  }

  /**
   * Hands the named columns of a row group over in runs, until `onRun` says that it is enough.
   *
   * @param slice the rows of the row group that are wanted; null: all
   * @param onRun gives false when no more rows are wanted; then the rest is not decoded
   * @returns whether more rows are wanted
   * @throws as RowGroupReader.readRowGroup
   */
  async read(
    file: StoredFile,
    rowGroup: number,
    columnNames: readonly string[],
    onRun: (run: RowRun) => boolean,
    slice: RowSlice | null = null,
  ): Promise<boolean> {
    const reader = await this.#open(file);
    let firstRow = slice?.start ?? 0;
    const onRows: OnRows = (columns, rowCount) => {
      if (!onRun({ columns, firstRow, rowCount })) throw new Enough();
      firstRow += rowCount;
    };
    try {
      if (slice === null) await reader.readRowGroup(rowGroup, columnNames, onRows);
      else {
        const read = { rowGroupIndex: rowGroup, columnNames };
        await readRowSlice(reader, read, slice, onRows, null);
      }
      return true;
    } catch (error) {
      if (error instanceof Enough) return false;
      throw error;
    }
  }

  /** What reads footers while no rows are read. */
  get footerTools(): FooterTools {
    return { core: this.core, ...this.#tools.region };
  }

  /** Closes the file that is open. */
  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = null;
    this.#path = '';
  }

  async #open({ path, footer }: StoredFile): Promise<RowGroupReader> {
    if (this.#reader !== null && this.#path === path) return this.#reader;
    await this.close();
    const source = await openFileSource(path);
    const parquetModule = compileParquetWasm;
    this.#reader = await openRowGroupReader(source, { tools: this.#tools, parquetModule, footer });
    this.#path = path;
    return this.#reader;
  }
}
