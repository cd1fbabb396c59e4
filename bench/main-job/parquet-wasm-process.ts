// The lesser job with parquet-wasm alone, one thread: read, scale in typed arrays, write. Started
// by contenders.ts: node parquet-wasm-process.js INPUT OUT ROWS
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  Bool,
  DataType,
  Int64,
  makeVector,
  type RecordBatch,
  Table,
  tableFromIPC,
  tableToIPC,
} from 'apache-arrow';
import {
  Compression,
  EnabledStatistics,
  initSync,
  ParquetFile,
  Table as WasmTable,
  WriterPropertiesBuilder,
  writeParquet,
} from 'parquet-wasm/esm';

const COLUMNS = [
  'receipt_timestamp',
  'timestamp',
  'sequence_number',
  'side_is_bid',
  'price',
  'size',
];
const OUT_NAMES = ['ts_recv', 'ts_event', 'sequence', 'is_bid', 'price_pips', 'qty_pips'];
/** Row groups of a step, one Arrow buffer a column: larger steps make V8 collect garbage for long. */
const GROUPS_A_STEP = 12;
const STEP_ROWS = 131_072;
const TWO_32 = 2 ** 32;

const [input = '', out = '', rowsText = ''] = process.argv.slice(2);
const rowsWanted = Number(rowsText);
const wasmPath = fileURLToPath(import.meta.resolve('parquet-wasm/esm/parquet_wasm_bg.wasm'));
initSync({ module: readFileSync(wasmPath) });

const handle = openSync(input, 'r');
const slice = (start: number, end: number) => ({
  arrayBuffer: async (): Promise<ArrayBuffer> => {
    const bytes = new Uint8Array(end - start);
    readSync(handle, bytes, 0, bytes.byteLength, start);
    return bytes.buffer;
  },
});
// What ParquetFile.fromFile asks of a Blob.
const blob = { size: statSync(input).size, slice } as unknown as Blob;
const file = await ParquetFile.fromFile(blob);
const metadata = file.metadata();

const isBid = new Uint8Array(Math.ceil(rowsWanted / 8) + STEP_ROWS / 8);
const columns = OUT_NAMES.map(() => new BigInt64Array(rowsWanted));
let rowCount = 0;
for (let group = 0; rowCount < rowsWanted; ) {
  const rowGroups: number[] = [];
  for (let rows = 0; rowGroups.length < GROUPS_A_STEP && rowCount + rows < rowsWanted; group++) {
    rows += metadata.rowGroup(group).numRows();
    rowGroups.push(group);
  }
  const read = await file.read({ columns: COLUMNS, rowGroups, batchSize: STEP_ROWS });
  for (const batch of tableFromIPC(read.intoIPCStream()).batches) append(batch);
}
closeSync(handle);
const { length } = columns[0]!;
const table = new Table(
  Object.fromEntries(
    OUT_NAMES.map((name, i) => [
      name,
      name === 'is_bid'
        ? makeVector({ type: new Bool(), length, nullCount: 0, data: isBid })
        : makeVector({ type: new Int64(), length, nullCount: 0, data: columns[i]! }),
    ]),
  ),
);
// Its fastest of the settings tried: no codec, no dictionaries, no statistics.
const properties = new WriterPropertiesBuilder()
  .setCompression(Compression.UNCOMPRESSED)
  .setDictionaryEnabled(false)
  .setStatisticsEnabled(EnabledStatistics.None)
  .build();
writeFileSync(out, writeParquet(WasmTable.fromIPCStream(tableToIPC(table, 'stream')), properties));

/** Takes the batch's rows over, up to what is wanted. */
function append(batch: RecordBatch): void {
  const count = Math.min(batch.numRows, rowsWanted - rowCount);
  COLUMNS.forEach((name, i) => {
    const { type, values } = batch.getChild(name)!.data[0]!;
    if (DataType.isBool(type)) appendBits(values, count);
    else if (DataType.isFloat(type)) scaleInto(columns[i]!, rowCount, values, count);
    else columns[i]!.set(values.subarray(0, count), rowCount);
  });
  rowCount += count;
}

/** Row groups may end anywhere, so that the bits of the next one are to be moved up. */
function appendBits(bits: Uint8Array, count: number): void {
  const bytes = bits.subarray(0, Math.ceil(count / 8));
  const shift = rowCount & 7;
  let to = rowCount >> 3;
  if (shift === 0) {
    isBid.set(bytes, to);
    return;
  }
  // What stands above the rows so far is left over from the byte before.
  isBid[to] = isBid[to]! & ((1 << shift) - 1);
  for (const byte of bytes) {
    isBid[to] = isBid[to]! | (byte << shift);
    isBid[++to] = byte >> (8 - shift);
  }
}

/** Pips of 8 decimals as int64, in halves: BigInt arithmetic would be many times slower. */
function scaleInto(pips: BigInt64Array, from: number, values: Float64Array, count: number): void {
  const halves = new Int32Array(pips.buffer, from * 8, count * 2);
  for (let row = 0; row < count; row++) {
    const whole = Math.round(values[row]! * 1e8);
    halves[2 * row] = whole;
    halves[2 * row + 1] = Math.floor(whole / TWO_32);
  }
}
