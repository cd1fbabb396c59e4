import { FLAG_LAST } from '../abi/flags.js';
import { GRID_BLOCK_BYTES } from '../abi/value-grid.js';
import type { TradesOutsideCounts } from '../core/trades-outside.js';
import { witnessLevelCount } from '../dialects/decode-witness.js';
import { depthLayout, tradesLayout, witnessLayout } from '../dialects/tables.js';
import { INPUT_TABLES, type InstrumentDay, type Scales } from '../dialects/types.js';
import { invariant } from '../errors/errors.js';
import type { TableLayout } from '../memory/column-layout.js';
import { bookRowsLayout, bookRowsOf } from './book-rows.js';
import { bookSpecOf, timeLimitsOf } from './book-spec.js';
import { ChunkFeeder, type DecodeUnit, planUnits, witnessSizes } from './chunk-feeder.js';
import { DayGrid, type DayGridResult } from './day-grid.js';
import { DepthSlots } from './depth-slots.js';
import type { JobHost, JobOptions } from './job-host.js';
import {
  keyframeEnds,
  keyframeLayout,
  keyframeWriteColumns,
  withDigests,
} from './keyframe-columns.js';
import { MessageCut } from './message-cut.js';
import { type OutputTable, type RowTable, writeColumns } from './output-tables.js';
import { plainColumns } from './plain-numbers.js';
import type { BookOutput, BookResult, Chunk, DecodeTask, JobTable } from './protocol.js';
import { SlotReferences } from './slot-references.js';
import { TableAccounts } from './table-accounts.js';
import { TableWriter, type WrittenPart } from './table-writer.js';
import { TradeChecks } from './trade-checks.js';
import { TradeIdTexts, tradeIdTextColumn } from './trade-id-texts.js';
import { openTradesOutside, type TradesOutside } from './trades-outside.js';
import { isWitnessTable } from './witness-specs.js';

export interface JobResult {
  readonly book: BookResult;
  /** null: not asked for. */
  readonly grid: DayGridResult | null;
  readonly tradeChecks: TradeChecks;
  /** null: there are no trades, or no row of the book for each state of its best prices. */
  readonly tradesOutside: TradesOutsideCounts | null;
  readonly depth: TableAccounts;
  readonly snapshots: TableAccounts;
  readonly trades: TableAccounts;
  readonly rowsOut: Readonly<Record<RowTable, number>>;
  readonly parts: ReadonlyMap<RowTable, readonly WrittenPart[]>;
  /** Names of the columns of each table. */
  readonly columns: ReadonlyMap<RowTable, readonly string[]>;
}

/** Units that are decoded ahead of whoever reads them. */
export const AHEAD_UNITS = 3;

/**
 * One instrument's day on the host's side: feeds its tables to the worker that books it, and
 * writes what comes back. Owns every slot that the day uses and gives them all back at the end.
 */
export class InstrumentJob {
  readonly id: number;
  readonly day: InstrumentDay;
  readonly scales: Scales;
  readonly #host: JobHost;
  readonly #options: JobOptions;
  readonly #references: SlotReferences;
  readonly #feeders: ReadonlyMap<JobTable, ChunkFeeder>;
  readonly #writers = new Map<RowTable, TableWriter>();
  readonly #outputs: Partial<Record<RowTable, OutputTable>> = {};
  readonly #accounts: Readonly<Record<'depth' | 'snapshots' | 'trades', TableAccounts>>;
  readonly #rowsOut: Record<RowTable, number> = { depth: 0, book: 0, trades: 0, keyframes: 0 };
  /** Of the day's keyframes, by their numbers. */
  readonly #digests: string[] = [];
  #grid: DayGrid | null = null;
  readonly #tradeChecks: TradeChecks;
  /** null: they are no texts. */
  readonly #tradeIdTexts: TradeIdTexts | null;
  readonly #tradesOutside: TradesOutside | null;
  #failure: Error | null = null;

