import * as G from '../abi/generate.js';
import { PART_ROWS } from '../abi/limits.js';
import type { Core } from '../core/core.js';
import { metadataEntries } from '../dialects/metadata.js';
import { invariant } from '../errors/errors.js';
import type { ByteSink } from '../io/byte-sink.js';
import { planFaults } from './faults.js';
import { type TapeInstrument, tapeInstrument } from './instrument.js';
import { shareOf, type TapeOptions } from './options.js';
import type { TapeTableName } from './tables.js';
import { type MessageHands, TapeFaults } from './tape-faults.js';
import type { TapeMemory } from './tape-memory.js';
import { TapeStream } from './tape-stream.js';
import { TapeWriter } from './tape-writer.js';
import { newTruth, newTruthSymbol, type TapeTruth, type TruthSymbol } from './truth.js';

/** Where a tape goes; paths are relative, with `/`. */
export interface TapeOutput {
  open(path: string): Promise<ByteSink>;
}

export interface TapeProgress {
  /** Level changes made so far, of how many. */
  readonly events: number;
  readonly eventsTotal: number;
  readonly bytes: number;
}

export interface TapeRun {
  readonly core: Core;
  readonly memory: TapeMemory;
  readonly output: TapeOutput;
  readonly version: string;
  readonly onProgress: (progress: TapeProgress) => void;
}

interface TapePlace {
  readonly symbol: string;
  readonly dt: string;
}

const EXCHANGE = 'GENERATED';
const LAKE_EXCHANGE = 'BINANCE';
const SCALE = 8;
const DAY_NS = 86_400_000_000_000n;
/** Units of the mean interval (assembly/generate/clock.ts), and rows of the mean message. */
const UNITS_A_MESSAGE = 2_048n;
const ROWS_A_MESSAGE = 10n;
/** 600 ns: a message each 1.2 ms, about 10,000 rows a second. A day that is fuller goes faster. */
const INTERVAL_UNIT_NS = 600n;

/**
 * Writes a whole tape: one instrument after the other, one day after the other. It needs no host but
 * the sinks of `run.output`, which it leaves closed and unpublished. Memory does not depend on the
 * number of events.
 */
export class Tape {
  readonly truth: TapeTruth;
  readonly #options: TapeOptions;
  readonly #run: TapeRun;
  readonly #stream: TapeStream;
  readonly #writers: readonly TapeWriter[];
  readonly #depth: TapeWriter;
  #eventsOfDaysDone = 0;
  #dayRows = 0;

