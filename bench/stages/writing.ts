import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROW_GROUP_ROWS, SLOT_BYTES } from '#src/abi/limits.js';
import { BYTE_DIGEST_BYTES, ByteDigest } from '#src/core/byte-digest.js';
import { FileSink } from '#src/io/file-sink.js';
import type { TableLayout } from '#src/memory/column-layout.js';
import {
  encodeRowGroup,
  encodeScratchBytes,
  rowGroupBytesMax,
} from '#src/parquet/encode-row-group.js';
import { ParquetFileWriter } from '#src/parquet/file-writer.js';
import type { EncodedRowGroup, WriteColumn } from '#src/parquet/write-types.js';
import { writeColumns } from '#src/pipeline/output-tables.js';
import type { BenchMemory } from '../bench-memory.js';
import { BOOK_LAYOUT, type Chunks } from './booking.js';
import type { Stage } from './stage.js';

/** Rows of a chunk at an address, as they lie in a slot. */
export interface TableChunk {
  readonly ptr: number;
  readonly rowCount: number;
}

/** A table cut into row groups of about ROW_GROUP_ROWS rows, and what they are encoded to. */
export class EncodedTable {
  readonly columns: readonly WriteColumn[];
  readonly groups: readonly (readonly TableChunk[])[];
  readonly encoded: EncodedRowGroup[] = [];
  readonly #memory: BenchMemory;
  readonly #layout: TableLayout;
  readonly #scratch: { readonly ptr: number; readonly byteLength: number };
  readonly #out: readonly { readonly ptr: number; readonly byteLength: number }[];

  constructor(memory: BenchMemory, layout: TableLayout, chunks: readonly TableChunk[]) {
    this.#memory = memory;
    this.#layout = layout;
    this.columns = writeColumns(layout);
    const groups: TableChunk[][] = [];
    let rowsInGroup = ROW_GROUP_ROWS;
    for (const chunk of chunks) {
      if (rowsInGroup >= ROW_GROUP_ROWS) groups.push([]);
      if (rowsInGroup >= ROW_GROUP_ROWS) rowsInGroup = 0;
      groups.at(-1)!.push(chunk);
      rowsInGroup += chunk.rowCount;
    }
    this.groups = groups;
    const byteLength = encodeScratchBytes();
    this.#scratch = { ptr: memory.buffer(byteLength), byteLength };
    this.#out = groups.map((group) => {
      const bytesMax = rowGroupBytesMax(this.columns, rowCountOf(group)) + SLOT_BYTES;
      return { ptr: memory.buffer(bytesMax), byteLength: bytesMax };
    });
  }

  /** Encodes a row group into memory of its own, where it stays. */
  encode(group: number): void {
    const chunks = this.groups[group]!;
    this.encoded[group] = encodeRowGroup(this.#memory.core, this.#scratch, {
      columns: this.columns,
      places: this.#layout.columns,
      segments: chunks.map(({ ptr, rowCount }) => ({ slotPtr: ptr, rowStart: 0, rowCount })),
      rowCount: rowCountOf(chunks),
      codec: 'none',
      out: [this.#out[group]!],
    });
  }

  get encodedBytes(): number {
    return this.encoded
      .flatMap(({ chunks }) => chunks)
      .reduce((sum, { byteLength }) => sum + byteLength, 0);
  }
}

const rowCountOf = (chunks: readonly TableChunk[]): number =>
  chunks.reduce((sum, { rowCount }) => sum + rowCount, 0);

/** Encoding and writing of both tables; the stages before have filled the chunks. */
export function writingStages(
  memory: BenchMemory,
  { slots, rowCounts, bookPtrs, bookRowCounts }: Chunks,
  folder: string,
): Stage[] {
  const depth = rowCounts.map((rowCount, chunk) => ({ ptr: slots.ptr(chunk), rowCount }));
  const book = bookPtrs.map((ptr, chunk) => ({ ptr, rowCount: bookRowCounts[chunk]! }));
  const tables = [
    {
      name: 'depth',
      rowBytes: 5 * 8 + 4 + 1 / 8,
      table: new EncodedTable(memory, slots.layout, depth),
    },
    { name: 'book', rowBytes: 7 * 8 + 4.5, table: new EncodedTable(memory, BOOK_LAYOUT, book) },
  ];
  const encoding = tables.map(({ name, rowBytes, table }): Stage => {
    return {
      name: `encode ${name}`,
      pieces: table.groups.length,
      run: (group) => table.encode(group),
      bytesIn: rowCountOf(table.groups.flat()) * rowBytes,
      bytesOut: () => table.encodedBytes,
      bytesCopied: 0,
    };
  });
  // Encoded once here, so that the stage of writing knows its bytes.
  for (const { table } of tables) {
    for (const group of table.groups.keys()) table.encode(group);
  }
  const bytes = tables.reduce((sum, { table }) => sum + table.encodedBytes, 0);
  const digestPtr = memory.buffer(BYTE_DIGEST_BYTES);
  const write: Stage = {
    name: 'write (digest, page index, footer; no sync)',
    pieces: tables.length,
    run: (piece) => {
      const { name, table } = tables[piece]!;
      return writeTable(memory, table, join(folder, `${name}.parquet`), digestPtr);
    },
    bytesIn: bytes,
    bytesOut: () => bytes,
    // By the system, into the page cache.
    bytesCopied: bytes,
  };
  return [...encoding, write];
}

/** Writes a table's encoded row groups to a file in the place of the one before. */
export function writeTable(
  memory: BenchMemory,
  table: EncodedTable,
  path: string,
  digestPtr: number | null,
): Promise<void> {
  return writeFile(memory, table, path, { digestPtr, before: () => undefined });
}

/** The same, each row group encoded while the one before it is written, as in a run. */
export function encodeAndWriteTable(
  memory: BenchMemory,
  table: EncodedTable,
  path: string,
): Promise<void> {
  return writeFile(memory, table, path, {
    digestPtr: null,
    before: (group) => table.encode(group),
  });
}

/** @param options.before called before each row group is handed to the file */
async function writeFile(
  memory: BenchMemory,
  table: EncodedTable,
  path: string,
  options: { readonly digestPtr: number | null; readonly before: (group: number) => void },
): Promise<void> {
  rmSync(path, { force: true });
  const { core } = memory;
  const sink = await FileSink.create(path, { sync: false });
  const { columns } = table;
  const { digestPtr, before } = options;
  const digest = digestPtr === null ? {} : { digest: new ByteDigest(core, digestPtr) };
  const writer = new ParquetFileWriter(sink, { columns, ...digest });
  let written = Promise.resolve();
  for (const group of table.groups.keys()) {
    before(group);
    await written;
    written = writer.appendRowGroup(core.views, table.encoded[group]!);
  }
  await written;
  await writer.finish();
  await sink.publish();
}
