import { TEXT_PAD_BYTES, TextRows, type TextTarget } from '../core/text-rows.js';
import { InputError, invariant } from '../errors/errors.js';
import type { ByteSource } from '../io/byte-source.js';
import type { DecodeRegion } from '../parquet/decode-region.js';
import { rowCountOf } from '../parquet/footer-chunks.js';
import type { InvalidField, OnRows, RowGroupReader, SourceColumn } from '../parquet/reader.js';
import { columnIndexOf } from '../parquet/wanted-columns.js';
import { type BlockSource, ForwardBlocks, PlainBlocks } from './block-source.js';
import { captureField } from './capture-lines.js';
import { columnOfRun, runRowsOf, takeTargets, type WantedColumn } from './column-buffers.js';
import { splitLine } from './split-line.js';
import { BLOCK_BYTES, type TextTools } from './survey-segment.js';
import type { TextFooter } from './text-footer.js';

const LF = 10;
/** Characters of a bad field or line that are shown. */
const SHOWN_MAX = 256;

/**
 * Opens a text file that was surveyed. Its blocks stand for row groups; plain files are read at any
 * block, packed ones forward (and from the start again, when an earlier block is asked for). It
 * takes the source over: close() closes it.
 */
export function openTextReader(
  source: ByteSource,
  footer: TextFooter,
  tools: TextTools,
): RowGroupReader {
  return new TextReader(source, footer, tools);
}

class TextReader implements RowGroupReader {
  readonly footer: TextFooter;
  readonly #tools: TextTools;
  readonly #source: ByteSource;
  readonly #blocks: BlockSource;

  constructor(source: ByteSource, footer: TextFooter, tools: TextTools) {
    this.footer = footer;
    this.#source = source;
    this.#tools = tools;
    this.#blocks = footer.text.isGzip
      ? new ForwardBlocks(() => tools.openGunzip(source))
      : new PlainBlocks(source);
  }

  readRowGroup(index: number, columnNames: readonly string[], onRows: OnRows): Promise<void> {
    return this.readRowGroups([index], columnNames, onRows);
  }

  async readRowGroups(
    indexes: readonly number[],
    columnNames: readonly string[],
    onRows: OnRows,
  ): Promise<void> {
    if (indexes.length === 0 || columnNames.length === 0) return;
    const { columns, text } = this.footer;
    const wanted = columnNames.map((name) => {
      const field = columnIndexOf(this.footer, name);
      return { field, info: columns[field]!, facts: text.columns[field]! };
    });
    await this.#blocks.inTurn(async () => {
      const region = await this.#tools.lanes.acquire(false);
      try {
        const run = new BlockRuns(this.#tools, this.footer, region, wanted);
        for (const index of indexes) {
          await run.fill(this.#blocks, index);
          run.handOver(index, onRows);
        }
      } finally {
        this.#tools.lanes.release(region);
      }
    });
  }

  async close(): Promise<void> {
    await this.#blocks.close();
    await this.#source.close();
  }
}

/** Takes blocks apart within a region. */
class BlockRuns {
  readonly #core: TextTools['core'];
  readonly #footer: TextFooter;
  readonly #wanted: readonly WantedColumn[];
  readonly #targets: readonly TextTarget[];
  readonly #rows: TextRows;
  readonly #textPtr: number;
  readonly #runRows: number;
  #byteLength = 0;

