import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { FLAG_MAYBE_BAD_BOOK } from '#src/abi/flags.js';
import { columnsOf, int64, openDuckdb } from './duckdb.js';

/** audit.json as its reader meets it: int64 are decimal strings. Only what tests ask for. */
export interface AuditJson {
  readonly schema: string;
  readonly instruments: readonly InstrumentJson[];
  readonly failures: readonly {
    readonly exchange: string;
    readonly symbol: string;
    readonly code: string;
    readonly message: string;
  }[];
  readonly run: unknown;
}

export interface AccountingJson {
  readonly rows_in: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
  readonly synthetic: number;
  readonly rows_out: number;
}

export interface GapJson {
  readonly kind: string;
  readonly proven: boolean;
  readonly sequence_before: string | null;
  readonly sequence_after: string | null;
  readonly missing: string | null;
  readonly ts_recv_before: string | null;
  readonly ts_recv_after: string | null;
  readonly reason: string;
}

export interface InstrumentJson {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  readonly dialect: string;
  readonly policy: string;
  readonly proves: string;
  readonly proves_words: string;
  readonly scales: { readonly price: number; readonly qty: number };
  readonly messages: number;
  readonly accounting: AccountingJson;
  readonly trades_accounting: AccountingJson;
  readonly gaps: readonly GapJson[];
  readonly duplicates: number;
  readonly out_of_order: number;
  readonly witness: readonly {
    readonly kind: string;
    readonly compared: number;
    readonly agreed: number;
    readonly passed: number;
    readonly invalid: number;
    readonly worst_ns: string;
  }[];
  readonly depth_unknown: number;
  readonly book_rows: number;
  readonly digest: string;
  readonly last: { readonly ts_recv: string; readonly sequence: string | null } | null;
  readonly quality: readonly {
    readonly ts_recv_from: string;
    readonly ts_recv_to: string;
    readonly state: string;
    readonly reason: string;
    readonly sequence_from: string | null;
    readonly sequence_to: string | null;
  }[];
  readonly verdict: string;
}

export interface ManifestJson {
  readonly schema: string;
  readonly parts: readonly {
    readonly path: string;
    readonly rows: number;
    readonly bytes: number;
    readonly xxh64: string;
    readonly digest?: string | null;
    readonly keyframe: number | null;
  }[];
  readonly run: unknown;
}

export const readAudit = (out: string): AuditJson => readJson(out, 'audit.json') as AuditJson;

export const readManifest = (out: string): ManifestJson =>
  readJson(out, 'manifest.json') as ManifestJson;

function readJson(out: string, name: string): unknown {
  return JSON.parse(readFileSync(join(out, name), 'utf8'));
}

/** What an audit says of one instrument; throws where it says nothing. */
export function instrumentIn(audit: AuditJson, exchange: string, symbol: string): InstrumentJson {
  const found = audit.instruments.find(
    (each) => each.exchange === exchange && each.symbol === symbol,
  );
  if (found !== undefined) return found;
  const names = audit.instruments.map((each) => `${each.exchange} ${each.symbol}`);
  throw new Error(`the audit has no ${exchange} ${symbol}, only: ${names.join(', ')}`);
}

/** rows out = rows in - rejected - dropped + synthetic. */
export function accountingDifference(accounting: AccountingJson): number {
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((total, count) => total + count, 0);
  const { rows_in, rejected, dropped, synthetic, rows_out } = accounting;
  return rows_out - (rows_in - sum(rejected) - sum(dropped) + synthetic);
}

/** Paths of all files below `folder`, relative to it, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}

/** SQL: the files of a partition (or of all) of an output table, in the order of their rows. */
export function tableSql(out: string, table: string, partition = '**'): string {
  return `read_parquet('${out}/${table}/${partition}/*.parquet', filename = true,
    file_row_number = true, hive_partitioning = false)`;
}

