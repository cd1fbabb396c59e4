import { InputError, PipelineError, UsageError } from '../errors/errors.js';
import { mapBounded } from '../io/map-bounded.js';
import type { ParquetFooter } from '../parquet/reader.js';
import { textFactsOf } from '../text/text-footer.js';
import { withoutCopies } from './copies.js';
import { withLastDays } from './last-days.js';
import type { InputOptions } from './options.js';
import { groupIntoDays, type InstrumentFile, missingDaysOf } from './plan-days.js';
import { listInstruments, type PlanHost, type ProbedFile, probeFile } from './probe.js';
import { recogniseFile } from './registry.js';
import { selectRowGroups, selectsInstrument } from './selection.js';
import { findShardHoles, type ShardHole, shardNumber } from './shards.js';
import { dayOf } from './time-units.js';
import { withWholeTradeIds } from './trade-id-type.js';
import type { InstrumentDay, RecognisedFile, SkippedFile } from './types.js';
import { withoutCutMessage } from './whole-messages.js';

/** A file to plan: io/file-discover.ts finds them. */
export interface FoundFile {
  readonly path: string;
  readonly mtimeNs: bigint;
}

/** A file that could not be used though it should be; the others go on without it. */
export interface InputFailure {
  readonly path: string;
  readonly error: PipelineError;
}

/**
 * Days between an instrument's first and last for which there is no file of any table, and into
 * which none of a day before runs on.
 */
export interface MissingDays {
  readonly exchange: string;
  readonly symbol: string;
  readonly days: readonly string[];
}

/** Where a text breaks off. */
export interface Truncation {
  readonly path: string;
  /** Byte of its (unpacked) text behind the last whole line. */
  readonly offset: number;
  readonly reason: string;
}

/** Paths of files of which no row is read, and that may be of a table: of it, or of unknown ones. */
export type UnreadablePaths = Readonly<Record<'depth' | 'snapshots', readonly string[]>>;

export interface InputPlan {
  /** By exchange, symbol and day. */
  readonly days: readonly InstrumentDay[];
  readonly skipped: readonly SkippedFile[];
  readonly failures: readonly InputFailure[];
  readonly unreadable: UnreadablePaths;
  readonly holes: readonly ShardHole[];
  readonly missingDays: readonly MissingDays[];
  /** Texts that break off: they are used up to their last whole message. */
  readonly truncations: readonly Truncation[];
}

/** Footers that are read at the same time. */
const OPEN_FILES_MAX = 8;

/**
 * Turns files into the instruments' days that the selection takes, each with its files in
 * canonical order. Reads footers, and rows only where names and footers do not tell: the first
 * row group for a time's unit or a file's day, columns that name instruments as a whole.
 *
 * A file that cannot be read, is of no known dialect, lacks a column or does not go with the
 * others of its day is a failure of its own; the caller decides what that means for the run. A
 * plan without days therefore has failures. A file that holds what another one does is skipped.
 *
 * The day of a file whose path and metadata state none is the UTC day of its first ts_recv, for
 * all of its rows.
 *
 * @throws InputError ERR_INPUT_NO_ROWS when all files are empty, ERR_INPUT_NO_MATCH when the
 *   selection takes nothing, ERR_INPUT_EMPTY when every file is of a table that is not used;
 *   UsageError ERR_USAGE_MAP
 */
export async function planInputs(
  files: readonly FoundFile[],
  options: Omit<InputOptions, 'inputs' | 'priceScale' | 'qtyScale'>,
  host: PlanHost,
): Promise<InputPlan> {
  const planner = new Planner(options, host);
  const recognised = await planner.recognise(files);
  const whole = await planner.withoutCutMessages(recognised);
  const filled = planner.withRows(whole.map(withWholeTradeIds));
  const instrumentFiles = await planner.byInstrument(filled);
  const selected = planner.withoutAggregates(planner.select(instrumentFiles));
  const once = await withoutCopies(selected, host);
  planner.skipped.push(...once.skipped);
  const grouped = groupIntoDays(once.files, options.policy);
  planner.failures.push(...grouped.failures);
  const { skipped, failures } = planner;
  if (grouped.days.length === 0 && failures.length === 0) {
    throw new InputError(
      'ERR_INPUT_EMPTY',
      `None of the ${files.length} files is of a table that depthmill uses: ` +
        `${skipped[0]?.path}: ${skipped[0]?.reason}.`,
      { details: { skipped: skipped.map(({ path, reason }) => `${path}: ${reason}`) } },
    );
  }
  const days = await withLastDays(grouped.days, host);
  const holes = findShardHoles(recognised).filter((hole) => isPlanned(grouped.days, hole));
  const truncations = truncationsOf(whole);
  // What another output holds too is no hole.
  const lost = failures.filter(({ error }) => error.code !== 'ERR_INPUT_OVERLAP');
  const paths = [...lost, ...whole.filter(breaksOffAtOnce)].map(({ path }) => path);
  const unreadable = {
    depth: [...new Set(paths)].filter(mayBe('depth', recognised)),
    snapshots: [...new Set(paths)].filter(mayBe('snapshots', recognised)),
  };
  const missingDays = missingDaysOf(days);
  return { days, missingDays, holes, skipped, failures, unreadable, truncations };
}

