import type { HivePath } from './hive-path.js';
import { type Schema, TEXT_TYPES } from './schema.js';

/** Who a file belongs to. A column is asked only where the path does not say. */
export interface InstrumentSource {
  /** null: columns.exchange tells row by row. */
  readonly exchange: string | null;
  /** null: columns.symbol tells row by row. */
  readonly symbol: string | null;
  readonly columns: { readonly exchange: string | null; readonly symbol: string | null };
}

/** Exchange of a file whose path and columns name none. */
export const EXCHANGE_UNKNOWN = 'unknown';

/**
 * Exchange and symbol from the path, else from columns, else `unknown` and the file's stem.
 * @throws InputError ERR_INPUT_SCHEMA when such a column is not text
 */
export function instrumentOf(
  schema: Schema,
  hive: HivePath,
  names: { exchange: readonly string[]; symbol: readonly string[] } = {
    exchange: ['exchange'],
    symbol: ['symbol'],
  },
): InstrumentSource {
  const column = (inPath: string | null, wanted: readonly string[]): string | null => {
    if (inPath !== null) return null;
    return schema.optional({ names: wanted, types: TEXT_TYPES })?.name ?? null;
  };
  const columns = {
    exchange: column(hive.exchange, names.exchange),
    symbol: column(hive.symbol, names.symbol),
  };
  return {
    exchange: columns.exchange === null ? (hive.exchange ?? EXCHANGE_UNKNOWN) : null,
    symbol: columns.symbol === null ? (hive.symbol ?? hive.stem) : null,
    columns,
  };
}
