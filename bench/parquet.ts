import type { BenchSuite } from './suite.js';
export const parquetSuite: BenchSuite = {
  name: 'parquet',
  async run() {
    return { rows: [], notes: [] };
  },
};