function mayBe(
  wanted: keyof UnreadablePaths,
  recognised: readonly RecognisedFile[],
): (path: string) => boolean {
  return (path) => {
    const tables = recognised.filter((file) => file.path === path).map(({ table }) => table);
    return tables.length === 0 || tables.includes(wanted);
  };
}

/** No message of it is whole. */
function breaksOffAtOnce({ footer }: RecognisedFile): boolean {
  return footer.rowCount === 0 && (textFactsOf(footer)?.truncation ?? null) !== null;
}

function truncationsOf(files: readonly RecognisedFile[]): Truncation[] {
  const found = new Map<string, Truncation>();
  for (const { path, footer } of files) {
    const truncation = textFactsOf(footer)?.truncation ?? null;
    if (truncation !== null) found.set(path, { path, ...truncation });
  }
  return [...found.values()];
}

function isPlanned(days: readonly InstrumentDay[], hole: ShardHole): boolean {
  return days.some(
    ({ exchange, symbol, dt }) =>
      exchange === hole.exchange && symbol === hole.symbol && dt === hole.dt,
  );
}

class Planner {
  readonly skipped: SkippedFile[] = [];
  readonly failures: InputFailure[] = [];
  readonly #options: Parameters<typeof planInputs>[1];
  readonly #host: PlanHost;

  constructor(options: Parameters<typeof planInputs>[1], host: PlanHost) {
    this.#options = options;
    this.#host = host;
  }

  async recognise(files: readonly FoundFile[]): Promise<RecognisedFile[]> {
    const footers = await mapBounded(files, OPEN_FILES_MAX, (found) =>
      this.#orFailure(found.path, () => this.#readFooter(found.path)),
    );
    const recognised: RecognisedFile[] = [];
    for (const [index, found] of files.entries()) {
      const footer = footers[index]!;
      if (footer === null) continue;
      const { path, mtimeNs } = found;
      const known = await this.#orFailure(path, async () =>
        recogniseFile({ path, mtimeNs, footer }, this.#options),
      );
      for (const table of known ?? []) {
        if (table.kind === 'skip') this.skipped.push(table.skipped);
        else recognised.push(table.file);
      }
    }
    return recognised;
  }

  /** Of texts that break off only whole messages count. */
  async withoutCutMessages(files: readonly RecognisedFile[]): Promise<RecognisedFile[]> {
    const whole: RecognisedFile[] = [];
    for (const file of files) {
      const cut = await this.#orFailure(file.path, () => withoutCutMessage(file, this.#host));
      if (cut !== null) whole.push(cut);
    }
    return whole;
  }

  /** Leaves files without rows out. */
  withRows(files: readonly RecognisedFile[]): RecognisedFile[] {
    const filled = files.filter((file) => file.footer.rowCount > 0);
    if (filled.length === 0 && files.length > 0 && this.failures.length === 0) {
      const [first] = files;
      throw new InputError(
        'ERR_INPUT_NO_ROWS',
        files.length === 1
          ? `${first!.path} holds no rows.`
          : `All ${files.length} input files hold no rows, ${first!.path} for one.`,
        { details: { paths: files.map((file) => file.path) } },
      );
    }
    for (const file of files) {
      if (file.footer.rowCount === 0) {
        this.skipped.push({ path: file.path, reason: 'the file holds no rows' });
      }
    }
    return filled;
  }

  /** Settles units and days, and splits files that hold several instruments. */
  async byInstrument(files: readonly RecognisedFile[]): Promise<InstrumentFile[]> {
    const found: InstrumentFile[] = [];
    for (const file of files) {
      const parts = await this.#orFailure(file.path, () => this.#partsOf(file));
      found.push(...(parts ?? []));
    }
    return found;
  }

