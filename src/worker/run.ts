import type { AuditReport } from '../audit/types.js';
import type { InstrumentDay, Scales } from '../dialects/types.js';
import { interrupted, PipelineError } from '../errors/errors.js';
import { OutputFolder } from '../io/file-output-folder.js';
import { dayMetadata, type OutputTableName, outputPath } from '../pipeline/day-paths.js';
import { dayFindings } from '../pipeline/day-report.js';
import { InstrumentJob } from '../pipeline/instrument-job.js';
import type { JobOptions } from '../pipeline/job-host.js';
import { type Manifest, ManifestBuilder } from '../pipeline/manifest.js';
import type { RunOptions } from '../pipeline/options.js';
import type { RowTable } from '../pipeline/output-tables.js';
import type { WrittenPart } from '../pipeline/table-writer.js';
import { toJson } from '../units/json.js';
import { VERSION } from '../units/version.js';
import { CarriedBooks } from './carried-books.js';
import { type ClosedDay, closeDays, type FinishedDay } from './close-days.js';
import { contentHash } from './content-hash.js';
import { DaysBefore } from './days-before.js';
import { RunSpill } from './gather-rows.js';
import { jobOptionsOf, runOptions } from './input-options.js';
import { planRun } from './plan-run.js';
import { delaySeed } from './random-delays.js';
import { RunContext } from './run-context.js';
import { machineText, type PoolFacts } from './run-facts.js';
import { runReport } from './run-report.js';
import { SideFiles } from './side-files.js';
import { ThreadPool } from './thread-pool.js';
import { inputsOf } from './used-inputs.js';
import { ROW_TABLES, wants } from './wanted-tables.js';
import {
  filesOfWarmStart,
  planWarmStart,
  type WarmRunPlan,
  warmBooks,
  warmJobOptions,
} from './warm-start.js';

/** What a caller says of a run; `runOptions` fills in the rest. */
export type RunRequest = Partial<RunOptions> & Pick<RunOptions, 'inputs' | 'out'>;

/** What a caller says of an audit: a run that writes nothing. */
export type AuditRequest = Omit<
  RunRequest,
  'out' | 'tables' | 'codec' | 'bookDepth' | 'bookEvery' | 'sync'
>;

export interface RunResult {
  readonly report: AuditReport;
  /** null for an audit, which writes no files. */
  readonly manifest: Manifest | null;
  readonly outputs: readonly {
    table: OutputTableName;
    path: string;
    rows: number;
    bytes: number;
  }[];
  readonly seconds: number;
  /** Slots in use at the most, and requests that had to wait: back-pressure seen. */
  readonly pools: readonly PoolFacts[];
}

/**
 * The main job: reads the inputs, books them, and writes events, book, trades, findings and audit
 * into `request.out`. What is not said has its default. An input that fails ends alone (it is in `report.failures`), unless
 * `failFast`; nothing unfinished keeps a final name.
 *
 * @throws PipelineError when nothing could be done at all: the codes of the plan, of the output
 *   folder and of the memory; ERR_INTERRUPTED after `request.signal`; otherwise the first failure,
 *   when every instrument failed
 */
export async function run(request: RunRequest): Promise<RunResult> {
  return execute(runOptions(request), request.out);
}

/** The audit alone: the same work, with no file written. Errors as `run`. */
export async function audit(request: AuditRequest): Promise<RunResult> {
  return execute(runOptions({ ...request, out: '' }), null);
}

async function execute(options: RunOptions, out: string | null): Promise<RunResult> {
  const started = performance.now();
  const folder = out === null ? null : await OutputFolder.prepare(out, options);
  const threads = new ThreadPool(options.workers, delaySeed());
  const spill = new RunSpill(folder?.path ?? null);
  let isDone = false;
  try {
    const plan = await planRun(options, threads, { ...options, threads, spill });
    const wanted = ROW_TABLES.filter((table) => wants(options, table));
    const tables = new Set(folder === null ? [] : wanted);
    const warm = await planWarmStart(options.warmStart, options, plan.days);
    const warmDays = warm.map(({ day }) => day);
    const context = await RunContext.open([...plan.input.days, ...warmDays], threads, {
      workers: options.workers,
      memoryBytes: options.memoryBytes,
      tables,
      unitRows: options.batchRows,
      bookDepth: options.bookDepth,
      bookEvery: options.bookEvery,
    });
    const runner = new Runner(options, folder, { ...plan, warm }, context, tables, started);
    try {
      const result = await runner.run();
      isDone = result.report.failures.length === 0;
      return result;
    } finally {
      context.close();
    }
  } catch (error) {
    await folder?.removeEmpty();
    throw error;
  } finally {
    await threads.close({ keep: isDone });
    await spill.close();
  }
}

