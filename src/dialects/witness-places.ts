import { columnPlace, type TableLayout } from '../memory/column-layout.js';
import { FILE_ROW_COLUMN } from './gathered-segment.js';
import type { LevelColumns, LevelMapping, PlannedFile } from './types.js';

/** One level of one side: its columns in the file, and in a slot. */
export interface LevelPlace {
  /** null: the file has no such level, which is 0 then. */
  readonly source: LevelColumns | null;
  /** Bytes from the start of the slot. */
  readonly priceOffset: number;
  readonly qtyOffset: number;
}

/** Levels a side of a witness table's layout. */
export function levelCountOf(layout: TableLayout): number {
  return layout.columns.filter(({ name }) => /^bid_\d+_price_pips$/.test(name)).length;
}

/** A side's levels from the best on, as many as the layout has. */
export function levelPlaces(
  side: 'bid' | 'ask',
  levels: readonly LevelColumns[],
  layout: TableLayout,
): readonly LevelPlace[] {
  const offset = (name: string): number => columnPlace(layout, name).valuesOffset;
  return Array.from({ length: levelCountOf(layout) }, (_, level) => ({
    source: levels[level] ?? null,
    priceOffset: offset(`${side}_${level}_price_pips`),
    qtyOffset: offset(`${side}_${level}_qty_pips`),
  }));
}

/**
 * Columns of doubles that become a level's column by scaling in place, and its offset in a slot: the
 * reader may decode them there. One that is more than one column of the table is copied.
 */
export function placedLevels(
  file: PlannedFile,
  places: readonly LevelPlace[],
): ReadonlyMap<string, number> {
  const doubles = new Set<string>();
  for (const { name, type } of file.footer.columns) if (type === 'double') doubles.add(name);
  const offsets = new Map<string, number>();
  for (const { source, priceOffset, qtyOffset } of places) {
    if (source === null) continue;
    for (const [name, offset] of [
      [source.price, priceOffset],
      [source.qty, qtyOffset],
    ] as const) {
      if (offsets.has(name)) doubles.delete(name);
      offsets.set(name, offset);
    }
  }
  for (const name of offsets.keys()) if (!doubles.has(name)) offsets.delete(name);
  return offsets;
}

/** Columns that a witness table is made of, each once. */
export function levelColumnNames(levels: LevelMapping, file: PlannedFile): readonly string[] {
  const names = [
    levels.tsRecv?.column,
    levels.tsEvent?.column,
    levels.sequence,
    file.rowFilter?.exchange == null ? null : levels.exchange,
    file.rowFilter?.symbol == null ? null : levels.symbol,
    file.gathered === undefined ? null : FILE_ROW_COLUMN,
    ...[...levels.bids, ...levels.asks].flatMap(({ price, qty }) => [price, qty]),
  ];
  return [...new Set(names.filter((name) => name != null))];
}
