import { readFileSync } from 'node:fs';
import { PAGE_BYTES, PAGE_COMPRESSED_BYTES, PAGE_HEADER_BYTES } from '#src/abi/page-header.js';
import { SNAPPY_TAGS_BYTES } from '#src/core/decompress.js';
import { openFileSource } from '#src/io/file-source.js';
import { memorySource } from '#src/io/memory-source.js';
import { type ChunkSpan, spanOf } from '#src/parquet/footer-chunks.js';
import type { BenchMemory } from '../bench-memory.js';
import type { Stage } from './stage.js';
import { LAKE_COLUMNS, type TapeSlots } from './tape-slots.js';

/** Row groups that a worker of the main job reads at once: some 65,536 rows. */
const GROUPS_A_UNIT = 6;
/** Kernels read and write up to this much behind a block. */
const SLACK_BYTES = 64;

interface CompressedPage {
  readonly ptr: number;
  readonly byteLength: number;
  readonly uncompressedBytes: number;
}

/**
 * From the file to columns as the file has them: read, decompress, decode.
 *
 * @param snappy the tape as the main job reads it; `plain`: the same rows without a codec, whose
 *   pages need decoding alone
 */
export async function readingStages(
  memory: BenchMemory,
  snappy: { readonly path: string; readonly slots: TapeSlots },
  plain: { readonly path: string; readonly slots: TapeSlots },
): Promise<Stage[]> {
  return [
    await readStage(memory, snappy),
    decompressStage(memory, snappy),
    await decodeStage(plain),
  ];
}

/** Where the chunks of the wanted columns lie in the file, row group by row group. */
function chunksOf({ footer }: TapeSlots): ChunkSpan[][] {
  const wanted = LAKE_COLUMNS.map((name) => footer.columns.findIndex((each) => each.name === name));
  return Array.from(footer.rowGroupRows, (_, rowGroup) =>
    wanted.map((column) => spanOf(footer, rowGroup, column)),
  );
}

function unitsOf(slots: TapeSlots): number[][] {
  const groups = [...slots.footer.rowGroupRows.keys()];
  return Array.from({ length: Math.ceil(groups.length / GROUPS_A_UNIT) }, (_, unit) =>
    groups.slice(unit * GROUPS_A_UNIT, (unit + 1) * GROUPS_A_UNIT),
  );
}

/** The bytes of a row group at once, from the page cache into the shared memory. */
async function readStage(
  memory: BenchMemory,
  { path, slots }: { path: string; slots: TapeSlots },
): Promise<Stage> {
  const source = await openFileSource(path);
  const spans = chunksOf(slots).map((chunks) => {
    const offset = Math.min(...chunks.map((chunk) => chunk.offset));
    const end = Math.max(...chunks.map((chunk) => chunk.offset + chunk.byteLength));
    return { offset, byteLength: end - offset };
  });
  const ptr = memory.buffer(Math.max(...spans.map(({ byteLength }) => byteLength)));
  const bytes = spans.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    name: 'read (page cache)',
    pieces: spans.length,
    run: (piece) => {
      const { offset, byteLength } = spans[piece]!;
      return source.readInto(offset, memory.core.views.bytes(ptr, byteLength));
    },
    bytesIn: bytes,
    bytesOut: () => bytes,
    bytesCopied: bytes,
    close: () => source.close(),
  };
}

/** Every page of the wanted columns through the decompressor, headers found before. */
function decompressStage(
  memory: BenchMemory,
  { path, slots }: { path: string; slots: TapeSlots },
): Stage {
  const { kernels } = memory.core;
  const filePtr = memory.put(readFileSync(path));
  memory.buffer(SLACK_BYTES);
  const groups = chunksOf(slots).map((chunks) =>
    chunks.flatMap(({ offset, byteLength }) => pagesOf(memory, filePtr + offset, byteLength)),
  );
  const pages = groups.flat();
  const total = (of: (page: CompressedPage) => number): number =>
    pages.reduce((sum, page) => sum + of(page), 0);
  const outPtr = memory.buffer(
    Math.max(...pages.map(({ uncompressedBytes }) => uncompressedBytes)) + SLACK_BYTES,
  );
  const tags = memory.buffer(SNAPPY_TAGS_BYTES);
  kernels.snappyInit(tags);
  return {
    name: 'decompress (snappy)',
    pieces: groups.length,
    run: (piece) => {
      for (const { ptr, byteLength, uncompressedBytes } of groups[piece]!) {
        const made = kernels.snappyDecompressInto(ptr, byteLength, outPtr, uncompressedBytes, tags);
        if (made !== uncompressedBytes) throw new Error(`A page is ${made} bytes long.`);
      }
    },
    bytesIn: total(({ byteLength }) => byteLength),
    bytesOut: () => total(({ uncompressedBytes }) => uncompressedBytes),
    bytesCopied: 0,
  };
}

/** The pages of a column chunk in the memory. */
function pagesOf(memory: BenchMemory, chunkPtr: number, chunkBytes: number): CompressedPage[] {
  const { kernels, views } = memory.core;
  const headerPtr = memory.buffer(PAGE_HEADER_BYTES);
  const field = (offset: number): number => views.i32[(headerPtr + offset) / 4]!;
  const pages: CompressedPage[] = [];
  for (let at = 0; at < chunkBytes; ) {
    const headerBytes = kernels.pageHeader(chunkPtr + at, chunkBytes - at, headerPtr);
    if (headerBytes < 0) throw new Error(`A page header gives ${headerBytes}.`);
    const byteLength = field(PAGE_COMPRESSED_BYTES);
    const ptr = chunkPtr + at + headerBytes;
    pages.push({ ptr, byteLength, uncompressedBytes: field(PAGE_BYTES) });
    at += headerBytes + byteLength;
  }
  return pages;
}

/**
 * The reader of the main job over a file without a codec that is in memory already: page headers,
 * checksums and decoding into slots; the bytes still pass once from the file's buffer to the
 * reader's.
 */
async function decodeStage({ path, slots }: { path: string; slots: TapeSlots }): Promise<Stage> {
  const reader = await slots.openReader(memorySource(path, readFileSync(path)));
  const units = unitsOf(slots);
  const { rowCapacity, columns } = slots.layout;
  const offsetOf = (name: string): number =>
    columns.find((column) => column.name === name)!.valuesOffset;
  const targets = new Map([
    ['receipt_timestamp', offsetOf('ts_recv')],
    ['timestamp', offsetOf('ts_event')],
    ['sequence_number', offsetOf('sequence')],
    ['price', offsetOf('price_pips')],
    ['size', offsetOf('qty_pips')],
  ]);
  const bytesIn = chunksOf(slots)
    .flat()
    .reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    name: 'decode (headers, checksums, values)',
    pieces: units.length,
    run: (piece) => {
      let row = 0;
      const places = {
        room: () => rowCapacity - (row % rowCapacity),
        placeOf: (name: string) => {
          const offset = targets.get(name);
          const slot = Math.floor(row / rowCapacity);
          return offset === undefined ? null : slots.ptr(slot) + offset + (row % rowCapacity) * 8;
        },
      };
      const onRows = (_: unknown, rowCount: number): void => {
        row += rowCount;
      };
      return reader.readRowGroups(units[piece]!, LAKE_COLUMNS, onRows, places);
    },
    bytesIn,
    // Five columns of 8 bytes, and a bit.
    bytesOut: () => slots.footer.rowCount * (5 * 8 + 1 / 8),
    bytesCopied: bytesIn,
  };
}