  async #partsOf(found: RecognisedFile): Promise<InstrumentFile[]> {
    const { file, firstNs } = await this.#probe(found);
    const dt = file.dt ?? (firstNs === null ? null : dayOf(firstNs));
    if (dt === null) {
      throw new InputError(
        'ERR_INPUT_SCHEMA',
        `No stamp in the first rows of ${file.path} is a time since 2001 in s, ms, µs or ns; say` +
          ' the unit with --map ts_recv=COLUMN:ms.',
        { details: { path: file.path } },
      );
    }
    if (file.exchange !== null && file.symbol !== null) {
      const { exchange, symbol } = file;
      const rowGroupIndexes = [...file.footer.rowGroupRows.keys()];
      return [{ file, exchange, symbol, dt, firstNs, rowFilter: null, rowGroupIndexes }];
    }
    const instruments = await listInstruments(file, this.#host);
    const [only] = instruments;
    if (instruments.length === 1 && !only!.hasNull) {
      // All rows are one instrument's: no need to compare each of them again.
      const { exchange, symbol, rowGroupIndexes } = only!;
      const named = { ...file, exchange, symbol };
      return [{ file: named, exchange, symbol, dt, firstNs, rowFilter: null, rowGroupIndexes }];
    }
    return instruments.map(({ exchange, symbol, rowGroupIndexes }) => ({
      file,
      exchange,
      symbol,
      dt,
      firstNs,
      rowFilter: {
        exchange: file.exchange === null ? exchange : null,
        symbol: file.symbol === null ? symbol : null,
      },
      rowGroupIndexes,
    }));
  }

  /** Rows are looked at only where a unit, the day or the file's place among others needs it. */
  async #probe(file: RecognisedFile): Promise<ProbedFile> {
    const mapping = (file.rows ?? file.levels)!;
    const fields = [mapping.tsRecv, mapping.tsEvent].filter((field) => field !== null);
    const unitsKnown = fields.every((field) => field.unitNs !== null);
    const isPlaced = file.dt !== null && shardNumber(file) !== null;
    return unitsKnown && isPlaced ? { file, firstNs: null } : probeFile(file, this.#host);
  }

  /** Where a day has single trades, their aggregates are the same trades again. */
  withoutAggregates(parts: readonly InstrumentFile[]): InstrumentFile[] {
    const dayOf = (part: InstrumentFile): string =>
      `${part.exchange}\0${part.symbol}\0${part.dt}\0${part.file.table}`;
    const single = new Set(parts.filter(({ file }) => !file.isAggregate).map(dayOf));
    return parts.filter((part) => {
      const isDouble = part.file.isAggregate === true && single.has(dayOf(part));
      const reason = 'trades of the same day are there, of which these are aggregates';
      if (isDouble) this.skipped.push({ path: part.file.path, reason });
      return !isDouble;
    });
  }

  /** @throws InputError ERR_INPUT_NO_MATCH */
  select(files: readonly InstrumentFile[]): InstrumentFile[] {
    const { selection } = this.#options;
    const wanted = files.filter((part) => selectsInstrument(selection, part.exchange, part.symbol));
    const inTime = wanted
      .map((part) => ({
        ...part,
        rowGroupIndexes: selectRowGroups(selection, part.file, part.rowGroupIndexes),
      }))
      .filter((part) => part.rowGroupIndexes.length > 0);
    if (files.length > 0 && inTime.length === 0) {
      throw noMatch(files, wanted.length > 0);
    }
    return inTime;
  }

  async #readFooter(path: string): Promise<ParquetFooter> {
    const source = await this.#host.openSource(path);
    try {
      return await this.#host.readFooter(source);
    } finally {
      await source.close();
    }
  }

  /** What fails on purpose fails this file alone; a mistake in the arguments fails all. */
  async #orFailure<T>(path: string, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PipelineError) || error instanceof UsageError) throw error;
      if (error.code === 'ERR_INVARIANT') throw error;
      this.failures.push({ path, error });
      return null;
    }
  }
}

function noMatch(files: readonly InstrumentFile[], isTimeOnly: boolean): InputError {
  const there = [...new Set(files.map((part) => `${part.exchange} ${part.symbol}`))].sort();
  const days = files.map((part) => part.dt).sort();
  const shown = there.length <= 50 ? there : [...there.slice(0, 50), `${there.length - 50} more`];
  return new InputError(
    'ERR_INPUT_NO_MATCH',
    isTimeOnly
      ? `No rows lie between --from and --to; the inputs hold days ${days[0]} to ${days.at(-1)}.`
      : `The selection takes no instrument; the inputs hold ${shown.join(', ')}.`,
    { details: { instruments: there } },
  );
}
