import type { Scales } from '../dialects/types.js';
import { textOfPips } from '../units/decimal.js';

/** A table as views see it. */
export interface ViewTable {
  readonly name: string;
  /** Its columns over all days, in the order in which they first occur. */
  readonly columns: readonly string[];
}

export interface ViewInstrument {
  readonly exchange: string;
  readonly symbol: string;
  readonly scales: Scales;
}

const HEADER = `-- DuckDB views of this folder: prices and quantities as exact decimals, the parts of the paths
-- as columns. Paths are relative, so that the folder can be moved; in it:
--   duckdb -init views.sql
`;

/**
 * SQL that makes a view of each table. pips become decimals by multiplication, which is exact for
 * every int64; division would give doubles.
 */
export function viewsSql(
  tables: readonly ViewTable[],
  instruments: readonly ViewInstrument[],
): string {
  const units = unitsOf(instruments);
  const views = tables.map((table) => viewSql(table, units));
  return [HEADER, ...(units.setup === '' ? [] : [units.setup]), ...views].join('\n');
}

interface Units {
  /** Statement in front of the views. */
  readonly setup: string;
  /** What a table of pips is joined with. */
  readonly join: string;
  /** SQL of 10^-scale. */
  readonly price: string;
  readonly qty: string;
}

/** The same for all instruments, where that is so; else a table of them. */
function unitsOf(instruments: readonly ViewInstrument[]): Units {
  const scalesOf = (kind: keyof Scales): number[] => instruments.map(({ scales }) => scales[kind]);
  const [prices, qtys] = [scalesOf('price'), scalesOf('qty')];
  const [priceMax, qtyMax] = [Math.max(0, ...prices), Math.max(0, ...qtys)];
  const isOne = (scales: readonly number[]): boolean => new Set(scales).size <= 1;
  if (isOne(prices) && isOne(qtys)) {
    const [price, qty] = [unitSql(priceMax, priceMax), unitSql(qtyMax, qtyMax)];
    return { setup: '', join: '', price, qty };
  }
  const rows = instruments.map(
    ({ exchange, symbol, scales }) =>
      `  (${text(exchange)}, ${text(symbol)}, ${unitSql(scales.price, priceMax)}, ` +
      `${unitSql(scales.qty, qtyMax)})`,
  );
  const setup =
    `CREATE OR REPLACE TEMP TABLE depthmill_units AS FROM (VALUES\n${rows.join(',\n')}\n` +
    ') AS units(exchange, symbol, price_per_pip, qty_per_pip);\n';
  const join = '\nJOIN depthmill_units USING (exchange, symbol)';
  return { setup, join, price: 'price_per_pip', qty: 'qty_per_pip' };
}

/** 10^-scale with `decimals` decimals. */
function unitSql(scale: number, decimals: number): string {
  return `${textOfPips(1n, scale)}::DECIMAL(${decimals + 1}, ${decimals})`;
}

function viewSql({ name, columns }: ViewTable, units: Units): string {
  const hasPips = columns.some((column) => column.endsWith('_pips'));
  const selected = ['exchange, symbol, dt', ...columns.map((column) => cellSql(column, units))];
  return (
    `CREATE OR REPLACE TEMP VIEW ${name} AS\nSELECT\n  ${selected.join(',\n  ')}\n` +
    `FROM read_parquet('${name}/**/*.parquet', union_by_name = true, hive_partitioning = true,\n` +
    `  hive_types = {exchange: VARCHAR, symbol: VARCHAR, dt: DATE})${hasPips ? units.join : ''};\n`
  );
}

function cellSql(column: string, units: Units): string {
  if (!column.endsWith('_pips')) return `"${column}"`;
  const unit = /(?:^|_)(?:qty|lot)_pips$/.test(column) ? units.qty : units.price;
  return `"${column}"::DECIMAL(19, 0) * ${unit} AS "${column.replace(/_pips$/, '')}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