  constructor(id: number, day: InstrumentDay, scales: Scales, host: JobHost, options: JobOptions) {
    this.id = id;
    this.day = day;
    this.scales = scales;
    this.#host = host;
    this.#options = options;
    this.#references = new SlotReferences(host.rowPool);
    const { limit } = options.selection;
    const cut = new MessageCut(this.#depthSlots(), day.messageKey);
    this.#accounts = {
      depth: new TableAccounts('depth', day.files.depth, limit, cut),
      snapshots: new TableAccounts('snapshots', day.files.snapshots, null),
      trades: new TableAccounts('trades', day.files.trades, limit),
    };
    this.#feeders = new Map(INPUT_TABLES.map((table) => [table, this.#openFeeder(table)]));
    this.#tradeChecks = new TradeChecks(host.core, host.arena, {
      day,
      ...timeLimitsOf(day, options),
    });
    this.#tradeIdTexts = day.tradeIds === 'text' ? new TradeIdTexts() : null;
    this.#tradesOutside = openTradesOutside(host, day, options);
    this.#openWriters();
  }

  /** @throws the first error of any of its parts; nothing of the job is published then */
  async run(): Promise<JobResult> {
    const { id: job, day, scales } = this;
    const { selection, codec, grids } = this.#options;
    const { files, ids, tradeIds } = day;
    const outputs = this.#outputs;
    this.#host.openJob({ job, files, ids, tradeIds, scales, selection, grids, outputs, codec });
    const gridPtr = this.#host.arena.allocate(GRID_BLOCK_BYTES);
    try {
      if (grids) this.#grid = new DayGrid(this.#host.core, this.#depthSlots(), gridPtr);
      const [book, trades] = await Promise.allSettled([
        this.#failing(this.#book()),
        this.#failing(this.#passTrades()),
      ]);
      if (this.#failure !== null) throw this.#failure;
      invariant(book.status === 'fulfilled' && trades.status === 'fulfilled', 'a part failed');
      const parts = new Map<RowTable, readonly WrittenPart[]>();
      const columns = new Map<RowTable, readonly string[]>();
      for (const [table, writer] of this.#writers) {
        parts.set(table, await writer.finish());
        const names = this.#outputs[table]!.columns.map(({ name }) => name);
        columns.set(table, names);
      }
      const { depth, snapshots, trades: tradesAccounts } = this.#accounts;
      const rowsOut = this.#rowsOut;
      const grid = this.#grid?.result ?? null;
      const tradeChecks = this.#tradeChecks;
      const accounts = { depth, snapshots, trades: tradesAccounts };
      this.#tradesOutside?.close();
      const checked = { tradeChecks, tradesOutside: this.#tradesOutside?.counts ?? null };
      return { book: book.value, grid, ...checked, ...accounts, rowsOut, parts, columns };
    } catch (error) {
      this.#failure ??= error as Error;
      for (const writer of this.#writers.values()) await writer.abort();
      throw error;
    } finally {
      for (const feeder of this.#feeders.values()) await feeder.close();
      this.#references.close();
      this.#host.arena.free(gridPtr, GRID_BLOCK_BYTES);
      this.#tradeChecks.close();
      this.#tradesOutside?.close();
      this.#host.closeJob(job);
    }
  }

  /** Rows are decoded ahead while the day before is still booked. */
  async #book(): Promise<BookResult> {
    const carried = await this.#options.carried;
    const book = await this.#host.book(this.id, bookSpecOf(this.day, this.#options, carried));
    this.#tradesOutside?.bookEnds(book.last?.ts_recv ?? 0n);
    return book;
  }

  async publish(): Promise<void> {
    for (const writer of this.#writers.values()) await writer.publish();
  }

  async abort(): Promise<void> {
    for (const writer of this.#writers.values()) await writer.abort();
  }

  /** Ends the job from outside: every call of its stages is answered with `error`. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#tradesOutside?.tradesEnd();
  }

  /** HostCalls.nextChunks of this job. */
  async nextChunks(table: JobTable): Promise<readonly Chunk[]> {
    for (;;) {
      this.#check();
      const chunks = await this.#feeders.get(table)!.next();
      this.#check();
      if (chunks.length === 0) return chunks;
      const taken = chunks.map((chunk) => this.#take(table, chunk));
      const withRows = taken.filter(({ rowCount }) => rowCount > 0);
      for (const { slot, rowCount } of taken) {
        if (rowCount === 0) this.#references.release(slot, 1);
      }
      if (withRows.length > 0) return withRows;
    }
  }

  #take(table: JobTable, chunk: Chunk): Chunk {
    if (isWitnessTable(table)) return chunk;
    const taken = this.#accounts[table].take(chunk);
    if (chunk.grid !== null) this.#grid?.take(taken, chunk.grid, chunk.rowCount);
    return taken;
  }

  /** HostCalls.acquireSlots of this job. */
  async acquireSlots(count: number): Promise<number[]> {
    this.#check();
    const slots = await this.#references.acquire(count);
    this.#check();
    return slots;
  }

  /** HostCalls.emit of this job. */
  async emit(output: BookOutput): Promise<void> {
    this.#check();
    await this.#pass('depth', output.depth);
    await this.#tradesOutside?.addBook(output.book);
    await this.#pass('book', output.book);
    this.#digests.push(...output.keyframes.digests);
    await this.#pass('keyframes', output.keyframes.segments);
    for (const slot of output.done) this.#references.release(slot, 1);
    this.#check();
  }

  async #pass(table: RowTable, segments: BookOutput['depth']): Promise<void> {
    // Rows of the book may be there for the trades alone.
    const writer = this.#writers.get(table);
    if (writer === undefined && table === 'book') return;
    for (const { rowStart, rowEnd } of segments) this.#rowsOut[table] += rowEnd - rowStart;
    await writer?.push(segments);
  }

  /** Their chunks go straight to the writer, once the book has come as far. */
  async #passTrades(): Promise<void> {
    for (;;) {
      const chunks = await this.nextChunks('trades');
      if (chunks.length === 0) {
        this.#tradesOutside?.tradesEnd();
        return;
      }
      for (const chunk of chunks) {
        const { slot, rowCount } = chunk;
        this.#checkTrades(chunk);
        await this.#tradesOutside?.take(slot, rowCount);
        this.#check();
        this.#tradeIdTexts?.take(chunk);
        await this.#pass('trades', [{ slot, rowStart: 0, rowEnd: rowCount }]);
        this.#references.release(slot, 1);
      }
    }
  }

  #checkTrades({ slot, rowCount, fileIndex, fileRow, fileRows }: Chunk): void {
    const { ptr, slotBytes } = this.#host.rows;
    const file = this.day.files.trades[fileIndex]!.path;
    const originOf = (row: number) => ({ file, row: fileRows?.[row] ?? fileRow + row });
    this.#tradeChecks.check({ slotPtr: ptr + slot * slotBytes, rowCount, originOf });
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Lets the other parts of the job end as soon as one has failed. */
  #failing<Value>(part: Promise<Value>): Promise<Value> {
    return part.catch((error: Error) => {
      this.fail(error);
      throw error;
    });
  }

  #layoutOf(table: JobTable): TableLayout {
    if (table === 'depth' || table === 'snapshots') return depthLayout(this.day.ids);
    if (table === 'trades') return tradesLayout();
    return witnessLayout(Math.max(1, witnessLevelCount(this.day.files[table])));
  }

  #openFeeder(table: JobTable): ChunkFeeder {
    const files = this.day.files[table];
    const rowCapacity = this.#layoutOf(table).rowCapacity;
    const sizes = this.#options;
    return new ChunkFeeder({
      units: planUnits(files, isWitnessTable(table) ? witnessSizes(rowCapacity, sizes) : sizes),
      rowCapacity,
      aheadUnits: table === 'depth' ? AHEAD_UNITS : 1,
      acquire: (count) => this.acquireSlots(count),
      release: (slot) => this.#references.release(slot, 1),
      decode: (unit, slots) => this.#host.decode(this.#decodeTask(table, unit, slots)),
      onUnit: (unit, result) => {
        invariant(
          result.rowsIn + result.rowsDeselected === unit.rowCount,
          `a unit of ${unit.rowCount} rows of ${unit.file.path} gave ${result.rowsIn} rows`,
        );
        this.#host.onProgress(unit.rowCount, unit.byteLength);
      },
    });
  }

  #decodeTask(table: JobTable, unit: DecodeUnit, slots: readonly number[]): DecodeTask {
    const { fileIndex, rowGroupIndexes, slice } = unit;
    return { job: this.id, table, fileIndex, rowGroupIndexes, slice, slots };
  }

  #depthSlots(): DepthSlots {
    return new DepthSlots(this.#host.core, this.#layoutOf('depth'), this.#host.rows);
  }

  #openWriters(): void {
    const { tables } = this.#options;
    const slots = this.#depthSlots();
    if (tables.has('depth')) {
      this.#openWriter('depth', slots.layout, (slot, rowStart, rowEnd) =>
        slots.nextFlag(slots.columns(slot), rowStart, rowEnd, FLAG_LAST),
      );
    }
    // Every row of the other tables stands for itself.
    const everyRow = (_slot: number, rowStart: number): number => rowStart;
    if (tables.has('trades')) this.#openWriter('trades', this.#layoutOf('trades'), everyRow);
    const bookRows = bookRowsOf(this.day, this.#options);
    if (tables.has('book')) {
      this.#openWriter('book', bookRowsLayout(this.day, bookRows), everyRow);
    }
    if (tables.has('keyframes')) {
      const layout = keyframeLayout(this.day.ids.sequence);
      this.#openWriter('keyframes', layout, keyframeEnds(this.#host, layout));
    }
  }

  #openWriter(
    table: RowTable,
    layout: TableLayout,
    nextMessageEnd: (slot: number, rowStart: number, rowEnd: number) => number,
  ): void {
    const { core, arena, encodedPool, rows } = this.#host;
    const texts = table === 'trades' ? this.#tradeIdTexts : null;
    const slotColumns = table === 'keyframes' ? keyframeWriteColumns(layout) : writeColumns(layout);
    const pips = texts === null ? slotColumns : tradeIdTextColumn(slotColumns);
    const columns = plainColumns(pips, this.#options.numbers, this.scales);
    this.#outputs[table] = { layout, columns, scales: this.scales };
    const writer = new TableWriter({
      columns,
      keyValue: this.#host.keyValue(table, this.day, this.scales),
      codec: this.#options.codec,
      core,
      arena,
      layout,
      rows,
      references: this.#references,
      acquireSlots: (count) => this.acquireSlots(count),
      onMoved: (from, toSlot, toRow) => texts?.move(from, toSlot, toRow),
      encodedPool,
      nextMessageEnd,
      encode: (group) => {
        const task = { job: this.id, table, ...group };
        if (texts !== null) return this.#host.encode(texts.withTexts(task));
        if (table !== 'keyframes') return this.#host.encode(task);
        return this.#host.encode(withDigests(task, core.views, layout, rows, this.#digests));
      },
      openSink: (partIndex) => this.#host.openSink(table, this.day, partIndex),
    });
    this.#writers.set(table, writer);
  }
}
