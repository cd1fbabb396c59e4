import { MemoryError, ParquetError, PipelineError } from '../errors/errors.js';
import type { ByteSource } from '../io/byte-source.js';
import { type Extract, extractFile } from './extract-file.js';
import { readFooter } from './footer.js';
import { chunkIndexOf, rowCountOf } from './footer-chunks.js';
import type { OnRows, ParquetFooter, RowGroupReader } from './reader.js';
import { rowsBehind } from './rows-behind.js';
import { sourceColumn } from './source-column.js';
import { columnIndexOf } from './wanted-columns.js';
import { DecoderError, type OnBatch, type RowRange, WasmDecoder } from './wasm-decoder.js';
import { wasmBytesNeeded } from './wasm-need.js';

/** An instance whose memory has grown beyond this is dropped after the read that did it. */
const MEMORY_BYTES_MAX = 256 * 1024 * 1024;
/** Compressed bytes of one read: it holds them twice, once in the decoder's memory of 4 GiB. */
const READ_BYTES_MAX = 1024 * 1024 * 1024;
/** Buffers up to this size are kept for the next read. */
const SPARE_BYTES_MAX = 64 * 1024 * 1024;
/** Rows that are decoded at once, so that a row group of a whole day does not fill the memory. */
const DECODED_ROWS_MAX = 2_097_152;

/** It stumbles over files that are whole, too, so that it gave up proves no damage. */
const DAMAGED_OR_STRANGE =
  'Either the file is damaged, or it holds what parquet-wasm does not read: fetch it again, or write ' +
  'it anew with plain or dictionary pages.';

export interface WasmReaderOptions {
  /** parquet-wasm, compiled: {@link compileParquetWasm}. May come from another thread. */
  readonly module: WebAssembly.Module;
  /** The file's footer, if it was read before. */
  readonly footer?: ParquetFooter;
  /** Memory that a read may take, about; by default any. */
  readonly bytesMax?: number;
}

/**
 * The general reader: flat columns of every encoding and codec that parquet-wasm knows. It holds
 * the compressed bytes of what is asked for, and hands over at most 2,097,152 rows at once (beyond
 * that it decodes in turns, at half the speed, where it can pass over the rows before). All readers of a thread share one instance of the
 * decoder; decoding is synchronous, so several reads may be under way while their bytes are
 * fetched. onRows runs inside the decoder and must not read or wait.
 *
 * It takes the source over: close() closes it.
 * @throws what {@link readFooter} throws, when the footer is not given
 */
export async function openWasmRowGroupReader(
  source: ByteSource,
  options: WasmReaderOptions,
): Promise<RowGroupReader> {
  const footer = options.footer ?? (await readFooter(source));
  return new WasmRowGroupReader(source, footer, options);
}

class WasmRowGroupReader implements RowGroupReader {
  readonly footer: ParquetFooter;
  readonly #source: ByteSource;
  readonly #module: WebAssembly.Module;
  readonly #bytesMax: number;
  /** Buffers of finished reads, for the next ones. */
  readonly #spare: Uint8Array[] = [];

  constructor(source: ByteSource, footer: ParquetFooter, options: WasmReaderOptions) {
    this.footer = footer;
    this.#source = source;
    this.#module = options.module;
    this.#bytesMax = options.bytesMax ?? Infinity;
  }

  readRowGroup(index: number, columnNames: readonly string[], onRows: OnRows): Promise<void> {
    return this.readRowGroups([index], columnNames, onRows);
  }

