import type { BenchSuite } from './suite.js';
export const stagesSuite: BenchSuite = {
  name: 'stages',
  async run() {
    return { rows: [], notes: [] };
  },
};
