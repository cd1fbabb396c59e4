import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as arrow from 'apache-arrow';
import {
  Compression,
  initSync,
  Table as WasmTable,
  WriterPropertiesBuilder,
  writeParquet,
} from 'parquet-wasm/esm';

// Small Parquet files from JS values, written by parquet-wasm: depthmill's own writer is under
// test elsewhere and takes no nulls or NaN. DuckDB would round row groups up to 2048 rows.

export type FixtureCodec = 'none' | 'snappy' | 'gzip' | 'zstd';

export interface FixtureColumn {
  readonly name: string;
  readonly type: 'double' | 'float' | 'int64' | 'int32' | 'bool' | 'utf8' | 'timestamp_us';
  /** int64 and timestamps as bigint. null: the value is missing. */
  readonly values: readonly (number | bigint | boolean | string | null)[];
}

export interface FixtureOptions {
  /** Rows of a row group, the last one may be shorter; default: all in one. */
  readonly rowGroupRows?: number;
  /** Default `snappy`, as vendors do. */
  readonly codec?: FixtureCodec;
  readonly keyValue?: ReadonlyMap<string, string>;
}

const ARROW_TYPES: Record<FixtureColumn['type'], () => arrow.DataType> = {
  double: () => new arrow.Float64(),
  float: () => new arrow.Float32(),
  int64: () => new arrow.Int64(),
  int32: () => new arrow.Int32(),
  bool: () => new arrow.Bool(),
  utf8: () => new arrow.Utf8(),
  timestamp_us: () => new arrow.TimestampMicrosecond(),
};

const CODECS: Record<FixtureCodec, Compression> = {
  none: Compression.UNCOMPRESSED,
  snappy: Compression.SNAPPY,
  gzip: Compression.GZIP,
  zstd: Compression.ZSTD,
};

/** The bytes of a Parquet file with these columns, all of them OPTIONAL. */
export function parquetFixture(
  columns: readonly FixtureColumn[],
  options: FixtureOptions = {},
): Uint8Array {
  startParquetWasm();
  const fields = columns.map(({ name, type }) => new arrow.Field(name, ARROW_TYPES[type](), true));
  const children = columns.map(arrowData);
  const schema = new arrow.Schema(fields);
  const length = columns[0]?.values.length ?? 0;
  const struct = arrow.makeData({ type: new arrow.Struct(fields), length, children });
  const table = new arrow.Table(schema, new arrow.RecordBatch(schema, struct));
  let builder = new WriterPropertiesBuilder()
    .setCompression(CODECS[options.codec ?? 'snappy'])
    .setMaxRowGroupSize(Math.max(1, options.rowGroupRows ?? length));
  if (options.keyValue) builder = builder.setKeyValueMetadata(new Map(options.keyValue));
  return writeParquet(WasmTable.fromIPCStream(arrow.tableToIPC(table, 'stream')), builder.build());
}

/** Apache Arrow cannot build timestamps from bigints: they are built as int64 and renamed. */
function arrowData({ values, type }: FixtureColumn): arrow.Data {
  const isTime = type === 'timestamp_us';
  const built = arrow.vectorFromArray(
    values as unknown[],
    isTime ? new arrow.Int64() : ARROW_TYPES[type](),
  ).data[0]!;
  if (!isTime) return built;
  const { length, nullCount, nullBitmap } = built;
  const timeType = new arrow.TimestampMicrosecond();
  return arrow.makeData({ type: timeType, length, nullCount, nullBitmap, data: built.values });
}

/** Writes such a file, with the folders above it. */
export async function writeParquetFixture(
  path: string,
  columns: readonly FixtureColumn[],
  options: FixtureOptions = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, parquetFixture(columns, options));
}

/** One row of Crypto Lake's book_delta_v2. Whatever a vendor gets wrong can be said: null, NaN, -1. */
export interface LakeRow {
  readonly timestamp: bigint | null;
  readonly receipt_timestamp: bigint | null;
  readonly sequence_number: bigint | null;
  readonly side_is_bid: boolean | null;
  readonly price: number | null;
  readonly size: number | null;
}

const LAKE_TYPES: Record<keyof LakeRow, FixtureColumn['type']> = {
  timestamp: 'int64',
  receipt_timestamp: 'int64',
  sequence_number: 'int64',
  side_is_bid: 'bool',
  price: 'double',
  size: 'double',
};

/** The columns of these rows in the vendor's order and types. */
export function lakeColumns(rows: readonly LakeRow[]): FixtureColumn[] {
  return (Object.keys(LAKE_TYPES) as (keyof LakeRow)[]).map((name) => ({
    name,
    type: LAKE_TYPES[name],
    values: rows.map((row) => row[name]),
  }));
}

/** Writes a book_delta_v2 file; `path` decides exchange, symbol and day (Hive partitions). */
export async function writeLakeFixture(
  path: string,
  rows: readonly LakeRow[],
  options: FixtureOptions = {},
): Promise<void> {
  await writeParquetFixture(path, lakeColumns(rows), options);
}

let started = false;

function startParquetWasm(): void {
  if (started) return;
  const url = import.meta.resolve('parquet-wasm/esm/parquet_wasm_bg.wasm');
  initSync({ module: new WebAssembly.Module(readFileSync(fileURLToPath(url))) });
  started = true;
}
