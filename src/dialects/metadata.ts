import { InputError } from '../errors/errors.js';
import type { DialectName, SequencePolicy } from './types.js';

/** Version of the layout that `depthmill.schema` states; another one is not read. */
export const METADATA_SCHEMA = 'depthmill/1';

/** Keys of the key-value metadata that every Parquet file of depthmill carries. */
export const METADATA_KEYS = {
  schema: 'depthmill.schema',
  /** Version of depthmill that wrote the file. */
  version: 'depthmill.version',
  /** Output table: depth, book, trades, gaps, quality, rejects ... */
  table: 'depthmill.table',
  exchange: 'depthmill.exchange',
  symbol: 'depthmill.symbol',
  dt: 'depthmill.dt',
  /** Dialect of the input that the rows came from. */
  dialect: 'depthmill.dialect',
  /** What the ids in `sequence` prove: MODEL section 3. */
  policy: 'depthmill.policy',
  /** Decimals of `..._price_pips` and `..._qty_pips`. */
  priceScale: 'depthmill.price_scale',
  qtyScale: 'depthmill.qty_scale',
  /** The clock that `dt` and intervals follow: recv or event. */
  clock: 'depthmill.clock',
  /** Unit of the times, always ns since the epoch, UTC. */
  timeUnit: 'depthmill.time_unit',
  /** decimal or double: prices and quantities are plain values. Absent: they are pips. */
  numbers: 'depthmill.numbers',
  /** received: a tape, in the order in which a recorder would have it, with what came twice. */
  order: 'depthmill.order',
} as const;

/** What a file of depthmill says of itself. */
export interface FileMetadata {
  readonly version: string;
  readonly table: string;
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  readonly dialect: DialectName;
  readonly policy: SequencePolicy;
  readonly priceScale: number;
  readonly qtyScale: number;
  readonly clock: 'recv' | 'event';
  readonly numbers: 'pips' | 'decimal' | 'double';
  /** settled: put in order and rid of copies when it was written. */
  readonly order: 'settled' | 'received';
}

/** The key-value pairs to write, in a fixed order (the same rows must give the same bytes). */
export function metadataEntries(
  metadata: Omit<FileMetadata, 'numbers' | 'order'> &
    Partial<Pick<FileMetadata, 'numbers' | 'order'>>,
): Map<string, string> {
  const { numbers = 'pips', order = 'settled' } = metadata;
  return new Map([
    [METADATA_KEYS.schema, METADATA_SCHEMA],
    [METADATA_KEYS.version, metadata.version],
    [METADATA_KEYS.table, metadata.table],
    [METADATA_KEYS.exchange, metadata.exchange],
    [METADATA_KEYS.symbol, metadata.symbol],
    [METADATA_KEYS.dt, metadata.dt],
    [METADATA_KEYS.dialect, metadata.dialect],
    [METADATA_KEYS.policy, metadata.policy],
    [METADATA_KEYS.priceScale, String(metadata.priceScale)],
    [METADATA_KEYS.qtyScale, String(metadata.qtyScale)],
    [METADATA_KEYS.clock, metadata.clock],
    [METADATA_KEYS.timeUnit, 'ns'],
    ...(numbers === 'pips' ? [] : [[METADATA_KEYS.numbers, numbers] as const]),
    ...(order === 'settled' ? [] : [[METADATA_KEYS.order, order] as const]),
  ]);
}

/**
 * Reads the metadata back.
 * @returns null for a file that depthmill did not write
 * @throws InputError ERR_INPUT_SCHEMA when a key is missing or holds what no version wrote
 */
export function readMetadata(
  path: string,
  keyValue: ReadonlyMap<string, string>,
): FileMetadata | null {
  const schema = keyValue.get(METADATA_KEYS.schema);
  if (schema === undefined) return null;
  const text = (key: string, allowed: RegExp): string => {
    const value = keyValue.get(key);
    if (value !== undefined && allowed.test(value)) return value;
    const found = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
    throw new InputError(
      'ERR_INPUT_SCHEMA',
      `The metadata key ${key} of ${path} ${found}; expected ${allowed.source}.`,
      { details: { path, key, found: value ?? null } },
    );
  };
  text(METADATA_KEYS.schema, /^depthmill\/1$/);
  text(METADATA_KEYS.timeUnit, /^ns$/);
  const numbers = keyValue.has(METADATA_KEYS.numbers)
    ? text(METADATA_KEYS.numbers, /^(?:decimal|double)$/)
    : 'pips';
  const order = keyValue.has(METADATA_KEYS.order)
    ? text(METADATA_KEYS.order, /^received$/)
    : 'settled';
  return {
    version: text(METADATA_KEYS.version, /^.*$/),
    table: text(METADATA_KEYS.table, /^[a-z_]+$/),
    exchange: text(METADATA_KEYS.exchange, /^.+$/),
    symbol: text(METADATA_KEYS.symbol, /^.+$/),
    dt: text(METADATA_KEYS.dt, /^\d{4}-\d\d-\d\d$/),
    dialect: text(
      METADATA_KEYS.dialect,
      /^(?:lake|tardis|flat|binance-csv|binance-capture|depthmill|generic)$/,
    ) as DialectName,
    policy: text(
      METADATA_KEYS.policy,
      /^(?:chain|contiguous|checksum|monotonic|snapshot)$/,
    ) as SequencePolicy,
    priceScale: Number(text(METADATA_KEYS.priceScale, /^(?:1[0-8]|[0-9])$/)),
    qtyScale: Number(text(METADATA_KEYS.qtyScale, /^(?:1[0-8]|[0-9])$/)),
    clock: text(METADATA_KEYS.clock, /^(?:recv|event)$/) as FileMetadata['clock'],
    numbers: numbers as FileMetadata['numbers'],
    order: order as FileMetadata['order'],
  };
}
