import type { ByteSource } from '../io/byte-source.js';
import type { OpenGunzip } from '../io/byte-stream.js';
import { type OpenReaderOptions, openRowGroupReader } from '../parquet/open-reader.js';
import type { ParquetFooter, RowGroupReader } from '../parquet/reader.js';
import { type SurveyElsewhere, surveyText } from './survey.js';
import type { TextTools } from './survey-segment.js';
import { type TextFooter, textFactsOf } from './text-footer.js';
import { openTextReader } from './text-reader.js';

export interface InputReaderOptions extends OpenReaderOptions {
  readonly openGunzip: OpenGunzip;
}

const PARQUET_NAME = /\.(?:parquet|parq|pq)$/i;
/** Plain and encrypted files. */
const PARQUET_MAGICS = ['PAR1', 'PARE'];

/** Whether a file is taken for Parquet: by its name, else by its first bytes; else it is text. */
export async function isParquetFile(source: ByteSource): Promise<boolean> {
  if (PARQUET_NAME.test(source.name)) return true;
  if (source.byteLength < 4) return false;
  const magic = String.fromCharCode(...(await source.read(0, 4)));
  return PARQUET_MAGICS.includes(magic);
}

/**
 * What a file holds: of Parquet its footer, of text what a first pass over all of it finds.
 *
 * @param elsewhere where long texts are surveyed; null: here
 * @throws what readFooter and surveyText throw
 */
export async function readInputFooter(
  source: ByteSource,
  readParquet: (source: ByteSource) => Promise<ParquetFooter>,
  tools: TextTools,
  elsewhere: SurveyElsewhere | null = null,
): Promise<ParquetFooter> {
  return (await isParquetFile(source))
    ? readParquet(source)
    : surveyText(source, tools, { elsewhere });
}

/**
 * Opens a file for reading rows. It takes the source over: close() closes it.
 * @param options.footer without it the file must be Parquet
 */
export async function openInputReader(
  source: ByteSource,
  options: InputReaderOptions,
): Promise<RowGroupReader> {
  const { footer, tools, openGunzip } = options;
  if (footer === undefined || textFactsOf(footer) === null) {
    return openRowGroupReader(source, options);
  }
  const { core, lanes } = tools;
  return openTextReader(source, footer as TextFooter, { core, lanes, openGunzip });
}
