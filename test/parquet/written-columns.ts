// Puts columns of JS values into a shared memory, cut into segments at awkward places, encodes and
// writes them: what the tests of the Parquet writer read back with other readers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instantiateCore } from '#src/core/core.js';
import { FileSink } from '#src/io/file-sink.js';
import { Arena } from '#src/memory/arena.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';
import {
  encodeRowGroup,
  encodeScratchBytes,
  rowGroupBytesMax,
} from '#src/parquet/encode-row-group.js';
import { ParquetFileWriter, type WrittenFile } from '#src/parquet/file-writer.js';
import type {
  Codec,
  EncodedRowGroup,
  MemorySpan,
  RowSegment,
  WriteColumn,
  WritePlace,
} from '#src/parquet/write-types.js';
import type { Prng } from '../prng.js';

export type Value = bigint | number | boolean | null;

export interface TestColumn extends WriteColumn {
  readonly values: readonly Value[];
}

export class WriterBench {
  readonly core;
  readonly #arena: Arena;
  readonly #scratch: MemorySpan;
  readonly folder = mkdtempSync(join(tmpdir(), 'depthmill-write-'));

  constructor(module: WebAssembly.Module, rowCountMax: number, bytes = 256 * 2 ** 20) {
    this.core = instantiateCore(module, createSharedMemory(bytes));
    this.#arena = new Arena({ name: 'test', ptr: 65_536, byteLength: bytes - 65_536 });
    this.#scratch = this.#take(encodeScratchBytes(rowCountMax));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #take(byteLength: number): MemorySpan {
    return { ptr: this.#arena.allocate(byteLength), byteLength };
  }

  /** Encodes rows [start, end) of the columns into spans of about `spanBytes`. */
  encode(
    columns: readonly TestColumn[],
    start: number,
    end: number,
    options: { codec?: Codec; prng: Prng; spanBytes?: number },
  ): EncodedRowGroup {
    const { codec = 'none', prng, spanBytes = 50_000 } = options;
    const taken: MemorySpan[] = [];
    const take = (byteLength: number): MemorySpan => {
      const span = this.#take(byteLength);
      taken.push(span);
      return span;
    };
    const rowsMax = Math.min(20_000, end - start) + 100;
    const { places, slotBytes } = placesOf(columns, rowsMax);
    const segments = this.#segments(columns, places, start, end, { prng, take, slotBytes });
    const bytesMax = rowGroupBytesMax(columns, end - start, codec);
    const out: MemorySpan[] = [];
    for (let left = bytesMax; left > 0; left -= spanBytes) {
      out.push({ ptr: take(Math.min(left, spanBytes)).ptr, byteLength: Math.min(left, spanBytes) });
    }
    const request = { columns, places, segments, rowCount: end - start, codec, out };
    const encoded = encodeRowGroup(this.core, this.#scratch, request);
    for (const span of taken) this.#arena.free(span.ptr, span.byteLength);
    return encoded;
  }

  /** Writes all rows as row groups of `groupRows` under `name`; returns the path and the sums. */
  async write(
    name: string,
    columns: readonly TestColumn[],
    options: {
      codec?: Codec;
      prng: Prng;
      groupRows?: number;
      keyValue?: ReadonlyMap<string, string>;
    },
  ): Promise<WrittenFile & { path: string; encoded: EncodedRowGroup[] }> {
    const rowCount = columns[0]!.values.length;
    const path = join(this.folder, name);
    const sink = await FileSink.create(path);
    const writer = new ParquetFileWriter(sink, { columns });
    const encoded: EncodedRowGroup[] = [];
    const groupRows = options.groupRows ?? rowCount;
    for (let start = 0; start < rowCount; start += groupRows) {
      const end = Math.min(rowCount, start + groupRows);
      const group = this.encode(columns, start, end, options);
      encoded.push(group);
      await writer.appendRowGroup(this.core.views, group);
    }
    const written = await writer.finish(
      options.keyValue === undefined ? {} : { keyValue: options.keyValue },
    );
    await sink.publish();
    return { ...written, path, encoded };
  }

  #segments(
    columns: readonly TestColumn[],
    places: readonly WritePlace[],
    start: number,
    end: number,
    how: { prng: Prng; take: (byteLength: number) => MemorySpan; slotBytes: number },
  ): RowSegment[] {
    const { prng, take, slotBytes } = how;
    const segments: RowSegment[] = [];
    for (let row = start; row < end; ) {
      const rowCount = Math.min(
        end - row,
        prng.chance(0.2) ? prng.int(1, 70) : prng.int(1, 20_000),
      );
      const rowStart = prng.int(0, 100);
      const slotPtr = take(slotBytes).ptr;
      // What stands around the rows must not matter.
      this.core.views.u8.fill(0x5a, slotPtr, slotPtr + slotBytes);
      for (const [i, column] of columns.entries()) {
        this.#put(column, places[i]!, slotPtr, rowStart, column.values.slice(row, row + rowCount));
      }
      segments.push({ slotPtr, rowStart, rowCount });
      row += rowCount;
    }
    return segments;
  }

  #put(
    column: TestColumn,
    { valuesOffset, validityOffset }: WritePlace,
    slotPtr: number,
    rowStart: number,
    values: readonly Value[],
  ): void {
    const { u8 } = this.core.views;
    values.forEach((value, i) => {
      const row = rowStart + i;
      if (validityOffset >= 0) setBit(u8, slotPtr + validityOffset, row, value !== null);
      this.#store(column.type, slotPtr + valuesOffset, row, value);
    });
  }

  #store(type: WriteColumn['type'], ptr: number, row: number, value: Value): void {
    const { views } = this.core;
    if (value === null) return;
    if (type === 'int64') views.i64[ptr / 8 + row] = value as bigint;
    else if (type === 'double') views.f64[ptr / 8 + row] = value as number;
    else if (type === 'bool') setBit(views.u8, ptr, row, value as boolean);
    else views.i32[ptr / 4 + row] = value as number;
  }
}

/** Columns of `rowsMax` rows one behind the other; without missing values some have no bitmap. */
function placesOf(
  columns: readonly TestColumn[],
  rowsMax: number,
): { places: WritePlace[]; slotBytes: number } {
  let slotBytes = 0;
  const take = (byteLength: number): number => {
    const offset = slotBytes;
    slotBytes += Math.ceil((byteLength + 8) / 64) * 64;
    return offset;
  };
  const places = columns.map(({ nullable, values }, i) => {
    const valuesOffset = take(rowsMax * 8);
    const hasBitmap = nullable && (i % 3 === 0 || values.includes(null));
    return { valuesOffset, validityOffset: hasBitmap ? take(rowsMax / 8) : -1 };
  });
  return { places, slotBytes };
}

function setBit(bytes: Uint8Array, ptr: number, bit: number, on: boolean): void {
  const at = ptr + (bit >> 3);
  const mask = 1 << (bit & 7);
  bytes[at] = on ? bytes[at]! | mask : bytes[at]! & ~mask;
}
