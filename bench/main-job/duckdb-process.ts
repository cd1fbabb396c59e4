// DuckDB's lesser job in a process of its own. Started by contenders.ts:
// node duckdb-process.js INPUTS OUT FORMAT
import { DUCKDB_FORMATS, openDuckdb, scaleWithDuckdb } from './duckdb.js';

const [inputs = '', out = '', formatName = ''] = process.argv.slice(2);
const format = DUCKDB_FORMATS.find(({ name }) => name === formatName);
if (format === undefined) throw new Error(`No format ${formatName}.`);
await scaleWithDuckdb(await openDuckdb(), JSON.parse(inputs) as string[], out, format);
