import * as G from '../abi/generate.js';
import { SLOT_BYTES } from '../abi/limits.js';
import { depthColumns, TRADES_COLUMNS } from '../dialects/tables.js';
import { type ColumnSpec, type TableLayout, tableLayout } from '../memory/column-layout.js';
import type { WriteColumn } from '../parquet/write-types.js';
import type { TapeLayout } from './options.js';

export type TapeTableName = 'depth' | 'trades' | 'book';

/** One table of a tape: how its rows lie in a slot, in the file, and where the kernels put them. */
export interface TapeTable {
  readonly name: TapeTableName;
  /** Folder of its files. */
  readonly folder: string;
  readonly layout: TableLayout;
  readonly columns: readonly WriteColumn[];
  /** Fields of the generator's state that hold addresses of columns. */
  readonly bindings: readonly (readonly [stateOffset: number, column: string])[];
  /** Fields of the state that hold the bytes from one level column to the next. */
  readonly strideOffsets: readonly number[];
  readonly rowOffset: number;
  readonly rowEndOffset: number;
  /** Rows that must be free before the kernel makes a message. */
  readonly roomMin: number;
}

const FIELDS = {
  depth: {
    rowOffset: G.GEN_DEPTH_ROW,
    rowEndOffset: G.GEN_DEPTH_ROW_END,
    roomMin: 1,
    strideOffsets: [],
  },
  trades: {
    rowOffset: G.GEN_TRADES_ROW,
    rowEndOffset: G.GEN_TRADES_ROW_END,
    roomMin: G.GEN_MESSAGE_TRADES_MAX,
    strideOffsets: [],
  },
  book: {
    rowOffset: G.GEN_BOOK_ROW,
    rowEndOffset: G.GEN_BOOK_ROW_END,
    roomMin: 1,
    strideOffsets: [G.GEN_BOOK_LEVEL_STRIDE],
  },
} as const;

/** The tables of a tape in the given layout; `book` only in Lake's. */
export function tapeTables(layout: TapeLayout): readonly TapeTable[] {
  return layout === 'lake'
    ? [lakeDepth(), lakeTrades(), lakeBook()]
    : [depthmillDepth(), depthmillTrades()];
}

function depthmillDepth(): TapeTable {
  const specs = depthColumns({ sequence: true, sequenceFirst: true, sequencePrev: false });
  return {
    ...FIELDS.depth,
    name: 'depth',
    folder: 'depth',
    layout: tableLayout(specs),
    columns: specs.map(ownColumn),
    bindings: [
      [G.GEN_DEPTH_TS_RECV_PTR, 'ts_recv'],
      [G.GEN_DEPTH_TS_EVENT_PTR, 'ts_event'],
      [G.GEN_DEPTH_SEQUENCE_PTR, 'sequence'],
      [G.GEN_DEPTH_SEQUENCE_FIRST_PTR, 'sequence_first'],
      [G.GEN_DEPTH_IS_BID_PTR, 'is_bid'],
      [G.GEN_DEPTH_PRICE_PTR, 'price_pips'],
      [G.GEN_DEPTH_QTY_PTR, 'qty_pips'],
      [G.GEN_DEPTH_FLAGS_PTR, 'flags'],
    ],
  };
}

function depthmillTrades(): TapeTable {
  // A generated trade always has an id and a side.
  const specs = TRADES_COLUMNS.map((spec) => ({ ...spec, nullable: false }));
  return {
    ...FIELDS.trades,
    name: 'trades',
    folder: 'trades',
    layout: tableLayout(specs),
    columns: TRADES_COLUMNS.map(ownColumn),
    bindings: [
      [G.GEN_TRADES_TS_RECV_PTR, 'ts_recv'],
      [G.GEN_TRADES_TS_EVENT_PTR, 'ts_event'],
      [G.GEN_TRADES_ID_PTR, 'trade_id'],
      [G.GEN_TRADES_IS_BUY_PTR, 'is_buy'],
      [G.GEN_TRADES_PRICE_PTR, 'price_pips'],
      [G.GEN_TRADES_QTY_PTR, 'qty_pips'],
      [G.GEN_TRADES_FLAGS_PTR, 'flags'],
    ],
  };
}

const WITH_STATISTICS = new Set(['ts_recv', 'ts_event', 'sequence']);