  constructor(options: TapeOptions, run: TapeRun) {
    const { core, memory } = run;
    this.#options = options;
    this.#run = run;
    this.truth = newTruth(options);
    this.#stream = new TapeStream(core, memory.streamPtr);
    this.#writers = memory.buffers.map(
      (buffer) =>
        new TapeWriter({
          core,
          buffer,
          codec: options.codec,
          scratch: memory.scratch,
          pool: memory.pool,
        }),
    );
    const depth = this.#writers.find(({ buffer }) => buffer.table.name === 'depth');
    invariant(depth !== undefined, 'a tape has a depth table');
    this.#depth = depth;
  }

  get byteLength(): number {
    return this.#writers.reduce((sum, writer) => sum + writer.byteLength, 0);
  }

  rowCount(table: TapeTableName): number {
    return this.#writers.find(({ buffer }) => buffer.table.name === table)?.rowCount ?? 0;
  }

  async write(): Promise<void> {
    try {
      for (let index = 0; index < this.#options.symbols; index++) await this.#writeSymbol(index);
    } finally {
      await Promise.all(this.#writers.map((writer) => writer.settle()));
    }
  }

  async #writeSymbol(index: number): Promise<void> {
    const instrument = tapeInstrument(this.#options.seed, index);
    const truth = newTruthSymbol(instrument.symbol);
    const rowsBefore = this.#rowCounts();
    this.#stream.begin(instrument, { asDoubles: this.#options.layout === 'lake' });
    for (let day = 0; day < this.#options.days; day++) {
      await this.#writeDay(instrument, truth, index, day);
    }
    const [depth, trades, book = 0] = this.#rowCounts().map((rows, i) => rows - rowsBefore[i]!);
    truth.rows = depth!;
    truth.trades = trades!;
    truth.book_rows = book;
    truth.messages += this.#stream.messageCount + truth.duplicates.length;
    for (const gap of truth.gaps) truth.messages -= gap.messages;
    truth.digest = this.#stream.digest();
    this.truth.symbols.push(truth);
  }

  async #writeDay(
    instrument: TapeInstrument,
    truth: TruthSymbol,
    index: number,
    day: number,
  ): Promise<void> {
    const { events, symbols, days, startNs, layout } = this.#options;
    const rows = shareOf(shareOf(events, index, symbols), day, days);
    const dayStartNs = startNs + BigInt(day) * DAY_NS;
    const place = { symbol: instrument.symbol, dt: dateOf(dayStartNs) };
    const faults = new TapeFaults(this.#stream, this.#hands(), truth);
    const planned = planFaults(this.#options, index, day);
    this.#dayRows = rows;
    await this.#openPart(place, 0);
    this.#stream.beginDay({
      startNs: dayStartNs,
      rows,
      intervalUnitNs: intervalUnitNs(dayStartNs, rows),
      withBook: layout === 'lake',
    });
    if (layout === 'depthmill') await this.#writeSnapshot(truth);
    for (let part = 1; ; ) {
      const partEnd = part * PART_ROWS;
      await this.#advanceTo(Math.min(planned[0]?.row ?? rows, partEnd));
      if (this.#stream.rowsLeft === 0) break;
      if (this.#rowsDone >= partEnd) {
        await this.#finishPart(place);
        await this.#openPart(place, part++);
      } else {
        await faults.apply(planned.shift()!);
      }
    }
    invariant(planned.length === 0, 'every fault has its place');
    await this.#finishPart(place);
    this.#eventsOfDaysDone += rows;
    this.#report();
  }

  /** Runs to the first message that starts at `row` of the day or later, or to the day's end. */
  async #advanceTo(row: number): Promise<void> {
    while (true) {
      const stop = this.#stream.run(Math.max(0, row - this.#rowsDone));
      if (stop === G.GEN_STOP_PAUSE || stop === G.GEN_STOP_LIMIT) return;
      if (stop === G.GEN_STOP_DEPTH_FULL) await this.#advanceDepth();
      else await this.#makeRoom();
    }
  }

  #hands(): MessageHands {
    return {
      make: async (place) => {
        while (true) {
          const message = this.#stream.make(place);
          if (message !== null) return message;
          await this.#makeRoom();
        }
      },
      emit: async (place) => {
        this.#stream.beginEmit();
        while (this.#stream.emit(place) > 0) await this.#advanceDepth();
      },
    };
  }

  async #writeSnapshot(truth: TruthSymbol): Promise<void> {
    this.#stream.beginSnapshot();
    while (this.#stream.emitSnapshot() !== 0) await this.#advanceDepth();
    this.#stream.forgetMessages();
    truth.messages++;
  }

  async #advanceDepth(): Promise<void> {
    await this.#depth.advance();
    this.#report();
  }

  /** Gives the tables that a message can add to the room that it may need. */
  async #makeRoom(): Promise<void> {
    for (const writer of this.#writers) {
      if (writer !== this.#depth && !writer.buffer.hasRoom) await writer.advance();
    }
  }

  get #rowsDone(): number {
    return this.#dayRows - this.#stream.rowsLeft;
  }

  #report(): void {
    const inDay = this.#stream.rowsLeft === 0 ? 0 : this.#rowsDone;
    this.#run.onProgress({
      events: this.#eventsOfDaysDone + inDay,
      eventsTotal: this.#options.events,
      bytes: this.byteLength,
    });
  }

  #rowCounts(): number[] {
    return this.#writers.map(({ rowCount }) => rowCount);
  }

  async #openPart(place: TapePlace, part: number): Promise<void> {
    for (const writer of this.#writers) {
      const path = this.#path(writer.buffer.table.folder, place, part);
      writer.open(await this.#run.output.open(path));
    }
  }

  #path(folder: string, { symbol, dt }: TapePlace, part: number): string {
    const { layout, codec } = this.#options;
    if (layout === 'depthmill') {
      const name = `part-${String(part).padStart(4, '0')}.parquet`;
      return `${folder}/exchange=${EXCHANGE}/symbol=${symbol}/dt=${dt}/${name}`;
    }
    const name = codec === 'none' ? `${part + 1}.parquet` : `${part + 1}.${codec}.parquet`;
    return `${folder}/exchange=${LAKE_EXCHANGE}/symbol=${symbol}/dt=${dt}/${name}`;
  }

  async #finishPart(place: TapePlace): Promise<void> {
    // Together, as each waits for the disk; to the end, also if one of them fails.
    const ends = await Promise.allSettled(
      this.#writers.map((writer) => writer.finish(this.#keyValue(writer.buffer.table.name, place))),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  #keyValue(table: TapeTableName, place: TapePlace): ReadonlyMap<string, string> {
    if (this.#options.layout === 'lake') return new Map();
    return metadataEntries({
      order: 'received',
      ...place,
      version: this.#run.version,
      table,
      exchange: EXCHANGE,
      dialect: 'depthmill',
      policy: 'contiguous',
      priceScale: SCALE,
      qtyScale: SCALE,
      clock: 'recv',
    });
  }
}

function dateOf(timeNs: bigint): string {
  return new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 10);
}

/** The usual pace, or what brings a full day's rows to their end before midnight. */
function intervalUnitNs(dayStartNs: bigint, rows: number): bigint {
  const leftNs = DAY_NS - (dayStartNs % DAY_NS);
  const messages = BigInt(rows) / ROWS_A_MESSAGE + 1n;
  const fitting = (leftNs * 9n) / 10n / messages / UNITS_A_MESSAGE;
  if (fitting < 1n) return 1n;
  return fitting < INTERVAL_UNIT_NS ? fitting : INTERVAL_UNIT_NS;
}
