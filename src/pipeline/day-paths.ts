import { type FileMetadata, metadataEntries } from '../dialects/metadata.js';
import type { InstrumentDay, Scales } from '../dialects/types.js';
import { VERSION } from '../units/version.js';
import type { NumberFormat, OutputTable } from './options.js';

/** Names of the output tables. */
export type OutputTableName = OutputTable;

/** `%` and what separates parts of a Hive path must not stand in a value of it. */
const escaped = (value: string): string =>
  value.replace(/[%/\\=:*?"<>|\s]/g, (character) => encodeURIComponent(character));

/** Where a part of a table lies in the output folder: DESIGN section 6. */
export function outputPath(table: OutputTableName, day: InstrumentDay, partIndex: number): string {
  const { exchange, symbol, dt } = day;
  const part = `part-${String(partIndex).padStart(4, '0')}.parquet`;
  return `${table}/exchange=${escaped(exchange)}/symbol=${escaped(symbol)}/dt=${dt}/${part}`;
}

/** What the files of a table say of themselves. */
export function dayMetadata(
  table: OutputTableName,
  day: InstrumentDay,
  scales: Scales,
  numbers: NumberFormat = 'pips',
): ReadonlyMap<string, string> {
  const { exchange, symbol, dt, dialect, policy } = day;
  const metadata: FileMetadata = {
    version: VERSION,
    table,
    exchange,
    symbol,
    dt,
    dialect,
    policy,
    priceScale: scales.price,
    qtyScale: scales.qty,
    clock: 'recv',
    numbers,
    order: 'settled',
  };
  return metadataEntries(metadata);
}
