import type { CountByReason, InstrumentAudit } from '../audit/types.js';
import type { InstrumentDay, PlannedFile } from '../dialects/types.js';
import { VERSION } from '../units/version.js';
import type { OutputTableName } from './day-paths.js';
import type { JobResult } from './instrument-job.js';
import type { RunOptions } from './options.js';
import { isSideTable, sideColumns } from './side-tables.js';
import type { WrittenPart } from './table-writer.js';
import { type ViewInstrument, viewsSql } from './views-sql.js';

export interface ManifestInput {
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  readonly mtime_ns: bigint;
  readonly footer_xxh64: string;
}

export interface ManifestPart {
  readonly table: OutputTableName;
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly xxh64: string;
  /** depth: digest of the book after the part's last row. */
  readonly digest: string | null;
  /** depth: number of the keyframe after the part's last row; null without one. */
  readonly keyframe: number | null;
}

export interface ManifestAccounting {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  readonly table: 'depth' | 'trades';
  readonly inputs: readonly string[];
  readonly rows_in: number;
  readonly rejected: CountByReason;
  readonly dropped: CountByReason;
  readonly synthetic: number;
  readonly rows_out: number;
}

/** manifest.json: what the run read, with which options, and what it made of it. */
export interface Manifest {
  readonly schema: 'depthmill-manifest/1';
  readonly version: string;
  /** The options that change the output's bytes. */
  readonly options: Record<string, unknown>;
  readonly inputs: readonly ManifestInput[];
  readonly parts: readonly ManifestPart[];
  readonly accounting: readonly ManifestAccounting[];
  readonly run: { readonly seconds: number; readonly machine: string };
}

interface ManifestDay {
  readonly day: InstrumentDay;
  /** null: a day between others for which there is no file. */
  readonly report: InstrumentAudit | null;
  readonly result: JobResult | null;
  readonly parts: ReadonlyMap<OutputTableName, readonly WrittenPart[]>;
}

/** Gathers the manifest day by day; the order of the days is the plan's, not that of finishing. */
export class ManifestBuilder {
  readonly #options: RunOptions;
  readonly #days: ManifestDay[] = [];
  #warmStartXxh64: string | null = null;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /** What the files of `--warm-start` hold: other bytes there are another option. */
  addWarmStart(xxh64: string): void {
    this.#warmStartXxh64 = xxh64;
  }

  addDay(entry: ManifestDay): void {
    this.#days.push(entry);
  }

  /** A day without files has no rows to account for, only its line in the calendar. */
  addMissingDay(day: InstrumentDay, parts: ManifestDay['parts']): void {
    this.#days.push({ day, report: null, result: null, parts });
  }

  build(
    folder: string,
    inputs: readonly ManifestInput[],
    run: { seconds: number; machine: string },
  ): Manifest {
    const days = this.#daysInOrder();
    return {
      schema: 'depthmill-manifest/1',
      version: VERSION,
      options: this.#optionsThatMatter(),
      inputs,
      parts: days.flatMap((entry) => this.#partsOf(folder, entry)),
      accounting: days.flatMap(({ day, report }) =>
        report === null ? [] : accountingOf(day, report),
      ),
      run,
    };
  }

  /** views.sql: DuckDB views of the tables that were written. */
  views(): string {
    const tables = new Map<OutputTableName, Set<string>>();
    const instruments = new Map<string, ViewInstrument>();
    for (const { day, report, result, parts } of this.#daysInOrder()) {
      const { exchange, symbol } = day;
      if (report !== null) {
        const { scales } = report;
        instruments.set(JSON.stringify([exchange, symbol]), { exchange, symbol, scales });
      }
      for (const table of parts.keys()) {
        const columns = tables.get(table) ?? new Set();
        for (const name of columnsOf(table, result)) columns.add(this.#nameOf(name));
        tables.set(table, columns);
      }
    }
    const names = [...tables.keys()].sort();
    const viewed = names.map((name) => ({ name, columns: [...tables.get(name)!] }));
    return viewsSql(viewed, [...instruments.values()]);
  }

  /** As the files have it: plain numbers have plain names. */
  #nameOf(column: string): string {
    return this.#options.numbers === 'pips' ? column : column.replace(/_pips$/, '');
  }

  #daysInOrder(): ManifestDay[] {
    const key = ({ exchange, symbol, dt }: InstrumentDay): string =>
      JSON.stringify([exchange, symbol, dt]);
    return this.#days.toSorted((a, b) => (key(a.day) < key(b.day) ? -1 : 1));
  }

  #optionsThatMatter(): Record<string, unknown> {
    const { dialect, map, policy, selection, priceScale, qtyScale } = this.#options;
    const {
      tables,
      bookDepth,
      bookEvery,
      crossed,
      crossedAfterNs,
      latencyMaxNs,
      thresholds,
      codec,
      numbers,
      warmStart,
      silenceNs,
    } = this.#options;
    return {
      dialect,
      map,
      policy,
      selection,
      price_scale: priceScale,
      qty_scale: qtyScale,
      tables,
      book_depth: bookDepth,
      book_every: bookEvery,
      ...(crossed !== null && { crossed }),
      ...(silenceNs !== null && { silence_ns: silenceNs }),
      ...(warmStart !== null && {
        warm_start: { path: warmStart, xxh64: this.#warmStartXxh64 },
      }),
      crossed_after_ns: crossedAfterNs,
      latency_max_ns: latencyMaxNs,
      thresholds,
      codec,
      ...(numbers !== 'pips' && { numbers }),
    };
  }

  #partsOf(folder: string, entry: ManifestDay): ManifestPart[] {
    const { partDigests, partKeyframes, digest } = entry.result?.book ?? NO_BOOK;
    return [...entry.parts].flatMap(([table, parts]) =>
      parts.map(({ path, rows, bytes, xxh64 }, index) => ({
        table,
        path: relative(folder, path),
        rows,
        bytes,
        xxh64,
        digest: table === 'depth' ? (partDigests[index] ?? digest) : null,
        keyframe: table === 'depth' ? (partKeyframes[index] ?? null) : null,
      })),
    );
  }
}

function columnsOf(table: OutputTableName, result: JobResult | null): readonly string[] {
  if (isSideTable(table)) return sideColumns(table).map(({ name }) => name);
  return result?.columns.get(table) ?? [];
}

const NO_BOOK = { partDigests: [], partKeyframes: [], digest: null } as const;

/** Paths of the manifest are relative to its folder, so that the folder can be moved. */
function relative(folder: string, path: string): string {
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

function accountingOf(day: InstrumentDay, report: InstrumentAudit): ManifestAccounting[] {
  const { exchange, symbol, dt, files: all } = day;
  const depth = [...all.depth, ...all.snapshots];
  const { trades } = all;
  const entry = (
    table: 'depth' | 'trades',
    files: readonly PlannedFile[],
    accounting: InstrumentAudit['accounting'],
  ): ManifestAccounting => ({
    exchange,
    symbol,
    dt,
    table,
    inputs: files.map(({ path }) => path),
    ...accounting,
  });
  const entries: ManifestAccounting[] = [];
  if (depth.length > 0) entries.push(entry('depth', depth, report.accounting));
  if (trades.length > 0) entries.push(entry('trades', trades, report.trades_accounting));
  return entries;
}
