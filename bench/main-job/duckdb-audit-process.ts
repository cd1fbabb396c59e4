// DuckDB's audit in a process of its own. Started by audit-job.ts: node duckdb-audit-process.js INPUTS
import { openDuckdb } from './duckdb.js';
import { auditWithDuckdb } from './duckdb-audit.js';

const [inputs = ''] = process.argv.slice(2);
await auditWithDuckdb(await openDuckdb(), JSON.parse(inputs) as string[]);