class Runner {
  readonly #options: RunOptions;
  readonly #folder: OutputFolder | null;
  readonly #side: SideFiles | null;
  readonly #plan: WarmRunPlan;
  readonly #context: RunContext;
  readonly #tables: ReadonlySet<RowTable>;
  readonly #started: number;
  readonly #failures: AuditReport['failures'] = [];
  #firstFailure: unknown = null;
  /** By the indexes of the plan. */
  readonly #finished = new Map<number, FinishedDay>();
  readonly #outputs: { table: OutputTableName; path: string; rows: number; bytes: number }[] = [];
  readonly #manifest: ManifestBuilder;
  #carried: CarriedBooks;
  readonly #daysBefore: DaysBefore;
  #rowsDone = 0;
  #bytesDone = 0;
  #instrumentsDone = 0;

  constructor(
    options: RunOptions,
    folder: OutputFolder | null,
    plan: WarmRunPlan,
    context: RunContext,
    tables: ReadonlySet<RowTable>,
    started: number,
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#side = folder === null ? null : new SideFiles(folder, context.jobHost, options);
    this.#plan = plan;
    this.#context = context;
    this.#tables = tables;
    this.#started = started;
    this.#manifest = new ManifestBuilder(options);
    this.#carried = new CarriedBooks(plan.days, plan.input.holes, new Map());
    this.#daysBefore = new DaysBefore(plan.days);
    for (const { path, error } of plan.input.failures) {
      this.#fail({ input: path, exchange: '', symbol: '', dt: '' }, error);
    }
    for (const { day, error } of plan.failures) this.#failDay(day, error);
  }

