import { FileRows } from '../dialects/file-rows.js';
import { GatherBlock, type WrittenSegment } from '../dialects/gather-block.js';
import { gatheredColumn } from '../dialects/gathered-segment.js';
import { InstrumentCodes } from '../dialects/instrument-codes.js';
import type { RowGroupReader } from '../parquet/reader.js';
import type { GatherPlan } from './gather-plan.js';

/** Reads rows of a file and puts them together by instrument: on one thread, one unit at a time. */
export class GatherStage {
  readonly #plan: GatherPlan;
  readonly #codes: InstrumentCodes;
  readonly #block: GatherBlock;
  #codesOfRun = new Int32Array(0);

  /**
   * @param byteLength about what the rows that wait to be sorted may take
   * @param write puts bytes into the temporary file; returns where they begin
   */
  constructor(plan: GatherPlan, byteLength: number, write: (bytes: Uint8Array) => number) {
    this.#plan = plan;
    this.#codes = new InstrumentCodes(plan.names, plan.instruments);
    const infos = new Map(plan.file.footer.columns.map((info) => [info.name, info]));
    this.#block = new GatherBlock({
      columns: plan.columnNames.map((name) => gatheredColumn(infos.get(name)!)),
      instrumentCount: plan.instruments.length,
      byteLength,
      write,
    });
  }

  /** @throws what the reader throws, RowTooLong, and what `write` throws */
  async gather(
    reader: RowGroupReader,
    rowGroupIndexes: readonly number[],
  ): Promise<WrittenSegment[]> {
    const { file, names, columnNames } = this.#plan;
    const fileRows = new FileRows(file, { rowGroupIndexes });
    const telling = [names.exchange, names.symbol].filter((name) => name !== null);
    const wanted = [...new Set([...columnNames, ...telling])];
    const block = this.#block;
    block.clear();
    await reader.readRowGroups(rowGroupIndexes, wanted, (columns, rowCount) => {
      if (this.#codesOfRun.length < rowCount) this.#codesOfRun = new Int32Array(rowCount);
      const byName = new Map(columns.map((column) => [column.info.name, column]));
      this.#codes.codesInto(byName, rowCount, this.#codesOfRun, 0);
      for (let start = 0; start < rowCount; ) {
        const count = Math.min(rowCount - start, block.room(), fileRows.rowsKnown);
        const rows = { start, count, fileRow: fileRows.rowOf(0) };
        block.add(columns, rows, this.#codesOfRun);
        fileRows.advance(count);
        start += count;
      }
    });
    return block.finish();
  }
}
