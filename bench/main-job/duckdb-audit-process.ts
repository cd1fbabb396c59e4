// DuckDB's audit in a process of its own. Started by audit-job.ts: node duckdb-audit-process.js INPUTS WAY
import { openDuckdb } from './duckdb.js';
import { auditWithDuckdb, type SqlWay } from './duckdb-audit.js';

const [inputs = '', way = ''] = process.argv.slice(2);
await auditWithDuckdb(await openDuckdb(), JSON.parse(inputs) as string[], way as SqlWay);
