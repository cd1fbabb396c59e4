import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Bool, Int32, Int64, makeVector, Table, tableToIPC } from 'apache-arrow';
import {
  Compression,
  EnabledStatistics,
  initSync,
  Table as WasmTable,
  WriterPropertiesBuilder,
  writeParquet,
} from 'parquet-wasm/esm';
import { type TableLayout, valuesBytes } from '#src/memory/column-layout.js';
import type { BenchMemory } from '../bench-memory.js';
import type { TableChunk } from './writing.js';

/** parquet-wasm's writer over the rows that ours has, with its fastest settings. */
export class ParquetWasmWriter {
  readonly #ipc: Uint8Array;

  constructor(memory: BenchMemory, layout: TableLayout, chunks: readonly TableChunk[]) {
    const path = fileURLToPath(import.meta.resolve('parquet-wasm/esm/parquet_wasm_bg.wasm'));
    initSync({ module: readFileSync(path) });
    const length = chunks.reduce((sum, { rowCount }) => sum + rowCount, 0);
    const columns = layout.columns.map(({ name, type, valuesOffset }) => {
      // Chunks are of whole bytes of bits, but for the last.
      const parts = chunks.map(({ ptr, rowCount }) =>
        memory.core.views.bytes(ptr + valuesOffset, valuesBytes(type, rowCount)),
      );
      const data = new Uint8Array(Buffer.concat(parts)).buffer;
      if (type === 'bool') {
        const bits = new Uint8Array(data);
        return [name, makeVector({ type: new Bool(), length, nullCount: 0, data: bits })];
      }
      return type === 'int32'
        ? [
            name,
            makeVector({ type: new Int32(), length, nullCount: 0, data: new Int32Array(data) }),
          ]
        : [
            name,
            makeVector({ type: new Int64(), length, nullCount: 0, data: new BigInt64Array(data) }),
          ];
    });
    this.#ipc = tableToIPC(new Table(Object.fromEntries(columns)), 'stream');
  }

  /** The rows in parquet-wasm's own memory, for one call of write. */
  table(): WasmTable {
    return WasmTable.fromIPCStream(this.#ipc);
  }

  /** Takes `table` over. @returns the file's bytes */
  write(table: WasmTable): Uint8Array {
    // No codec, no dictionaries, no statistics.
    const properties = new WriterPropertiesBuilder()
      .setCompression(Compression.UNCOMPRESSED)
      .setDictionaryEnabled(false)
      .setStatisticsEnabled(EnabledStatistics.None)
      .build();
    return writeParquet(table, properties);
  }
}