  async readRowGroups(
    indexes: readonly number[],
    columnNames: readonly string[],
    onRows: OnRows,
  ): Promise<void> {
    const extract = {
      rowGroupIndexes: indexes.filter((index) => rowCountOf(this.footer, index) > 0),
      columnIndexes: columnNames.map((name) => columnIndexOf(this.footer, name)),
    };
    if (extract.rowGroupIndexes.length === 0 || columnNames.length === 0) return;
    this.#refuseTooLarge(extract);
    this.#refuseBeyondMemory(extract);
    await this.#read(extract, onRows);
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  async #read(extract: Extract, onRows: OnRows): Promise<void> {
    const buffer = this.#spare.pop() ?? new Uint8Array(0);
    const file = await extractFile(this.#source, this.footer, extract, buffer);
    try {
      this.#decode(file, extract, onRows);
    } catch (cause) {
      if (!(cause instanceof DecoderFailure)) throw cause;
      throw await this.#located(cause, extract);
    } finally {
      if (file.buffer.byteLength <= SPARE_BYTES_MAX) this.#spare.push(new Uint8Array(file.buffer));
      dropGrownDecoder(this.#module);
    }
  }

  #decode(file: Uint8Array, { rowGroupIndexes, columnIndexes }: Extract, onRows: OnRows): void {
    const infos = columnIndexes.map((index) => this.footer.columns[index]!);
    const rowCount = rowGroupIndexes.reduce((sum, i) => sum + rowCountOf(this.footer, i), 0);
    let rowsDecoded = 0;
    const decode = (range: RowRange, take: OnRows): void =>
      runDecoder(this.#module, file, range, (arrays, memory) => {
        const rows = arrays[0]!.length;
        rowsDecoded += rows;
        // More rows than announced would run over what the caller has prepared for them.
        if (rowsDecoded > rowCount) return;
        take(
          arrays.map((array, place) => sourceColumn(infos[place]!, array, memory)),
          rows,
        );
      });
    if (rowCount <= DECODED_ROWS_MAX) {
      // A single range is left open: with one the decoder stops at the rows that are announced,
      // and more of them would not show.
      decode({ batchSize: rowCount }, onRows);
    } else {
      for (let offset = 0; offset < rowCount; offset += DECODED_ROWS_MAX) {
        const range = { batchSize: DECODED_ROWS_MAX, limit: DECODED_ROWS_MAX, offset };
        try {
          decode(range, onRows);
        } catch (cause) {
          if (offset === 0 || !(cause instanceof DecoderFailure)) throw cause;
          // What it reads it may not be able to pass over, such as deltas in DuckDB's large
          // miniblocks: then all rows are decoded at once, in as much memory as that takes.
          rowsDecoded = 0;
          decode({ batchSize: DECODED_ROWS_MAX }, rowsBehind(offset, onRows));
          break;
        }
      }
    }
    if (rowsDecoded !== rowCount) {
      throw new DecoderFailure(null, { found: rowsDecoded, expected: rowCount });
    }
  }

  /** Tries row groups and columns one by one, to name the first that fails. */
  async #located(failure: DecoderFailure, extract: Extract): Promise<ParquetError> {
    for (const rowGroup of extract.rowGroupIndexes) {
      for (const columnIndex of extract.columnIndexes) {
        const single = { rowGroupIndexes: [rowGroup], columnIndexes: [columnIndex] };
        const file = await extractFile(this.#source, this.footer, single, new Uint8Array(0));
        try {
          this.#decode(file, single, () => undefined);
        } catch (cause) {
          if (!(cause instanceof DecoderFailure)) throw cause;
          return this.#corruptError(cause, rowGroup, this.footer.columns[columnIndex]!.name);
        }
      }
    }
    return this.#corruptError(failure, extract.rowGroupIndexes[0]!, null);
  }

