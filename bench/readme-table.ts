// Makes the tables of README.md and docs/bench.md from the newest file of bench/results/:
// node build/bench/readme-table.js [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './machine.js';
import { withTables } from './result-tables.js';
import { newestResults } from './results.js';

const isCheck = process.argv[2] === '--check';
const report = newestResults();
for (const name of ['README.md', 'docs/bench.md']) {
  const path = join(PROJECT_ROOT, name);
  const text = readFileSync(path, 'utf8');
  const made = withTables(text, report);
  if (made === text) continue;
  if (isCheck) {
    process.stderr.write(`${name} is not what the newest results make: npm run bench:table\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, made);
    process.stdout.write(`${name}\n`);
  }
}
