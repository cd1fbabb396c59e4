import { expect } from 'vitest';
import {
  CURSOR_CODES_MAX,
  CURSOR_CODES_PTR,
  CURSOR_DICTIONARY_PTR,
  CURSOR_KIND,
  CURSOR_NULLABLE,
  VALUE_8,
} from '#src/abi/column-cursor.js';
import {
  CHUNK_BYTES,
  STREAM_BUFFER_BYTES,
  STREAM_BUFFER_PTR,
  STREAM_BYTES,
  STREAM_CHUNKS_LEFT,
  STREAM_CHUNKS_PTR,
  STREAM_CRC_TABLES_PTR,
  STREAM_DICTIONARY_BYTES,
  STREAM_HEADER_PTR,
  STREAM_NULLS_LEFT,
  STREAM_SNAPPY_TAGS_PTR,
  STREAM_ZSTD_PTR,
} from '#src/abi/column-stream.js';
import { PAGE_HEADER_BYTES } from '#src/abi/page-header.js';
import { ZSTD_WORKSPACE_BYTES } from '#src/abi/zstd.js';
import { CRC_TABLE_BYTES } from '#src/core/crc32.js';
import { SNAPPY_TAGS_BYTES } from '#src/core/decompress.js';
import { Sandbox } from './both-builds.js';

const ALL_ENCODINGS = 0x3ff;
export const DICTIONARY_ENTRIES = 20;
export const BUFFER_BYTES = 40_000;

export interface Made {
  readonly bytes: readonly number[];
  /** null: no value. Of a dictionary page none. */
  readonly rows: readonly (bigint | null)[];
}

export interface Chunk {
  readonly pages: readonly Made[];
  readonly codec: number;
  /** Rows that the footer says, where not those of the pages. */
  readonly rowCount?: number;
  readonly encodings?: number;
}

export class StreamSandbox {
  readonly sandbox: Sandbox;
  readonly stream: number;
  readonly out: number;
  readonly validity: number;
  readonly #nullable: boolean;

  constructor(module: WebAssembly.Module, nullable: boolean, chunks: readonly Chunk[]) {
    this.sandbox = new Sandbox(module, 2 ** 21);
    this.#nullable = nullable;
    const { sandbox } = this;
    this.stream = sandbox.buffer(STREAM_BYTES);
    this.out = sandbox.buffer(CURSOR_CODES_MAX * 8 + 64);
    this.validity = sandbox.buffer(CURSOR_CODES_MAX / 8 + 8);
    const tables = sandbox.buffer(CRC_TABLE_BYTES);
    sandbox.core.kernels.crc32Init(tables);
    const tags = sandbox.buffer(SNAPPY_TAGS_BYTES);
    sandbox.core.kernels.snappyInit(tags);
    const zstd = sandbox.buffer(ZSTD_WORKSPACE_BYTES);
    sandbox.core.kernels.zstdInit(zstd);
    this.set(CURSOR_KIND, VALUE_8);
    this.set(CURSOR_NULLABLE, nullable ? 1 : 0);
    this.set(CURSOR_CODES_PTR, sandbox.buffer(CURSOR_CODES_MAX * 2 + 16));
    this.set(CURSOR_DICTIONARY_PTR, sandbox.buffer(DICTIONARY_ENTRIES * 8 + 64));
    this.set(STREAM_DICTIONARY_BYTES, DICTIONARY_ENTRIES * 8 + 64);
    this.set(STREAM_BUFFER_PTR, sandbox.buffer(BUFFER_BYTES + 64));
    this.set(STREAM_BUFFER_BYTES, BUFFER_BYTES);
    this.set(STREAM_HEADER_PTR, sandbox.buffer(PAGE_HEADER_BYTES));
    this.set(STREAM_CRC_TABLES_PTR, tables);
    this.set(STREAM_SNAPPY_TAGS_PTR, tags);
    this.set(STREAM_ZSTD_PTR, zstd);
    this.set(STREAM_NULLS_LEFT, -1);
    const list = chunks.flatMap(({ pages, codec, rowCount, encodings }) => {
      const bytes = pages.flatMap((page) => page.bytes);
      const ptr = sandbox.put(Uint8Array.from(bytes), { capacityBytes: bytes.length + 64 });
      const rows = rowCount ?? pages.reduce((sum, page) => sum + page.rows.length, 0);
      return [ptr, ptr + bytes.length, rows, codec, encodings ?? ALL_ENCODINGS];
    });
    this.set(STREAM_CHUNKS_PTR, sandbox.put(Int32Array.from(list)));
    this.set(STREAM_CHUNKS_LEFT, chunks.length);
    expect(list.length * 4).toBe(chunks.length * CHUNK_BYTES);
  }

  set(field: number, value: number): void {
    this.sandbox.core.views.i32[(this.stream + field) / 4] = value;
  }

  get(field: number): number {
    return this.sandbox.core.views.i32[(this.stream + field) / 4]!;
  }

  read(count: number, resume = 0): number {
    const { kernels } = this.sandbox.core;
    return kernels.streamRead(this.stream, count, this.out, this.validity, resume);
  }

  pass(count: number, runRows: number, resume = 0): number {
    const { kernels } = this.sandbox.core;
    return kernels.streamPass(this.stream, count, runRows, this.out, this.validity, resume);
  }

  /** The rows that were read last. */
  rows(count: number): (bigint | null)[] {
    const { i64, u8 } = this.sandbox.core.views;
    return Array.from({ length: count }, (_, row) => {
      const isThere = ((u8[this.validity + (row >> 3)]! >> (row & 7)) & 1) === 1;
      return this.#nullable && !isThere ? null : i64[this.out / 8 + row]!;
    });
  }
}
