import { FILE_ROW_COLUMN } from './gathered-segment.js';
import type { PlannedFile } from './types.js';

/** Columns that the rows of a file are made of, each once. */
export function rowColumnNames(file: PlannedFile): readonly string[] {
  const rows = file.rows!;
  const names = [
    rows.tsRecv?.column,
    rows.tsEvent?.column,
    rows.sequence,
    rows.sequenceFirst,
    rows.sequencePrev,
    rows.side?.column,
    rows.price,
    rows.qty,
    rows.flags,
    rows.snapshot,
    rows.lasts,
    rows.orderType,
    rows.tradeId,
    file.rowFilter?.exchange == null ? null : rows.exchange,
    file.rowFilter?.symbol == null ? null : rows.symbol,
    file.gathered === undefined ? null : FILE_ROW_COLUMN,
  ];
  return [...new Set(names.filter((name) => name != null))];
}
