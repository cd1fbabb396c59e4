import type { PlannedFile, TimeField } from './types.js';

/**
 * Source columns that become a column of the table as they are, or by scaling in place: the reader
 * may decode them where they belong. Where a conversion could leave a row whose original value a
 * message needs, they are copied instead. The first target of a source column wins.
 */
export function placedColumns(file: PlannedFile): ReadonlyMap<string, string> {
  const rows = file.rows!;
  const isStamp = (field: TimeField | null): boolean => field?.unitNs === 1;
  const targets = new Map<string, string>();
  const add = (source: string | null | undefined, target: string, types: readonly string[]) => {
    const info = file.footer.columns.find(({ name }) => name === source);
    if (info === undefined || !types.includes(info.type) || targets.has(info.name)) return;
    targets.set(info.name, target);
  };
  if (isStamp(rows.tsRecv)) add(rows.tsRecv?.column, 'ts_recv', ['int64']);
  if (isStamp(rows.tsEvent)) add(rows.tsEvent?.column, 'ts_event', ['int64']);
  add(rows.sequence, 'sequence', ['int64']);
  add(rows.sequenceFirst, 'sequence_first', ['int64']);
  add(rows.sequencePrev, 'sequence_prev', ['int64']);
  const numbers = rows.pipsScale === null ? ['double'] : [];
  add(rows.price, 'price_pips', numbers);
  add(rows.qty, 'qty_pips', numbers);
  add(rows.flags, 'flags', ['int32']);
  return targets;
}