  #corruptError(failure: DecoderFailure, rowGroup: number, column: string | null): ParquetError {
    const { name } = this.footer;
    const where = `${name}, row group ${rowGroup}${column === null ? '' : `, column ${column}`}`;
    const details = { path: name, rowGroup, column };
    if (failure.count !== null) {
      const { found, expected } = failure.count;
      return new ParquetError(
        'ERR_PARQUET_ROW_COUNT',
        `${where}: parquet-wasm found ${found} rows in its pages, the footer says ${expected}. ` +
          DAMAGED_OR_STRANGE,
        { details: { ...details, found, expected } },
      );
    }
    const { cause } = failure;
    const reason = reasonOf(cause);
    if (reason.startsWith('NYI')) {
      const message = `${where}: its pages are encoded in a way that is not read: ${reason}.`;
      return new ParquetError('ERR_PARQUET_UNSUPPORTED', message, { cause, details });
    }
    return new ParquetError(
      'ERR_PARQUET_CORRUPT',
      `${where}: parquet-wasm, which reads what depthmill's own kernels do not, gave up: ` +
        `${reason}. ${DAMAGED_OR_STRANGE}`,
      { cause, details },
    );
  }

  #refuseTooLarge({ rowGroupIndexes, columnIndexes }: Extract): void {
    let bytes = 0;
    for (const rowGroup of rowGroupIndexes) {
      for (const column of columnIndexes) {
        bytes += this.footer.chunks.byteLengths[chunkIndexOf(this.footer, rowGroup, column)]!;
      }
    }
    if (bytes <= READ_BYTES_MAX) return;
    const [first] = rowGroupIndexes;
    throw new ParquetError(
      'ERR_PARQUET_UNSUPPORTED',
      `${this.footer.name}, row group ${first}: ${bytes} bytes at once are more than the ` +
        `${READ_BYTES_MAX} that are read; write the file with smaller row groups (131,072 rows).`,
      { details: { path: this.footer.name, rowGroup: first!, bytes, bytesMax: READ_BYTES_MAX } },
    );
  }

  /** Its memory is none of the shared one: it is what comes on top, and must not be any size. */
  #refuseBeyondMemory(extract: Extract): void {
    const bytes = wasmBytesNeeded(this.footer, extract, DECODED_ROWS_MAX);
    if (bytes <= this.#bytesMax) return;
    const [first] = extract.rowGroupIndexes;
    const { name } = this.footer;
    const inMb = (of: number): string => `${Math.ceil(of / 1e6)}MB`;
    throw new MemoryError(
      'ERR_MEMORY_TOO_SMALL',
      `${name}, row group ${first}: parquet-wasm, which reads what depthmill's own kernels do not, needs` +
        ` about ${inMb(bytes)} for it; a worker's part of --memory is ${inMb(this.#bytesMax)}. Give more,` +
        ' or use fewer workers, or write the file with smaller row groups (131,072 rows).',
      { details: { path: name, rowGroup: first!, bytes, bytesMax: this.#bytesMax } },
    );
  }
}

/** The decoder threw (`cause`), or gave another number of rows than it should have (`count`). */
class DecoderFailure extends Error {
  readonly count: { readonly found: number; readonly expected: number } | null;

  constructor(cause: unknown, count: DecoderFailure['count'] = null) {
    super('decoding failed', { cause });
    this.count = count;
  }
}

/** The decoder's own words, without the names of its layers. */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (!(cause instanceof DecoderError)) return `it panicked (${text})`;
  return text.replace(/^Parquet argument error: /, '').replace(/^(?:Parquet error|External): /, '');
}

/** The instance of this thread, by module. */
const decoders = new WeakMap<WebAssembly.Module, WasmDecoder>();

function runDecoder(
  module: WebAssembly.Module,
  file: Uint8Array,
  range: RowRange,
  onBatch: OnBatch,
): void {
  let decoder = decoders.get(module);
  if (decoder === undefined) {
    decoder = new WasmDecoder(module);
    decoders.set(module, decoder);
  }
  // Errors of the caller's own callback must come out as they are.
  let callbackError: { readonly error: unknown } | null = null;
  try {
    decoder.decode(file, range, (arrays, memory) => {
      try {
        onBatch(arrays, memory);
      } catch (error) {
        callbackError = { error };
        throw error;
      }
    });
  } catch (cause) {
    if (callbackError !== null) throw cause;
    // After a panic nothing is known about what the instance holds.
    if (!(cause instanceof DecoderError)) decoders.delete(module);
    if (cause instanceof PipelineError) throw cause;
    throw new DecoderFailure(cause);
  }
}

/** Memory of an instance never shrinks: one that grew large in this read is dropped. */
function dropGrownDecoder(module: WebAssembly.Module): void {
  const memoryBytes = decoders.get(module)?.memoryBytes ?? 0;
  if (memoryBytes > MEMORY_BYTES_MAX) decoders.delete(module);
}
