import type { Options } from 'yargs';
import { DIALECT_NAMES, type SequencePolicy } from '../dialects/types.js';
import type { Codec } from '../parquet/write-types.js';
import type {
  CrossedPolicy,
  InputOptions,
  NumberFormat,
  OutputTable,
  RunOptions,
  Selection,
} from '../pipeline/options.js';
import type { RunRequest } from '../worker/run.js';
import { flagOf, type RawArguments, STDIN_LIST, textOf, textsOf } from './arguments.js';
import {
  parseBytes,
  parseCount,
  parseDurationNs,
  parseTimeNs,
  parseWord,
  refuse,
} from './parse.js';
import {
  parseBookCadence,
  parseColumnMap,
  parseScaleRules,
  parseThresholds,
} from './parse-rules.js';

const POLICIES: readonly SequencePolicy[] = [
  'chain',
  'contiguous',
  'checksum',
  'monotonic',
  'snapshot',
];
const CROSSED: readonly CrossedPolicy[] = ['reseed', 'report', 'uncross'];
const TABLES: readonly OutputTable[] = [
  'depth',
  'book',
  'trades',
  'keyframes',
  'gaps',
  'quality',
  'instruments',
  'calendar',
  'rejects',
];
const NUMBERS: readonly NumberFormat[] = ['pips', 'decimal', 'double'];
export const CODECS: readonly Codec[] = ['none', 'snappy', 'zstd'];
const WORKERS_MAX = 256;
const BOOK_DEPTH_MAX = 1000;

/** An option with one text; yargs must neither guess numbers nor swallow the next argument. */
export function textOption(describe: string, more: Options = {}): Options {
  return { type: 'string', requiresArg: true, describe, ...more };
}

export const JSON_OPTION: Options = {
  type: 'boolean',
  describe: 'Print the result as JSON on stdout (int64 as decimal strings)',
};

/** Options of every command that reads market data: MODEL section 7. */
export const INPUT_OPTIONS = {
  dialect: textOption(
    `Source of the files: ${DIALECT_NAMES.join(', ')} (default: told by the schema)`,
  ),
  map: textOption('Columns of the dialect generic: price=px,qty=sz,ts_recv=local_ts:ns'),
  policy: textOption(`What the ids prove: ${POLICIES.join(', ')} (default: by the source)`),
  exchange: textOption('Only this exchange (repeatable, * matches anything)'),
  symbol: textOption('Only this symbol (repeatable, * matches anything)'),
  from: textOption('From this time on (ISO 8601 or ns; by ts_recv, UTC)'),
  to: textOption('Up to but not including this time'),
  limit: textOption('So many rows of each instrument and day, and the rest of the last message'),
  'price-scale': textOption("Decimals of prices: N, auto or 'PATTERN=N' (default: auto)"),
  'qty-scale': textOption("Decimals of quantities: N, auto or 'PATTERN=N' (default: auto)"),
} as const satisfies Record<string, Options>;

/** Options of commands that compute. */
export const COMPUTE_OPTIONS = {
  workers: textOption('Threads that decode and encode (default: all cores)'),
  memory: textOption('Memory for data, fixed at the start (default: 1/4 of RAM, at most 2GB)'),
  'batch-rows': textOption('Rows of a work unit; never changes the output (default: chosen)'),
  crossed: textOption(
    `A crossed book: ${CROSSED.join(', ')} (default: reseed where there are snapshots, else report)`,
  ),
  'crossed-after': textOption('Reseed a book that stays crossed this long (default: 2s)'),
  'warm-start': textOption(
    'Output folder or file whose last book the first day of each instrument begins with',
  ),
  'fail-fast': { type: 'boolean', describe: 'Stop at the first input that fails' },
  silence: textOption(
    'Report silences and outages: auto or a duration of 1s or more (default: auto, 50 x the p99)',
  ),
  'latency-max': textOption('Stamps further apart than this are marked BAD_TS (default: 1h)'),
  thresholds: textOption(
    'What a day may have and still be usable: crossed=1%,missing=2%,thin=10%,invalid=5%,' +
      'untrusted=2%,gaps=0,rejected=0 (the defaults)',
  ),
  strict: { type: 'boolean', describe: 'Exit with 3 on findings and on rejected rows' },
} as const satisfies Record<string, Options>;

/** Options of `run` alone. */
export const OUTPUT_OPTIONS = {
  out: textOption('Output folder: new or empty', { alias: 'o' }),
  tables: textOption(
    `Tables to write, with commas: ${TABLES.join(', ')}, or all (default: all but keyframes)`,
  ),
  'book-depth': textOption('Levels a side in the table book (default: 1)'),
  'book-every': textOption('Rows of the table book: message, change or 100ms (default: message)'),
  numbers: textOption(
    `Prices and quantities: ${NUMBERS.join(', ')}; the last two as plain values (default: pips)`,
  ),
  codec: textOption(`Compression of the output: ${CODECS.join(', ')} (default: none)`),
  'no-sync': {
    type: 'boolean',
    describe:
      'Do not force files to disk: a power cut can then lose a finished run; a killed process cannot',
  },
} as const satisfies Record<string, Options>;

