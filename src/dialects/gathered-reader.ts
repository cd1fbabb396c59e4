import type { Core } from '../core/core.js';
import type { ByteSource } from '../io/byte-source.js';
import type { RegionLanes } from '../parquet/decode-region.js';
import type { OnRows, ParquetFooter, RowGroupReader, SourceColumn } from '../parquet/reader.js';
import { type GatheredColumn, gatheredColumn, segmentColumns } from './gathered-segment.js';
import type { GatheredFile, GatheredRows } from './types.js';

/** Segments whose bytes arrive at the same time. */
const READS_MAX = 8;

/** What segments are read with. */
export interface GatheredTools {
  readonly core: Core;
  readonly lanes: RegionLanes;
}

/**
 * Reads the rows of one instrument where they were put together: its segments stand for row groups.
 * Besides the source's columns there is FILE_ROW_COLUMN, the row of the file that each row is.
 *
 * @param source of the temporary file; close() leaves it open
 */
export function openGatheredReader(
  file: GatheredFile,
  source: ByteSource,
  tools: GatheredTools,
): RowGroupReader {
  return new GatheredReader(file, source, tools);
}

class GatheredReader implements RowGroupReader {
  /** The source's, but that a segment stands for a row group. */
  readonly footer: ParquetFooter;
  readonly #gathered: GatheredRows;
  readonly #columns: readonly GatheredColumn[];
  readonly #source: ByteSource;
  readonly #tools: GatheredTools;

  constructor({ footer, gathered }: GatheredFile, source: ByteSource, tools: GatheredTools) {
    const { rowGroupRows, rowGroupBytes } = gathered;
    this.footer = { ...footer, rowGroupRows, rowGroupBytes };
    this.#gathered = gathered;
    this.#columns = gathered.columnNames.map((name) =>
      gatheredColumn(footer.columns.find((info) => info.name === name)!),
    );
    this.#source = source;
    this.#tools = tools;
  }

  readRowGroup(index: number, columnNames: readonly string[], onRows: OnRows): Promise<void> {
    return this.readRowGroups([index], columnNames, onRows);
  }

  async readRowGroups(
    indexes: readonly number[],
    columnNames: readonly string[],
    onRows: OnRows,
  ): Promise<void> {
    const { core, lanes } = this.#tools;
    const region = await lanes.acquire(false);
    try {
      for (let next = 0; next < indexes.length; ) {
        region.clear();
        const reads: { readonly ptr: number; readonly read: Promise<void> }[] = [];
        while (next < indexes.length && reads.length < READS_MAX) {
          const byteLength = this.#gathered.rowGroupBytes[indexes[next]!]!;
          // A lane holds any one segment.
          if (reads.length > 0 && byteLength > region.bytesLeft) break;
          const ptr = region.take(byteLength);
          const offset = this.#gathered.offsets[indexes[next]!]!;
          const read = this.#source.readInto(offset, core.views.bytes(ptr, byteLength));
          reads.push({ ptr, read });
          next++;
        }
        // All of them end before the region goes back, whatever becomes of one.
        await Promise.allSettled(reads.map(({ read }) => read));
        for (const { ptr, read } of reads) {
          await read;
          const columns = segmentColumns(core, ptr, this.#columns);
          onRows(namedColumns(columns, columnNames), columns[0]!.rowCount);
        }
      }
    } finally {
      lanes.release(region);
    }
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

function namedColumns(columns: readonly SourceColumn[], names: readonly string[]): SourceColumn[] {
  return names.map((name) => columns.find(({ info }) => info.name === name)!);
}
