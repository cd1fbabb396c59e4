import { readdir } from 'node:fs/promises';
import { parseHivePath } from '../dialects/hive-path.js';
import type { Selection } from '../dialects/options.js';
import { selectsInstrument } from '../dialects/selection.js';
import { InputError, UsageError } from '../errors/errors.js';
import { compareNatural } from '../units/natural-order.js';

/** The parts of one instrument's day in an output folder, in their order. */
export interface StoredDay {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  readonly depth: readonly string[];
  /** None where keyframes were not written. */
  readonly keyframes: readonly string[];
}

const NAMES_MAX = 12;

/**
 * The days of the one instrument that the selection leaves, first day first. Only folders are
 * looked at: an output folder may hold thousands of files that have nothing to do with it.
 *
 * @throws InputError ERR_INPUT_NO_MATCH when there is no table depth, or no such instrument in it
 * @throws UsageError ERR_USAGE when several instruments are left
 */
export async function findStoredDays(
  out: string,
  selection: Selection,
): Promise<readonly StoredDay[]> {
  const folder = out.replace(/\/+$/, '');
  const days: StoredDay[] = [];
  const others = new Set<string>();
  for (const exchangeFolder of await namesIn(`${folder}/depth`, 'exchange=')) {
    for (const symbolFolder of await namesIn(`${folder}/depth/${exchangeFolder}`, 'symbol=')) {
      const instrument = `${exchangeFolder}/${symbolFolder}`;
      const { exchange, symbol } = parseHivePath(`${instrument}/part`);
      if (exchange === null || symbol === null) continue;
      if (!selectsInstrument(selection, exchange, symbol)) {
        others.add(`${exchange} ${symbol}`);
        continue;
      }
      for (const dayFolder of await namesIn(`${folder}/depth/${instrument}`, 'dt=')) {
        const { dt } = parseHivePath(`${dayFolder}/part`);
        if (dt === null) continue;
        const parts = (table: string) => partsIn(`${folder}/${table}/${instrument}/${dayFolder}`);
        const depth = await parts('depth');
        if (depth.length === 0) continue;
        days.push({ exchange, symbol, dt, depth, keyframes: await parts('keyframes') });
      }
    }
  }
  refuseUnlessOne(folder, days, others);
  return days;
}

function refuseUnlessOne(
  out: string,
  days: readonly StoredDay[],
  others: ReadonlySet<string>,
): void {
  const found = [...new Set(days.map(({ exchange, symbol }) => `${exchange} ${symbol}`))];
  if (found.length === 1) return;
  if (found.length > 1) {
    throw new UsageError(
      'ERR_USAGE',
      `${out} holds ${found.length} instruments: ${listed(found)}; name one with --symbol (and ` +
        '--exchange).',
      { details: { out, instruments: found.slice(0, NAMES_MAX) } },
    );
  }
  const reason =
    others.size === 0
      ? `${out} holds no table depth; expected a folder that depthmill run wrote with it`
      : `${out} holds no instrument that --exchange and --symbol select; found ` +
        `${listed([...others])}`;
  throw new InputError('ERR_INPUT_NO_MATCH', `${reason}.`, {
    details: { out, instruments: [...others].slice(0, NAMES_MAX) },
  });
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMES_MAX;
  return `${names.slice(0, NAMES_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

async function partsIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder, 'part-');
  return names.filter((name) => name.endsWith('.parquet')).map((name) => `${folder}/${name}`);
}

/** Names that begin with `prefix`, in natural order; none where there is no such folder. */
async function namesIn(folder: string, prefix: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.startsWith(prefix)).sort(compareNatural);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new InputError('ERR_INPUT_UNREADABLE', `${folder} cannot be read: ${message}.`, {
      cause,
      details: { path: folder },
    });
  }
}
