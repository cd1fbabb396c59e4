import { pathsBehind, pathsBetween, pathsBetweenDays } from '../dialects/shards.js';
import { dayAfter, dayStartNs } from '../dialects/time-units.js';
import type { InstrumentDay, PlannedFile } from '../dialects/types.js';
import type { ParquetFooter } from '../parquet/reader.js';
import { textFactsOf } from '../text/text-footer.js';
import { bookRowsOf } from './book-rows.js';
import type { CarriedBook } from './carried-book.js';
import type { JobOptions } from './job-host.js';
import type { BookSpec, HoleBefore } from './protocol.js';
import { breakOf } from './truncated-inputs.js';
import { witnessSpecsOf } from './witness-specs.js';

/**
 * Exchanges whose streams begin with the book (`type=snapshot`), and send it again whenever they
 * begin anew. Others must be asked for it, and what they answer is as deep as was asked for.
 */
const SENDS_SNAPSHOTS = /^(?:bybit|okx|okex|okcoin|deribit|kraken|bitget|ftx)/i;

/** Which stamps of a day can be believed. */
export function timeLimitsOf(
  { dt }: InstrumentDay,
  { latencyMaxNs }: Pick<JobOptions, 'latencyMaxNs'>,
): Pick<BookSpec, 'dayFromNs' | 'dayToNs' | 'latencyMaxNs'> {
  return { dayFromNs: dayStartNs(dt), dayToNs: dayStartNs(dayAfter(dt)), latencyMaxNs };
}

/** What the thread that books a day must know of it. */
export function bookSpecOf(
  day: InstrumentDay,
  options: JobOptions,
  carried: CarriedBook | null,
): BookSpec {
  const { exchange, symbol, dt, policy, messageKey, ids, files } = day;
  const { tables, crossedAfterNs, selection } = options;
  const bookRows = bookRowsOf(day, options);
  const snapshots = {
    inDepth: files.depth.some(({ rows }) => rows?.snapshot != null),
    inTable: files.snapshots.length > 0,
    bySocket: files.snapshots.length === 0 && SENDS_SNAPSHOTS.test(exchange),
  };
  const fullBooks = files.book.length + files.deep_book.length + files.snapshots.length;
  const canReseed = snapshots.inDepth || fullBooks > 0;
  return {
    exchange,
    symbol,
    dt,
    policy,
    messageKey,
    isSettled: files.depth.every((file) => file.isSettled === true),
    ids,
    files: [...files.depth, ...files.snapshots].map(({ path }) => path),
    snapshotFileCount: files.snapshots.length,
    holesBefore: files.depth.map((file, index) =>
      index === 0
        ? holeBetweenDays(file, options)
        : holeBefore(file, files.depth[index - 1]!, options),
    ),
    holesBehindSnapshots: files.snapshots.map(({ path }, index) => {
      const next = files.snapshots[index + 1]?.path;
      const lost = options.unreadable.snapshots;
      return unread(next === undefined ? pathsBehind(path, lost) : pathsBetween(path, next, lost));
    }),
    idsProveLines:
      (policy === 'chain' || policy === 'contiguous') &&
      files.depth.every(({ footer }) => isCapture(footer)),
    snapshots,
    witnesses: witnessSpecsOf(day),
    bookDepth: bookRows.depth,
    bookEvery: bookRows.every,
    keyframes: tables.has('keyframes'),
    crossed: options.crossed ?? (canReseed ? 'reseed' : 'report'),
    crossedAfterNs,
    ...timeLimitsOf(day, options),
    silenceNs: options.silenceNs,
    carried,
    carries: options.carries,
    follows: options.follows,
    isFollowed: options.isFollowed,
    wholeDay: selection.limit === null,
  };
}

function isCapture(footer: ParquetFooter): boolean {
  const facts = textFactsOf(footer);
  return facts !== null && 'stream' in facts.lines;
}

/** In front of the first file of a day; that the one before it breaks off is told with that day. */
function holeBetweenDays(
  file: PlannedFile,
  options: Pick<JobOptions, 'holes' | 'unreadable' | 'depthBefore'>,
): HoleBefore | null {
  const shards = missingShards(file, options);
  if (shards !== null || options.depthBefore === null) return shards;
  const { depth } = options.unreadable;
  return unreadHole(pathsBetweenDays(options.depthBefore, file.path, depth));
}

function holeBefore(
  file: PlannedFile,
  before: PlannedFile,
  options: Pick<JobOptions, 'holes' | 'unreadable'>,
): HoleBefore | null {
  const { depth } = options.unreadable;
  const hole =
    missingShards(file, options) ?? unreadHole(pathsBetween(before.path, file.path, depth));
  if (hole !== null) return hole;
  const cut = breakOf(before);
  return cut === null ? null : { kind: 'truncated', ...cut };
}

function missingShards(
  { path }: PlannedFile,
  { holes }: Pick<JobOptions, 'holes'>,
): HoleBefore | null {
  const hole = holes.find(({ table, pathAfter }) => table === 'depth' && pathAfter === path);
  if (hole === undefined) return null;
  const { missingFirst, missingLast } = hole;
  const reason =
    missingFirst === missingLast
      ? `shard ${missingFirst} is missing`
      : `shards ${missingFirst} to ${missingLast} are missing`;
  return { kind: 'hole', reason, origin: null };
}

function unreadHole(lost: readonly string[]): HoleBefore | null {
  const reason = unread(lost);
  return reason === null ? null : { kind: 'hole', reason, origin: null };
}

function unread(lost: readonly string[]): string | null {
  return lost.length === 0 ? null : `${lost.join(', ')} could not be read`;
}
