// Prints what generated tapes look like beside the three recordings: npm run build, then
// `node build/bench/generate-calibration.js [EVENTS]`. The recordings stand in ../shared/data; where
// they are missing only the tape is printed.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { generateTape } from '#src/generate/generate-tape.js';
import {
  bytesARow,
  type Calibration,
  calibrate,
  readCalibrationRows,
  readCalibrationSeed,
} from './tape-calibration.js';

interface Column {
  readonly title: string;
  readonly calibration: Calibration;
  readonly bytesARow: number;
  /** Of the depth rows. */
  readonly trades: number;
}

const DATA = new URL('../../../shared/data/', import.meta.url).pathname;
/** All three have prices of two decimals. */
const RECORDINGS = [
  ['BTC spot', 'BINANCE/symbol=BTC-USDT', 'binance-spot-BTCUSDT-20240808'],
  ['ETH usdm', 'BINANCE_FUTURES/symbol=ETH-USDT-PERP', 'binance-usdm-ETHUSDT-20240808'],
  ['ETH cm', 'BINANCE_DELIVERY/symbol=ETH-USD-PERP', 'binance-cm-ETHUSD_PERP-20240808'],
] as const;

/** A row of Lake's deltas as calibrate() wants it. */
const LAKE_ROW = `sequence_number AS sequence, receipt_timestamp AS recv, side_is_bid AS is_bid,
  round(price * 100)::INTEGER AS tick, size = 0 AS is_delete`;

async function recorded(
  db: DuckDBConnection,
  [title, lake, flat]: (typeof RECORDINGS)[number],
): Promise<Column> {
  const file = (table: string): string =>
    `${DATA}lake/${table}/exchange=${lake}/dt=2024-08-08/1.snappy.parquet`;
  const snapshots = `read_csv('${DATA}flat/${flat}/snapshots.csv.gz')`;
  const first = `(SELECT min(last_update_id) FROM ${snapshots})`;
  const deltas = `read_parquet('${file('book_delta_v2')}', file_row_number = true)`;
  const seed = await readCalibrationSeed(
    db,
    `SELECT side = 'bid' AS is_bid, round(price * 100)::INTEGER AS tick FROM ${snapshots}
     WHERE last_update_id = ${first}`,
  );
  const rows = await readCalibrationRows(
    db,
    `SELECT ${LAKE_ROW} FROM ${deltas} WHERE sequence_number > ${first} ORDER BY file_row_number`,
  );
  return column(db, title, calibrate(rows, seed), file('book_delta_v2'), file('trades'));
}

async function generated(db: DuckDBConnection, events: number, seed: bigint): Promise<Column> {
  const folder = mkdtempSync(join(tmpdir(), 'depthmill-calibration-'));
  try {
    const [own, lake] = [join(folder, 'own'), join(folder, 'lake')];
    await generateTape({ out: own, events, seed });
    const { files } = await generateTape({ out: lake, events, seed, layout: 'lake' });
    const depth = `read_parquet('${own}/depth/**/*.parquet', file_row_number = true)`;
    const levels = await readCalibrationSeed(
      db,
      `SELECT is_bid, (price_pips // 1000000)::INTEGER AS tick FROM ${depth}
       WHERE (flags & 32) <> 0 AND (flags & 8192) = 0`,
    );
    const rows = await readCalibrationRows(
      db,
      `SELECT sequence, ts_recv AS recv, is_bid, (price_pips // 1000000)::INTEGER AS tick,
         qty_pips = 0 AS is_delete
       FROM ${depth} WHERE (flags & 32) = 0 ORDER BY file_row_number`,
    );
    const lakeFile = (table: string): string =>
      join(lake, files.find((path) => path.startsWith(`${table}/`))!);
    const title = `seed ${seed}`;
    return await column(
      db,
      title,
      calibrate(rows, levels),
      lakeFile('book_delta_v2'),
      lakeFile('trades'),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function column(
  db: DuckDBConnection,
  title: string,
  calibration: Calibration,
  depthFile: string,
  tradesFile: string,
): Promise<Column> {
  const reader = await db.runAndReadAll(`SELECT count(*)::INTEGER FROM '${tradesFile}'`);
  const trades = Number(reader.getRows()[0]![0]) / calibration.rows;
  return { title, calibration, bytesARow: await bytesARow(db, depthFile), trades };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const LINES: readonly (readonly [string, (column: Column) => string, string])[] = [
  ['rows', ({ calibration }) => String(calibration.rows), ''],
  ['rows a message, median', ({ calibration }) => String(calibration.rowsAMessage.p50), '5 to 40'],
  ['p99', ({ calibration }) => String(calibration.rowsAMessage.p99), '90 to 400'],
  ['most', ({ calibration }) => String(calibration.rowsAMessage.max), ''],
  ['rows a second', ({ calibration }) => calibration.rowsASecond.toFixed(0), ''],
  ['deletes', ({ calibration }) => percent(calibration.deletes), '15 to 48 %'],
  ['of them unknown', ({ calibration }) => percent(calibration.deletesUnknown), '15 to 37 %'],
  ['within 10 ticks', ({ calibration }) => percent(calibration.within10), '83 %'],
  ['within 64', ({ calibration }) => percent(calibration.within64), ''],
  ['within 1,000', ({ calibration }) => percent(calibration.within1000), ''],
  ['spread of 1 or 2 ticks', ({ calibration }) => percent(calibration.spreadUpTo2), 'mostly'],
  ['crossed at a message end', ({ calibration }) => percent(calibration.crossed), '0'],
  ['best bid moved', ({ calibration }) => percent(calibration.bidMoved), ''],
  ['trades per row', ({ trades }) => percent(trades), ''],
  ['bytes a row, Lake layout', (line) => line.bytesARow.toFixed(2), '7.5 to 10'],
];

function print(columns: readonly Column[]): void {
  const table = [
    ['', ...columns.map(({ title }) => title), 'wanted'],
    ...LINES.map(([name, value, wanted]) => [name, ...columns.map(value), wanted]),
  ];
  const widths = table[0]!.map((_, i) => Math.max(...table.map((line) => line[i]!.length)));
  const lines = table.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  '),
  );
  process.stdout.write(`${lines.join('\n')}\n`);
}

const events = Number(process.argv[2] ?? 1_000_000);
const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const db = await instance.connect();
const columns: Column[] = [];
if (existsSync(DATA)) {
  for (const recording of RECORDINGS) columns.push(await recorded(db, recording));
}
for (const seed of [1n, 2n, 3n]) columns.push(await generated(db, events, seed));
print(columns);
