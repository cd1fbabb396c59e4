import type { ParquetFooter } from '../parquet/reader.js';
import { type TextFooter, textFactsOf } from '../text/text-footer.js';
import { INTEGER_TYPES, type Schema, TEXT_TYPES } from './schema.js';
import type { PlannedFile, RecognisedFile, TradeIdType } from './types.js';

/** Types that a column of trade ids may have. */
export const TRADE_ID_TYPES = [...INTEGER_TYPES, ...TEXT_TYPES];

/**
 * The column of trade ids, integers or text; null: there is none, or none with a value.
 * @throws InputError ERR_INPUT_SCHEMA for another type
 */
export function tradeIdColumn(schema: Schema, names: readonly string[]): string | null {
  const info = schema.optional({ names, types: TRADE_ID_TYPES });
  return info === null || schema.isAllNull(info) ? null : info.name;
}

/**
 * A text whose trade ids are integers but for some is read as one of texts: as a column of integers
 * it would lose those. Other files stay as they are.
 */
export function withWholeTradeIds(file: RecognisedFile): RecognisedFile {
  const facts = textFactsOf(file.footer);
  const name = file.rows?.tradeId ?? null;
  if (facts === null || file.table !== 'trades' || name === null) return file;
  const at = file.footer.columns.findIndex((column) => column.name === name);
  const column = facts.columns[at]!;
  if (column.kind !== 'int64' || column.otherCounts.every((count) => count === 0)) return file;
  return { ...file, footer: withText(file.footer as TextFooter, at) };
}

/** The footer as the survey would have made it of a column of texts. */
function withText(footer: TextFooter, at: number): TextFooter {
  const { columns, text } = footer;
  const chunks = structuredClone(footer.chunks);
  for (const [block, otherCount] of text.columns[at]!.otherCounts.entries()) {
    const chunk = block * columns.length + at;
    chunks.nullCounts[chunk]! -= otherCount;
    chunks.statistics[chunk] = 0;
  }
  return {
    ...footer,
    chunks,
    columns: columns.with(at, {
      ...columns[at]!,
      type: 'utf8',
      timeUnitNs: null,
      declared: 'text',
    }),
    text: { ...text, columns: text.columns.with(at, { ...text.columns[at]!, kind: 'text' }) },
  };
}

/** What the trade ids of an instrument are: of all its files, since a table has one type. */
export function tradeIdTypeOf(trades: readonly PlannedFile[]): TradeIdType {
  const isText = trades.some(({ rows, footer }) => isTextColumn(footer, rows?.tradeId ?? null));
  return isText ? 'text' : 'int64';
}

function isTextColumn({ columns }: ParquetFooter, name: string | null): boolean {
  return name !== null && columns.find((column) => column.name === name)?.type === 'utf8';
}
