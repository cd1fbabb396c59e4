import { type ColumnPlace, columnPlace, type TableLayout } from '../memory/column-layout.js';
import { placedColumns } from './decode-places.js';
import { rowColumnNames } from './row-column-names.js';
import type { PlannedFile, TimeUnitNs } from './types.js';

/** How the rows of a file become rows of a slot: the same for each of its hundreds of tasks. */
export interface RowPlan {
  readonly layout: TableLayout;
  /** Columns to read, each once. */
  readonly columnNames: readonly string[];
  /** The table's columns by name. */
  readonly places: ReadonlyMap<string, ColumnPlace>;
  /** The table's column that each of the source's becomes as it is, or scaled in place. */
  readonly targets: ReadonlyMap<string, ColumnPlace>;
  /** null: each run needs the general way, whatever its rows are. */
  readonly plain: PlainPlan | null;
}

/** A column of the source, by its place in RowPlan.columnNames, and where its values go. */
export interface PlainColumn {
  readonly columnIndex: number;
  readonly place: ColumnPlace;
}

/** What a run is copied from and to as long as nothing is the matter with it (decode-plain.ts). */
export interface PlainPlan {
  readonly recv: PlainColumn & { readonly unitNs: TimeUnitNs };
  readonly event: PlainColumn & { readonly unitNs: TimeUnitNs };
  readonly price: PlainColumn;
  readonly qty: PlainColumn;
  readonly side: PlainColumn & { readonly invert: boolean };
  /** Copied as they are. */
  readonly ids: readonly PlainColumn[];
  /** Columns of the table that may have no value: here they all have one. */
  readonly nullable: readonly ColumnPlace[];
  readonly flags: ColumnPlace;
}

const plansKnown = new WeakMap<PlannedFile, RowPlan>();

/** @param layout of the file's table (tables.ts) */
export function rowPlanOf(file: PlannedFile, layout: TableLayout): RowPlan {
  const known = plansKnown.get(file);
  if (known !== undefined && known.layout === layout) return known;
  const columnNames = rowColumnNames(file);
  const targets = new Map<string, ColumnPlace>();
  for (const [source, target] of placedColumns(file)) {
    const place = layout.columns.find(({ name }) => name === target);
    if (place !== undefined) targets.set(source, place);
  }
  const places = new Map(layout.columns.map((place) => [place.name, place]));
  const plain = plainPlan(file, layout, columnNames);
  const plan = { layout, columnNames, places, targets, plain };
  plansKnown.set(file, plan);
  return plan;
}

/** Both times of a unit that is known, numbers as doubles, sides as booleans, no flags of its own. */
function plainPlan(
  file: PlannedFile,
  layout: TableLayout,
  columnNames: readonly string[],
): PlainPlan | null {
  const { tsRecv, tsEvent, side, price, qty, flags, snapshot, lasts } = file.rows!;
  const { orderType, pipsScale } = file.rows!;
  const types = new Map(file.footer.columns.map(({ name, type }) => [name, type]));
  const areNumbers = types.get(price) === 'double' && types.get(qty) === 'double';
  if (file.rowFilter !== null || flags !== null || pipsScale !== null || !areNumbers) return null;
  if (snapshot !== null || lasts !== undefined || orderType !== null) return null;
  if (file.table === 'snapshots') return null;
  if (side === null || types.get(side.column) !== 'bool') return null;
  if (tsRecv === null || tsRecv.unitNs === null) return null;
  if (tsEvent === null || tsEvent.unitNs === null) return null;
  const names = new Set(layout.columns.map(({ name }) => name));
  const of = (source: string, target: string): PlainColumn => ({
    columnIndex: columnNames.indexOf(source),
    place: columnPlace(layout, target),
  });
  const { sequence, sequenceFirst, sequencePrev, tradeId } = file.rows!;
  const ids: PlainColumn[] = [];
  for (const [source, target] of [
    [sequence, 'sequence'],
    [sequenceFirst, 'sequence_first'],
    [sequencePrev, 'sequence_prev'],
    [tradeId, 'trade_id'],
  ] as const) {
    if (!names.has(target)) continue;
    if (source === null) return null;
    ids.push(of(source, target));
  }
  return {
    recv: { ...of(tsRecv.column, 'ts_recv'), unitNs: tsRecv.unitNs },
    event: { ...of(tsEvent.column, 'ts_event'), unitNs: tsEvent.unitNs },
    price: of(price, 'price_pips'),
    qty: of(qty, 'qty_pips'),
    side: {
      ...of(side.column, names.has('is_bid') ? 'is_bid' : 'is_buy'),
      invert: !side.trueMeansBid,
    },
    ids,
    nullable: layout.columns.filter(({ nullable }) => nullable),
    flags: columnPlace(layout, 'flags'),
  };
}
