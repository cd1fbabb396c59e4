// Reading alone with hyparquet, one thread: the six columns of the first rows. Started by
// contenders.ts: node hyparquet-process.js INPUT ROWS
import { readFileSync } from 'node:fs';
import { parquetRead } from 'hyparquet';

const COLUMNS = [
  'receipt_timestamp',
  'timestamp',
  'sequence_number',
  'side_is_bid',
  'price',
  'size',
];

const [input = '', rows = ''] = process.argv.slice(2);
const bytes = readFileSync(input);
const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
let values = 0;
// Column by column, which is its fastest way: rows would become arrays of their own.
await parquetRead({
  file,
  columns: COLUMNS,
  rowEnd: Number(rows),
  onChunk: ({ columnData }) => {
    values += columnData.length;
  },
});
if (values < Number(rows) * COLUMNS.length) throw new Error(`Only ${values} values were read.`);
