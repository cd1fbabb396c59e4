import { InputError } from '../errors/errors.js';
import type { ParquetFooter } from '../parquet/reader.js';
import { BINANCE_CAPTURE } from './binance-capture.js';
import { BINANCE_CSV } from './binance-csv.js';
import { DEPTHMILL } from './depthmill.js';
import type { Dialect, DialectFile } from './dialect.js';
import { FLAT } from './flat.js';
import { GENERIC } from './generic.js';
import { parseHivePath } from './hive-path.js';
import { LAKE } from './lake.js';
import type { InputOptions } from './options.js';
import { policyWithoutIds } from './policy-ids.js';
import { Schema } from './schema.js';
import { TARDIS } from './tardis.js';
import type { RecognisedFile, SkippedFile } from './types.js';

/**
 * All dialects, the surest first: a file's own metadata or lines, then a vendor's names, then any
 * names.
 */
export const DIALECTS: readonly Dialect[] = [
  DEPTHMILL,
  BINANCE_CAPTURE,
  TARDIS,
  FLAT,
  BINANCE_CSV,
  LAKE,
  GENERIC,
];

export type Recognition =
  | { readonly kind: 'file'; readonly file: RecognisedFile }
  | { readonly kind: 'skip'; readonly skipped: SkippedFile };

/**
 * Tells what a file is from its columns, metadata and path. `--dialect` asks that one only, and
 * `--map` alone means generic.
 *
 * @throws InputError ERR_INPUT_DIALECT when no dialect knows it, ERR_INPUT_SCHEMA when one does
 *   but a column is missing or cannot be read, or it has not the ids that `--policy` wants, and no
 *   snapshots, for which other files of the stream may have them; UsageError ERR_USAGE_MAP
 */
export function recogniseFile(
  found: { path: string; mtimeNs: bigint; footer: ParquetFooter },
  options: Pick<InputOptions, 'dialect' | 'map' | 'policy'>,
): Recognition[] {
  const { path, footer } = found;
  const hive = parseHivePath(path);
  const isMapped = Object.keys(options.map).length > 0;
  const wanted = options.dialect ?? (isMapped ? 'generic' : null);
  for (const dialect of DIALECTS) {
    if (wanted !== null && dialect.name !== wanted) continue;
    const { map, policy } = options;
    const known = dialect.recognise({ path, hive, footer, map, policy });
    if (known === null) continue;
    if ('reason' in known) return [{ kind: 'skip', skipped: { path, reason: known.reason } }];
    const files = Array.isArray(known) ? (known as readonly DialectFile[]) : [known as DialectFile];
    return files.map(({ kind, ...rest }) => {
      const dt = rest.dt ?? hive.dt;
      const file = { ...found, dialect: dialect.name, ...rest, dt };
      const isWhole = policy === null || file.rows?.snapshot != null;
      const error = isWhole ? null : policyWithoutIds(file);
      if (error !== null) throw error;
      return { kind, file };
    });
  }
  throw unknownSchema(path, footer, wanted);
}

function unknownSchema(path: string, footer: ParquetFooter, wanted: string | null): InputError {
  const asked = DIALECTS.filter((dialect) => wanted === null || dialect.name === wanted);
  const looksFor = asked.map((dialect) => dialect.looksFor).join('; ');
  const message =
    `${path} is no table that depthmill knows. Found: ${new Schema(path, footer).words()}.` +
    ` Looked for ${looksFor}. Say which columns to take with --dialect generic` +
    ' --map price=…,qty=…,side=…,ts_recv=….';
  return new InputError('ERR_INPUT_DIALECT', message, {
    details: { path, found: footer.columns.map((info) => info.name) },
  });
}
