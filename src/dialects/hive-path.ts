/** What a path tells of a file: Hive parts (`exchange=BINANCE/symbol=BTC-USDT/dt=2024-08-08`). */
export interface HivePath {
  readonly exchange: string | null;
  readonly symbol: string | null;
  /** `YYYY-MM-DD`; null also where `dt=` holds something else. */
  readonly dt: string | null;
  /** The folder above the first Hive part, else the folder that the file lies in; null: none. */
  readonly tableFolder: string | null;
  /** The file's name without `.parquet` and what names a codec before it. */
  readonly stem: string;
}

const HIVE_PART = /^([A-Za-z_]\w*)=(.*)$/;
const SUFFIX = /(?:\.(?:snappy|zstd|zst|gzip|gz|lz4|brotli))?\.(?:parquet|parq|pq)$/i;

/** Takes a path apart. Values are URL-decoded, as Hive writers encode them (`BTC%2FUSDT`). */
export function parseHivePath(path: string): HivePath {
  const parts = path.split(/[\\/]+/).filter((part) => part !== '' && part !== '.');
  const name = parts.at(-1) ?? '';
  const folders = parts.slice(0, -1);
  const values = new Map<string, string>();
  for (const folder of folders) {
    const match = HIVE_PART.exec(folder);
    if (match !== null) values.set(match[1]!, decoded(match[2]!));
  }
  const firstHive = folders.findIndex((folder) => HIVE_PART.test(folder));
  const above = firstHive < 0 ? folders.at(-1) : folders[firstHive - 1];
  const dt = values.get('dt') ?? null;
  return {
    exchange: values.get('exchange') || null,
    symbol: values.get('symbol') || null,
    dt: dt !== null && /^\d{4}-\d\d-\d\d$/.test(dt) ? dt : null,
    tableFolder: above ?? null,
    stem: name.replace(SUFFIX, ''),
  };
}

/** A `%` that encodes nothing is a plain character: such a path comes from no Hive writer. */
function decoded(value: string): string {
  if (!/%[0-9A-Fa-f]{2}/.test(value)) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
