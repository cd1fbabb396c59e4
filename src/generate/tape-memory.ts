import { COLUMN_ALIGN } from '../abi/limits.js';
import type { Core } from '../core/core.js';
import { SlotPool } from '../memory/slot-pool.js';
import { encodeScratchBytes, rowGroupBytesMax } from '../parquet/encode-row-group.js';
import type { MemorySpan } from '../parquet/write-types.js';
import type { TapeOptions } from './options.js';
import { TableBuffer } from './table-buffer.js';
import { type TapeTable, tapeTables } from './tables.js';
import { TapeStream } from './tape-stream.js';

/** Encoded row groups at once: one that is being written, one that waits, one that is being made. */
const ENCODED_COUNT = 3;

/** What a tape needs of the linear memory. */
export interface TapeMemory {
  readonly streamPtr: number;
  readonly buffers: readonly TableBuffer[];
  readonly scratch: MemorySpan;
  /** Spans for encoded row groups. */
  readonly pool: SlotPool;
}

/** Bytes of linear memory that {@link placeTapeMemory} hands out, for any number of events. */
export function tapeMemoryBytes(options: TapeOptions): number {
  return layOut(options).byteLength;
}

/** Places a tape's blocks from `ptr` (64-byte aligned) on; the memory there must be zero. */
export function placeTapeMemory(core: Core, options: TapeOptions, ptr: number): TapeMemory {
  const layout = layOut(options);
  const streamPtr = ptr + layout.streamOffset;
  return {
    streamPtr,
    buffers: layout.tables.map(
      ({ table, offset }) =>
        new TableBuffer(core, {
          table,
          statePtr: streamPtr,
          basePtr: ptr + offset,
          rowGroupRows: options.rowGroupRows,
        }),
    ),
    scratch: { ptr: ptr + layout.scratchOffset, byteLength: layout.scratchBytes },
    pool: new SlotPool({
      name: 'encoded row group',
      basePtr: ptr + layout.poolOffset,
      slotBytes: layout.encodedBytes,
      slotCount: ENCODED_COUNT,
    }),
  };
}

interface Layout {
  readonly streamOffset: number;
  readonly tables: readonly { readonly table: TapeTable; readonly offset: number }[];
  readonly scratchOffset: number;
  readonly scratchBytes: number;
  readonly poolOffset: number;
  readonly encodedBytes: number;
  readonly byteLength: number;
}

function layOut({ layout, rowGroupRows, codec }: TapeOptions): Layout {
  let next = 0;
  const take = (byteLength: number): number => {
    const offset = next;
    next += padded(byteLength);
    return offset;
  };
  const tables = tapeTables(layout);
  const scratchBytes = encodeScratchBytes(rowGroupRows);
  const encodedBytes = padded(
    Math.max(
      ...tables.map((table) =>
        rowGroupBytesMax(table.columns, TableBuffer.rowGroupRows(table, rowGroupRows), codec),
      ),
    ),
  );
  return {
    streamOffset: take(TapeStream.BYTES),
    tables: tables.map((table) => ({
      table,
      offset: take(TableBuffer.byteLength(table, rowGroupRows)),
    })),
    scratchOffset: take(scratchBytes),
    scratchBytes,
    poolOffset: take(encodedBytes * ENCODED_COUNT),
    encodedBytes,
    byteLength: next,
  };
}

const padded = (bytes: number): number => Math.ceil(bytes / COLUMN_ALIGN) * COLUMN_ALIGN;
