import { expect, test } from 'vitest';
import { withTables } from '#src/bench/result-tables.js';
import { newestResults } from '#src/bench/results.js';
import { readProjectFile } from './project-files.js';

test.each(['README.md', 'docs/bench.md'])(
  'the tables of %s are what the newest file of bench/results/ makes them',
  (path) => {
    const text = readProjectFile(path);
    expect(text).toContain('<!-- bench:');
    expect(text, 'npm run build && npm run bench:table').toBe(withTables(text, newestResults()));
  },
);
