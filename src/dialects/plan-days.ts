import { InputError } from '../errors/errors.js';
import { compareNatural, compareText } from '../units/natural-order.js';
import { withIdsOfStream } from './ids-of-snapshots.js';
import type { InputOptions } from './options.js';
import { inOwnOrder } from './own-order.js';
import type { InputFailure, InputPlan, MissingDays } from './plan.js';
import { policyWithoutIds } from './policy-ids.js';
import { shardNumber } from './shards.js';
import { dayAfter } from './time-units.js';
import { tradeIdTypeOf } from './trade-id-type.js';
import {
  type IdColumns,
  INPUT_TABLES,
  type InputTable,
  type InstrumentDay,
  type PlannedFile,
  type RecognisedFile,
  type RowFilter,
} from './types.js';

/** What one file holds of one instrument. */
export interface InstrumentFile {
  readonly file: RecognisedFile;
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  readonly firstNs: bigint | null;
  readonly rowFilter: RowFilter | null;
  readonly rowGroupIndexes: readonly number[];
}

/**
 * Groups by exchange, symbol and day, and orders the files of each table: MODEL section 2.
 * @param policy that was asked for; null: those of the sources
 */
export function groupIntoDays(
  parts: readonly InstrumentFile[],
  policy: InputOptions['policy'],
): Pick<InputPlan, 'days' | 'failures'> {
  const groups = new Map<string, InstrumentFile[]>();
  for (const part of parts) {
    const key = `${part.exchange}\0${part.symbol}\0${part.dt}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [part]);
    else group.push(part);
  }
  const failures: InputFailure[] = [];
  const days = withTradeIds(
    [...groups.values()].flatMap((group) => dayOfParts(group, policy, failures) ?? []),
  );
  days.sort(
    (a, b) =>
      compareText(a.exchange, b.exchange) ||
      compareText(a.symbol, b.symbol) ||
      compareText(a.dt, b.dt),
  );
  return { days, failures };
}

/** The trade ids of an instrument have one type on all its days. */
function withTradeIds(days: readonly Omit<InstrumentDay, 'tradeIds'>[]): InstrumentDay[] {
  const nameOf = (day: Omit<InstrumentDay, 'tradeIds'>): string => `${day.exchange}\0${day.symbol}`;
  const texts = new Set(
    days.filter(({ files }) => tradeIdTypeOf(files.trades) === 'text').map(nameOf),
  );
  return days.map((day) => ({ ...day, tradeIds: texts.has(nameOf(day)) ? 'text' : 'int64' }));
}

function dayOfParts(
  parts: readonly InstrumentFile[],
  policyAsked: InputOptions['policy'],
  failures: InputFailure[],
): Omit<InstrumentDay, 'tradeIds'> | null {
  const ordered = INPUT_TABLES.map((table) => {
    const files = parts.filter((part) => part.file.table === table);
    if (files[0]?.file.dialect === 'depthmill') {
      const own = inOwnOrder(files);
      failures.push(...own.overlapping);
      return own.ordered;
    }
    const inOrder = inCanonicalOrder(files);
    if (table !== 'depth') return inOrder;
    const whole = withIds(inOrder);
    return policyAsked === null ? whole : whole.filter(({ file }) => hasIds(file, failures));
  });
  const leader = ordered.flat()[0];
  if (leader === undefined) return null;
  const { exchange, symbol, dt } = leader;
  const files: Record<InputTable, readonly PlannedFile[]> = {
    depth: [],
    snapshots: [],
    book: [],
    deep_book: [],
    quotes: [],
    trades: [],
  };
  for (const [index, table] of INPUT_TABLES.entries()) {
    const tableParts = ordered[index]!;
    const fitting = tableParts.filter((part) => {
      const error = misfit(leader.file, tableParts[0]!.file, part.file);
      if (error !== null) failures.push({ path: part.file.path, error });
      return error === null;
    });
    files[table] = fitting.map(plannedFile);
  }
  const { dialect, policy, messageKey, rows, table } = leader.file;
  const isDepth = table === 'depth' || table === 'snapshots';
  const ids: IdColumns = {
    sequence: isDepth && rows?.sequence != null,
    sequenceFirst: isDepth && rows?.sequenceFirst != null,
    sequencePrev: isDepth && rows?.sequencePrev != null,
  };
  return { exchange, symbol, dt, dialect, policy, messageKey, ids, files };
}

function withIds(parts: readonly InstrumentFile[]): InstrumentFile[] {
  const files = withIdsOfStream(parts.map(({ file }) => file));
  return parts.map((part, index) => ({ ...part, file: files[index]! }));
}

/** Whether a file has the ids of the policy that was asked for; else it fails. */
function hasIds(file: RecognisedFile, failures: InputFailure[]): boolean {
  const error = policyWithoutIds(file);
  if (error !== null) failures.push({ path: file.path, error });
  return error === null;
}

/** Numbered shards by number, then other names by the first receipt time; paths break ties. */
function inCanonicalOrder(parts: readonly InstrumentFile[]): InstrumentFile[] {
  const placed = parts.map((part) => ({ part, number: shardNumber(part.file) }));
  placed.sort((a, b) => {
    const byPath = compareNatural(a.part.file.path, b.part.file.path);
    if (a.number !== null && b.number !== null) return a.number - b.number || byPath;
    if (a.number !== null || b.number !== null) return a.number !== null ? -1 : 1;
    const difference = (a.part.firstNs ?? NEVER) - (b.part.firstNs ?? NEVER);
    return difference === 0n ? byPath : difference < 0n ? -1 : 1;
  });
  return placed.map(({ part }) => part);
}

/** Files without any stamp come last. */
const NEVER = 1n << 63n;

/** Why a file cannot go into one stream with the first of its day and table, or null. */
function misfit(
  leader: RecognisedFile,
  first: RecognisedFile,
  file: RecognisedFile,
): InputError | null {
  const differs = (what: string, found: string, expected: string, than: string): InputError =>
    new InputError(
      'ERR_INPUT_SCHEMA',
      `${file.path} has ${what} ${found}, but ${than} of the same instrument and day has` +
        ` ${expected}; they make no one stream. Run them apart.`,
      { details: { path: file.path, found, expected, other: than } },
    );
  // Quotes are compared with the stream and are no part of it: another source may have them.
  const beside = file.table === 'quotes' ? first : leader;
  if (file.dialect !== beside.dialect) {
    return differs('the dialect', file.dialect, beside.dialect, beside.path);
  }
  const hasId = (of: RecognisedFile): boolean => of.rows?.sequence != null;
  if (file.table === 'snapshots' && hasId(leader) && !hasId(file)) {
    return differs('no id of its snapshots', 'none', 'ids', leader.path);
  }
  const ordering = (of: RecognisedFile): string =>
    `${of.policy}, ${of.messageKey}, ${idNames(of).join('+') || 'no ids'}`;
  if (ordering(file) !== ordering(first)) {
    return differs('the order of ids', ordering(file), ordering(first), first.path);
  }
  return null;
}

function idNames(file: RecognisedFile): string[] {
  const { rows } = file;
  if (rows === null) return file.levels?.sequence == null ? [] : ['last'];
  const names = { last: rows.sequence, first: rows.sequenceFirst, prev: rows.sequencePrev };
  return Object.entries(names).flatMap(([name, column]) => (column === null ? [] : [name]));
}

function plannedFile({ file, rowFilter, rowGroupIndexes }: InstrumentFile): PlannedFile {
  const { rowGroupRows } = file.footer;
  const rowCountMax = rowGroupIndexes.reduce((sum, index) => sum + rowGroupRows[index]!, 0);
  return { ...file, rowFilter, rowGroupIndexes, rowCountMax };
}

/** @param days in order of instrument and day */
export function missingDaysOf(days: readonly InstrumentDay[]): MissingDays[] {
  const missing: MissingDays[] = [];
  for (const [index, day] of days.entries()) {
    const before = days[index - 1];
    if (before === undefined || before.exchange !== day.exchange) continue;
    if (before.symbol !== day.symbol) continue;
    const between: string[] = [];
    for (let dt = dayAfter(before.lastDt ?? before.dt); dt < day.dt; dt = dayAfter(dt))
      between.push(dt);
    if (between.length === 0) continue;
    const { exchange, symbol } = day;
    const known = missing.at(-1);
    if (known?.exchange === exchange && known.symbol === symbol) {
      missing[missing.length - 1] = { ...known, days: [...known.days, ...between] };
    } else missing.push({ exchange, symbol, days: between });
  }
  return missing;
}