/** Inputs, selection and scales out of the raw arguments. @throws UsageError */
export function inputOptionsOf(args: RawArguments): InputOptions {
  const dialect = textOf(args, 'dialect');
  const policy = textOf(args, 'policy');
  return {
    inputs: textsOf(args, 'input').map((input) => (input === STDIN_LIST ? '-' : input)),
    dialect:
      dialect === null ? null : parseWord(dialect, '--dialect', DIALECT_NAMES, 'ERR_USAGE_DIALECT'),
    map: parseColumnMap(textsOf(args, 'map'), '--map'),
    policy: policy === null ? null : parseWord(policy, '--policy', POLICIES),
    selection: selectionOf(args),
    priceScale: parseScaleRules(textsOf(args, 'price-scale'), '--price-scale'),
    qtyScale: parseScaleRules(textsOf(args, 'qty-scale'), '--qty-scale'),
  };
}

function selectionOf(args: RawArguments): Selection {
  const from = textOf(args, 'from');
  const to = textOf(args, 'to');
  const limit = textOf(args, 'limit');
  const fromNs = from === null ? null : parseTimeNs(from, '--from');
  const toNs = to === null ? null : parseTimeNs(to, '--to');
  if (fromNs !== null && toNs !== null && fromNs >= toNs) {
    refuse('ERR_USAGE_TIME', '--to', to ?? '', `a time after --from (${from})`);
  }
  return {
    exchanges: textsOf(args, 'exchange'),
    symbols: textsOf(args, 'symbol'),
    fromNs,
    toNs,
    limit: limit === null ? null : parseCount(limit, '--limit', 1, Number.MAX_SAFE_INTEGER),
  };
}

/** A day has at most 86,400 silences of a second: what is listed stays bounded. */
function parseSilenceNs(text: string): bigint {
  const silenceNs = parseDurationNs(text, '--silence');
  if (silenceNs >= 1_000_000_000n) return silenceNs;
  return refuse('ERR_USAGE_DURATION', '--silence', text, 'auto, or a duration of 1s or more');
}

/** What `run` and `audit` have in common besides their inputs; only what was said. @throws UsageError */
export function computeOptionsOf(
  args: RawArguments,
): Partial<
  Pick<
    RunOptions,
    | 'workers'
    | 'memoryBytes'
    | 'batchRows'
    | 'crossed'
    | 'crossedAfterNs'
    | 'latencyMaxNs'
    | 'silenceNs'
    | 'thresholds'
    | 'warmStart'
  >
> &
  Pick<RunOptions, 'failFast'> {
  const workers = textOf(args, 'workers');
  const memory = textOf(args, 'memory');
  const batchRows = textOf(args, 'batch-rows');
  const crossed = textOf(args, 'crossed');
  const warmStart = textOf(args, 'warm-start');
  const crossedAfter = textOf(args, 'crossed-after');
  const silence = textOf(args, 'silence');
  const latencyMax = textOf(args, 'latency-max');
  const thresholds = textsOf(args, 'thresholds');
  return {
    ...(workers !== null && { workers: parseCount(workers, '--workers', 1, WORKERS_MAX) }),
    ...(memory !== null && { memoryBytes: parseBytes(memory, '--memory') }),
    ...(batchRows !== null && {
      batchRows: parseCount(batchRows, '--batch-rows', 1, Number.MAX_SAFE_INTEGER),
    }),
    ...(crossed !== null && { crossed: parseWord(crossed, '--crossed', CROSSED) }),
    ...(crossedAfter !== null && {
      crossedAfterNs: parseDurationNs(crossedAfter, '--crossed-after', true),
    }),
    ...(silence !== null && silence !== 'auto' && { silenceNs: parseSilenceNs(silence) }),
    ...(latencyMax !== null && { latencyMaxNs: parseDurationNs(latencyMax, '--latency-max') }),
    ...(thresholds.length > 0 && { thresholds: parseThresholds(thresholds, '--thresholds') }),
    ...(warmStart !== null && { warmStart }),
    failFast: flagOf(args, 'fail-fast'),
  };
}

/** Everything that `run` takes but the hooks. @throws UsageError */
export function runOptionsOf(args: RawArguments): RunRequest & InputOptions {
  const tables = textsOf(args, 'tables').flatMap((text) => text.split(','));
  const bookDepth = textOf(args, 'book-depth');
  const bookEvery = textOf(args, 'book-every');
  const codec = textOf(args, 'codec');
  const numbers = textOf(args, 'numbers');
  return {
    ...inputOptionsOf(args),
    ...computeOptionsOf(args),
    out: textOf(args, 'out') ?? '',
    tables: tables.flatMap((text) => {
      const table = parseWord(text, '--tables', [...TABLES, 'all']);
      return table === 'all' ? TABLES : table;
    }),
    ...(bookDepth !== null && {
      bookDepth: parseCount(bookDepth, '--book-depth', 1, BOOK_DEPTH_MAX),
    }),
    ...(bookEvery !== null && { bookEvery: parseBookCadence(bookEvery, '--book-every') }),
    ...(numbers !== null && { numbers: parseWord(numbers, '--numbers', NUMBERS) }),
    ...(codec !== null && { codec: parseWord(codec, '--codec', CODECS) }),
    sync: !flagOf(args, 'no-sync'),
  };
}
