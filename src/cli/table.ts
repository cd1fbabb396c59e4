import { oneLine } from './one-line.js';

/** A column of a table for people. */
export interface TableColumn {
  readonly header: string;
  readonly align: 'left' | 'right';
}

const GAP = '  ';

/**
 * Draws a table: headers, a rule, and a line for each row; numbers stand on the right. Where the
 * table is wider than `width` each row becomes a block of `header  value` lines instead, so that
 * nothing is cut off or hidden. What would break its lines is escaped.
 * @param width columns that the reader has; null: as many as it takes
 */
export function renderTable(
  columns: readonly TableColumn[],
  cells: readonly (readonly string[])[],
  width: number | null,
): string {
  const rows = cells.map((row) => row.map(oneLine));
  const widths = columns.map((column, index) =>
    Math.max(...[column.header, ...rows.map((row) => row[index] ?? '')].map(displayWidth)),
  );
  const total = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1);
  if (width !== null && total > width) return renderBlocks(columns, rows);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join(GAP)
      .trimEnd();
  const rule = widths.map((each) => '─'.repeat(each)).join(GAP);
  return [line(columns.map((column) => column.header)), rule, ...rows.map(line)].join('\n');
}

function renderBlocks(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): string {
  const headerWidth = Math.max(...columns.map((column) => displayWidth(column.header)));
  return rows
    .map((row) =>
      columns
        .map((column, index) => `${pad(column.header, headerWidth, 'left')}${GAP}${row[index]}`)
        .join('\n'),
    )
    .join('\n\n');
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const missing = ' '.repeat(Math.max(width - displayWidth(text), 0));
  return align === 'right' ? missing + text : text + missing;
}

/** Symbols and paths are nearly always ASCII; code points are near enough for the rest. */
function displayWidth(text: string): number {
  return [...text].length;
}
