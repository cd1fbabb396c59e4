import { type TextFooter, textFactsOf } from '../text/text-footer.js';
import { type PlanHost, withReader } from './probe.js';
import { integerAt, isPresent } from './source-values.js';
import type { RecognisedFile } from './types.js';

/**
 * A file whose text breaks off, without the rows of its last message: more of them may have stood
 * behind the break, and half a message is none (MODEL section 7). Others stay as they are; so do
 * tables whose rows stand for themselves, and captures, whose lines are whole messages.
 */
export async function withoutCutMessage(
  file: RecognisedFile,
  host: PlanHost,
): Promise<RecognisedFile> {
  const facts = textFactsOf(file.footer);
  const isOfMessages = file.table === 'depth' || file.table === 'snapshots';
  if (facts === null || facts.truncation === null || !isOfMessages) return file;
  if ('stream' in facts.lines) return file;
  const rowGroupRows = file.footer.rowGroupRows.slice();
  let last: string | null = null;
  for (let block = rowGroupRows.length - 1; block >= 0; block--) {
    const keys = await messageKeys(file, block, host);
    last ??= keys.at(-1) ?? null;
    const wholeCount = keys.findLastIndex((key) => key !== last) + 1;
    rowGroupRows[block] = wholeCount;
    if (wholeCount > 0) break;
  }
  const rowCount = rowGroupRows.reduce((sum, rows) => sum + rows, 0);
  const cutCount = file.footer.rowCount - rowCount;
  const rows = cutCount === 1 ? 'row before it is' : `${cutCount} rows before it are`;
  const reason = `${facts.truncation.reason}, and the ${rows} left out as half a message`;
  const text = { ...facts, truncation: { ...facts.truncation, reason } };
  const footer: TextFooter = { ...file.footer, rowGroupRows, rowCount, text };
  return { ...file, footer };
}

/** What tells the message of each row of a block. */
async function messageKeys(file: RecognisedFile, block: number, host: PlanHost): Promise<string[]> {
  const { tsRecv, tsEvent, sequence, sequenceFirst } = file.rows!;
  const time = (tsRecv ?? tsEvent)?.column;
  const names =
    file.messageKey === 'first_and_last'
      ? [sequenceFirst, sequence]
      : file.messageKey === 'sequence'
        ? [sequence]
        : [time, file.messageKey === 'recv_and_sequence' ? sequence : null];
  const wanted = [...new Set(names.filter((name) => name != null))];
  const keys: string[] = [];
  await withReader(file, host, (reader) =>
    reader.readRowGroup(block, wanted, (columns, rowCount) => {
      for (let row = 0; row < rowCount; row++) {
        const ids = columns.map((column) =>
          isPresent(column, row) ? integerAt(column, row) : null,
        );
        keys.push(ids.join());
      }
    }),
  );
  return keys;
}
