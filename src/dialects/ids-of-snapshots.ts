import type { RecognisedFile, RowMapping } from './types.js';

/** Ids that a snapshot in the stream may lack; its own stands in their place. */
const OF_MESSAGES = ['sequenceFirst', 'sequencePrev'] as const;

/**
 * Gives a file of a stream the id columns that another file of it has. A column without any value
 * is taken for none, since Binance spot has such a column; but where snapshots stand in the stream,
 * a file may hold nothing but one, and no value is all that it can have there.
 *
 * @param files of the table depth, of one instrument and day, in order
 * @returns those files in the same order; one that lacks a column altogether stays as it is
 */
export function withIdsOfStream(files: readonly RecognisedFile[]): readonly RecognisedFile[] {
  const idCount = ({ rows }: RecognisedFile): number =>
    OF_MESSAGES.filter((id) => rows?.[id] != null).length;
  const whole = files.reduce<RecognisedFile | null>(
    (most, file) => (most === null || idCount(file) > idCount(most) ? file : most),
    null,
  );
  if (whole === null || idCount(whole) === 0) return files;
  return files.map((file) => withIdsOf(whole, file));
}

function withIdsOf(whole: RecognisedFile, file: RecognisedFile): RecognisedFile {
  const { rows, dialect, footer } = file;
  if (rows === null || rows.snapshot === null || dialect !== whole.dialect) return file;
  const lacked = OF_MESSAGES.filter((id) => rows[id] === null && whole.rows?.[id] != null);
  const columns = lacked.map((id): [keyof RowMapping, string] => [id, whole.rows![id]!]);
  const isThere = ([, name]: [keyof RowMapping, string]): boolean =>
    footer.columns.some((column) => column.name === name);
  if (columns.length === 0 || !columns.every(isThere)) return file;
  const { policy, messageKey } = whole;
  return { ...file, rows: { ...rows, ...Object.fromEntries(columns) }, policy, messageKey };
}