function ownColumn(spec: ColumnSpec): WriteColumn {
  return { ...spec, encoding: 'auto', statistics: WITH_STATISTICS.has(spec.name) };
}

// Lake's files come from DuckDB: all columns OPTIONAL, dictionaries where they are smaller, no delta.

function lakeColumn(
  name: string,
  type: WriteColumn['type'],
  encoding: WriteColumn['encoding'],
): WriteColumn {
  return { name, type, nullable: true, encoding, statistics: true };
}

/** The slot's columns of written columns: text lies there as indices. */
function slotLayout(columns: readonly WriteColumn[]): TableLayout {
  const specs = columns.map(({ name, type }): ColumnSpec => {
    return { name, type: type === 'string' ? 'int32' : type, nullable: false };
  });
  return tableLayout(specs, SLOT_BYTES);
}

function lakeDepth(): TapeTable {
  const columns = [
    lakeColumn('timestamp', 'int64', 'dictionary'),
    lakeColumn('receipt_timestamp', 'int64', 'dictionary'),
    lakeColumn('sequence_number', 'int64', 'dictionary'),
    lakeColumn('side_is_bid', 'bool', 'plain'),
    lakeColumn('price', 'double', 'auto'),
    // A dictionary of sizes would be a tenth smaller and cost the most of all columns.
    lakeColumn('size', 'double', 'plain'),
  ];
  return {
    ...FIELDS.depth,
    name: 'depth',
    folder: 'book_delta_v2',
    layout: slotLayout(columns),
    columns,
    bindings: [
      [G.GEN_DEPTH_TS_EVENT_PTR, 'timestamp'],
      [G.GEN_DEPTH_TS_RECV_PTR, 'receipt_timestamp'],
      [G.GEN_DEPTH_SEQUENCE_PTR, 'sequence_number'],
      [G.GEN_DEPTH_IS_BID_PTR, 'side_is_bid'],
      [G.GEN_DEPTH_PRICE_PTR, 'price'],
      [G.GEN_DEPTH_QTY_PTR, 'size'],
    ],
  };
}

function lakeTrades(): TapeTable {
  const columns = [
    { ...lakeColumn('side', 'string', 'dictionary'), dictionary: ['buy', 'sell'] },
    lakeColumn('amount', 'double', 'auto'),
    lakeColumn('price', 'double', 'auto'),
    lakeColumn('id', 'int64', 'plain'),
    lakeColumn('timestamp', 'int64', 'plain'),
    lakeColumn('receipt_timestamp', 'int64', 'plain'),
  ];
  return {
    ...FIELDS.trades,
    name: 'trades',
    folder: 'trades',
    layout: slotLayout(columns),
    columns,
    bindings: [
      [G.GEN_TRADES_SIDE_PTR, 'side'],
      [G.GEN_TRADES_QTY_PTR, 'amount'],
      [G.GEN_TRADES_PRICE_PTR, 'price'],
      [G.GEN_TRADES_ID_PTR, 'id'],
      [G.GEN_TRADES_TS_EVENT_PTR, 'timestamp'],
      [G.GEN_TRADES_TS_RECV_PTR, 'receipt_timestamp'],
    ],
  };
}

function lakeBook(): TapeTable {
  const columns = [
    lakeColumn('timestamp', 'int64', 'plain'),
    lakeColumn('receipt_timestamp', 'int64', 'plain'),
    lakeColumn('sequence_number', 'int64', 'plain'),
  ];
  for (const side of ['bid', 'ask']) {
    for (let level = 0; level < G.GEN_BOOK_LEVELS; level++) {
      columns.push(lakeColumn(`${side}_${level}_price`, 'double', 'plain'));
      columns.push(lakeColumn(`${side}_${level}_size`, 'double', 'plain'));
    }
  }
  return {
    ...FIELDS.book,
    name: 'book',
    folder: 'book',
    layout: slotLayout(columns),
    columns,
    bindings: [
      [G.GEN_BOOK_TS_EVENT_PTR, 'timestamp'],
      [G.GEN_BOOK_TS_RECV_PTR, 'receipt_timestamp'],
      [G.GEN_BOOK_SEQUENCE_PTR, 'sequence_number'],
      [G.GEN_BOOK_LEVELS_PTR, 'bid_0_price'],
    ],
  };
}