  async run(): Promise<RunResult> {
    const { signal } = this.#options;
    const stop = (): void => this.#context.fail(interrupted());
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    try {
      await this.#warmUp();
      await this.#runDays();
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    if (this.#context.failure !== null) throw this.#context.failure;
    if (this.#finished.size === 0 && this.#firstFailure !== null) throw this.#firstFailure;
    return this.#finish();
  }

  /** Books the days that other days begin with; nothing of them is written. */
  async #warmUp(): Promise<void> {
    const { warm, days, input } = this.#plan;
    if (warm.length === 0) return;
    const books = await warmBooks(this.#options.warmStart!, warm, async (each, position) => {
      const id = days.length + position;
      const job = this.#openJob(id, each.day, each.scales, warmJobOptions);
      this.#context.jobs.set(id, job);
      try {
        return (await job.run()).book.carried;
      } finally {
        this.#context.jobs.delete(id);
      }
    });
    this.#carried = new CarriedBooks(days, input.holes, books);
    if (this.#folder === null) return;
    const hash = await contentHash(this.#context.jobHost, filesOfWarmStart(warm));
    this.#manifest.addWarmStart(hash);
  }

  /** Days start in order, as many side by side as the memory bears. */
  async #runDays(): Promise<void> {
    const queue = this.#plan.days.entries();
    const lane = async (): Promise<void> => {
      for (const [id, { day, scales }] of queue) {
        if (this.#context.failure !== null) return;
        if (this.#options.failFast && this.#firstFailure !== null) return;
        await this.#runDay(id, day, scales);
        this.#instrumentsDone++;
        this.#progress();
      }
    };
    await Promise.all(Array.from({ length: this.#context.jobsAtOnce }, lane));
  }

  async #runDay(id: number, day: InstrumentDay, scales: Scales): Promise<void> {
    const job = this.#openJob(id, day, scales);
    this.#context.jobs.set(id, job);
    try {
      const result = await job.run();
      this.#carried.finished(id, result.book.carried);
      const findings = dayFindings(job, result, this.#options.selection);
      await job.publish();
      this.#daysBefore.finished(id, result.book);
      this.#finished.set(id, { day, scales, result, findings });
    } catch (error) {
      await job.abort();
      this.#failDay(day, error);
    } finally {
      this.#context.jobs.delete(id);
      this.#carried.finished(id, null);
    }
  }

  #openJob(
    id: number,
    day: InstrumentDay,
    scales: Scales,
    change: (options: JobOptions) => JobOptions = (options) => options,
  ): InstrumentJob {
    const host = {
      ...this.#context.jobHost,
      openSink: (table: RowTable, of: InstrumentDay, partIndex: number) =>
        this.#folder!.openSink(outputPath(table, of, partIndex)),
      keyValue: (table: RowTable, of: InstrumentDay, its: Scales) =>
        dayMetadata(table, of, its, this.#options.numbers),
      onProgress: (rows: number, bytes: number): void => {
        this.#rowsDone += rows;
        this.#bytesDone += bytes;
        this.#progress();
      },
    };
    const options = change({
      ...jobOptionsOf(this.#options),
      tables: this.#tables,
      grids: this.#folder !== null && wants(this.#options, 'instruments'),
      ...this.#context.sizes,
      holes: this.#plan.input.holes,
      unreadable: this.#plan.input.unreadable,
      carried: this.#carried.before(id),
      carries: this.#carried.isWanted(id),
      ...this.#daysBefore.asks(id),
    });
    return new InstrumentJob(id, day, scales, host, options);
  }

  #wrote(table: OutputTableName, parts: readonly WrittenPart[]): void {
    for (const { path, rows, bytes } of parts) this.#outputs.push({ table, path, rows, bytes });
  }

  async #writeDay(day: ClosedDay): Promise<void> {
    const parts = new Map<OutputTableName, readonly WrittenPart[]>(day.result.parts);
    for (const { table, part } of (await this.#side?.writeDay(day)) ?? []) parts.set(table, [part]);
    for (const [table, written] of parts) this.#wrote(table, written);
    this.#manifest.addDay({ ...day, parts });
  }

  async #writeMissingDays(): Promise<void> {
    const { input, days } = this.#plan;
    const written = await this.#side?.writeMissingDays(input.missingDays, days);
    for (const { day, part } of written ?? []) {
      this.#wrote('calendar', [part.part]);
      this.#manifest.addMissingDay(day, new Map([['calendar', [part.part]]]));
    }
  }

  #failDay(day: InstrumentDay, error: unknown): void {
    const { exchange, symbol, dt, files } = day;
    const input = Object.values(files).flat()[0]?.path ?? '';
    this.#fail({ input, exchange, symbol, dt }, error);
  }

  #fail(
    where: { input: string; exchange: string; symbol: string; dt: string },
    error: unknown,
  ): void {
    this.#firstFailure ??= error;
    const code = error instanceof PipelineError ? error.code : 'ERR_INVARIANT';
    const message = error instanceof Error ? error.message : String(error);
    this.#failures.push({ ...where, code, message });
  }

  #progress(): void {
    const { onProgress } = this.#options;
    if (onProgress === null) return;
    const { rowsTotal, bytesTotal, days } = this.#plan;
    onProgress({
      phase: 'run',
      rowsDone: this.#rowsDone,
      rowsTotal,
      bytesDone: this.#bytesDone,
      bytesTotal,
      instrumentsDone: this.#instrumentsDone,
      instrumentsTotal: days.length,
      elapsedMs: performance.now() - this.#started,
    });
  }

  async #finish(): Promise<RunResult> {
    const finished = this.#daysBefore.told(this.#finished);
    const days = closeDays(finished, this.#plan.input.days, this.#options);
    for (const day of days) await this.#writeDay(day);
    await this.#writeMissingDays();
    const seconds = (performance.now() - this.#started) / 1000;
    const machine = machineText();
    const inputs = inputsOf(this.#plan.input);
    const report = runReport(this.#plan.input, inputs, {
      failures: this.#failures,
      instruments: days.map(({ report: each }) => each),
      thresholds: this.#options.thresholds,
      run: {
        seconds,
        rows_per_second: Math.round(this.#rowsDone / seconds),
        machine,
        version: VERSION,
        workers: this.#context.threads.shares,
      },
    });
    let manifest: Manifest | null = null;
    if (this.#folder !== null) {
      manifest = this.#manifest.build(this.#folder.path, inputs, { seconds, machine });
      await this.#folder.writeText('audit.json', `${toJson(report, 2)}\n`);
      await this.#folder.writeText('views.sql', this.#manifest.views());
      await this.#folder.writeText('manifest.json', `${toJson(manifest, 2)}\n`);
    }
    const { pools } = this.#context;
    return { report, manifest, outputs: this.#outputs, seconds, pools };
  }
}