  constructor(
    { core }: TextTools,
    footer: TextFooter,
    region: DecodeRegion,
    wanted: readonly WantedColumn[],
  ) {
    this.#core = core;
    this.#footer = footer;
    this.#wanted = wanted;
    this.#textPtr = region.take(BLOCK_BYTES + 2 * TEXT_PAD_BYTES) + TEXT_PAD_BYTES;
    const fieldCount = footer.columns.length;
    const runRows = runRowsOf(wanted, region.bytesLeft);
    this.#runRows = runRows;
    const ptr = region.take(TextRows.byteLength(fieldCount, wanted.length, runRows));
    this.#targets = takeTargets(region, wanted, runRows);
    this.#rows = new TextRows(core, ptr, {
      fieldCount,
      lines: footer.text.lines,
      targets: this.#targets,
      rowsMax: runRows,
    });
  }

  async fill(blocks: BlockSource, index: number): Promise<void> {
    const { blockOffsets } = this.#footer.text;
    const offset = blockOffsets[index];
    const end = blockOffsets[index + 1];
    invariant(
      offset !== undefined && end !== undefined,
      `${this.#footer.name} has no block ${index}`,
    );
    const target = this.#core.views.bytes(this.#textPtr, end - offset);
    this.#byteLength = await blocks.readInto(offset, target);
    // The text's last line may lack its newline.
    if (target[this.#byteLength - 1] === LF) return;
    this.#core.views.u8[this.#textPtr + this.#byteLength++] = LF;
  }

  /** Hands the rows of the block over. */
  handOver(index: number, onRows: OnRows): void {
    const rows = this.#rows;
    const rowsWanted = rowCountOf(this.#footer, index);
    rows.setText(this.#textPtr, this.#byteLength);
    let rowsDone = 0;
    while (rowsDone < rowsWanted) {
      const rowCount = rows.next(Math.min(this.#runRows, rowsWanted - rowsDone));
      if (rowCount === 0 && this.#rows.at < this.#textPtr + this.#byteLength) {
        throw this.#lineTooLong(index);
      }
      if (rowCount === 0) break;
      rowsDone += rowCount;
      onRows(this.#columns(rowCount), rowCount);
    }
    // A text that breaks off has rows of half a message at its end, which are left out.
    const isCut = this.#footer.text.truncation !== null;
    if (rowsDone === rowsWanted && !isCut) rowsDone += rows.next(1);
    if (rowsDone !== rowsWanted) throw this.#changed(index, rowsDone, rowsWanted);
  }

  #columns(rowCount: number): SourceColumn[] {
    const { brokenCount } = this.#rows;
    return this.#wanted.map((wanted, place) => {
      const nullCount = this.#rows.nullCount(place);
      const hasInvalid = brokenCount > 0 || this.#rows.invalidCount(place) > 0;
      const invalidAt = (row: number): InvalidField | null => this.#invalidAt(row, wanted.field);
      const run = { rowCount, nullCount };
      const target = this.#targets[place]!;
      return columnOfRun(this.#core, wanted, target, run, hasInvalid ? invalidAt : undefined);
    });
  }

  /** What stands in a field that gave no value; of a line that is no row, all of it. */
  #invalidAt(row: number, field: number): InvalidField | null {
    const { u8 } = this.#core.views;
    const start = this.#rows.lineOf(row);
    const end = u8.indexOf(LF, start);
    const line = new TextDecoder().decode(u8.slice(start, end)).replace(/\r$/, '');
    if (this.#rows.isBroken(row)) return { text: line.slice(0, SHOWN_MAX), isLine: true };
    const { lines } = this.#footer.text;
    const text =
      'stream' in lines
        ? captureField(line, lines.stream, { field, row: this.#rowOfLine(row) })
        : (splitLine(line, String.fromCharCode(lines.delimiter))?.[field] ?? '');
    return text === '' ? null : { text: text.slice(0, SHOWN_MAX), isLine: false };
  }

  /** Which of its line's rows a row of the run is. */
  #rowOfLine(row: number): number {
    let first = row;
    while (first > 0 && this.#rows.lineOf(first - 1) === this.#rows.lineOf(row)) first--;
    return row - first;
  }

  #lineTooLong(index: number): InputError {
    const { name, text } = this.#footer;
    const offset = text.blockOffsets[index]! + this.#rows.at - this.#textPtr;
    return new InputError(
      'ERR_INPUT_UNREADABLE',
      `The line at byte ${offset} of the text of ${name} has more in it than is read at once.`,
      { details: { path: name, offset } },
    );
  }

  #changed(index: number, found: number, expected: number): InputError {
    const { name } = this.#footer;
    return new InputError(
      'ERR_INPUT_UNREADABLE',
      `Block ${index} of ${name} has ${found} rows now, and had ${expected} when the run was planned.` +
        ' Is it still written?',
      { details: { path: name, block: index, found, expected } },
    );
  }
}