/** SQL: rows of an output table in their order. */
export function rowsSql(select: string, out: string, table: string, partition = '**'): string {
  return `SELECT ${select} FROM ${tableSql(out, table, partition)} ORDER BY filename, file_row_number`;
}

/** Ids of the rows of `book` behind which the book is not to be trusted, in their order. */
export async function idsInDoubt(out: string): Promise<unknown[]> {
  const db = await openDuckdb();
  try {
    const sql = rowsSql(`sequence, (flags & ${FLAG_MAYBE_BAD_BOOK}) != 0 AS doubtful`, out, 'book');
    const { sequence, doubtful } = await columnsOf(db, sql);
    return sequence!.filter((_id, at) => doubtful![at]);
  } finally {
    db.closeSync();
  }
}

/** The columns of the table `depth` as a replayer needs them. */
export interface DepthColumns {
  readonly tsRecv: readonly bigint[];
  readonly tsEvent: readonly bigint[];
  readonly sequence: readonly bigint[];
  readonly isBid: readonly boolean[];
  readonly pricePips: readonly bigint[];
  readonly qtyPips: readonly bigint[];
  readonly flags: readonly number[];
}

export async function readDepth(
  db: DuckDBConnection,
  out: string,
  partition = '**',
  { hasIds = true } = {},
): Promise<DepthColumns> {
  const sequence = hasIds ? 'sequence' : '0::BIGINT AS sequence';
  const select = `ts_recv, ts_event, ${sequence}, is_bid, price_pips, qty_pips, flags`;
  const columns = await columnsOf(db, rowsSql(select, out, 'depth', partition));
  return {
    tsRecv: int64(columns, 'ts_recv'),
    tsEvent: int64(columns, 'ts_event'),
    sequence: int64(columns, 'sequence'),
    isBid: columns.is_bid as readonly boolean[],
    pricePips: int64(columns, 'price_pips'),
    qtyPips: int64(columns, 'qty_pips'),
    flags: columns.flags as readonly number[],
  };
}

/** Rows of the table `book`, each as one line of text: levels from the best, `-` for NULL. */
export interface BookLines {
  readonly tsRecv: readonly bigint[];
  readonly tsEvent: readonly bigint[];
  readonly sequence: readonly bigint[];
  readonly flags: readonly number[];
  /** `price x quantity` of each bid, `|`, of each ask. */
  readonly levels: readonly string[];
}

export async function readBook(
  db: DuckDBConnection,
  out: string,
  depth: number,
  partition = '**',
  { hasIds = true } = {},
): Promise<BookLines> {
  const sequence = hasIds ? 'sequence' : '0::BIGINT AS sequence';
  const side = (name: string): string =>
    Array.from(
      { length: depth },
      (_, i) => `coalesce(${name}_${i}_price_pips || 'x' || ${name}_${i}_qty_pips, '-')`,
    ).join(` || ' ' || `);
  const select = `ts_recv, ts_event, ${sequence}, flags, ${side('bid')} || ' | ' || ${side('ask')} AS levels`;
  const columns = await columnsOf(db, rowsSql(select, out, 'book', partition));
  return {
    tsRecv: int64(columns, 'ts_recv'),
    tsEvent: int64(columns, 'ts_event'),
    sequence: int64(columns, 'sequence'),
    flags: columns.flags as readonly number[],
    levels: columns.levels as readonly string[],
  };
}

/** The line that `readBook` gives for a book with these levels from the best. */
export function levelsLine(
  bids: readonly { readonly pricePips: bigint; readonly qtyPips: bigint }[],
  asks: readonly { readonly pricePips: bigint; readonly qtyPips: bigint }[],
  depth: number,
): string {
  const side = (levels: typeof bids): string =>
    Array.from({ length: depth }, (_, i) => {
      const level = levels[i];
      return level === undefined ? '-' : `${level.pricePips}x${level.qtyPips}`;
    }).join(' ');
  return `${side(bids)} | ${side(asks)}`;
}
