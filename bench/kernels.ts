import { BenchMemory } from './bench-memory.js';
import { CProgram } from './c-program.js';
import { bookCases } from './cases/book.js';
import { bookFollowCases } from './cases/book-follow.js';
import { chunkEncodeCases } from './cases/chunk-encode.js';
import { compressCases } from './cases/compress.js';
import { decimalTextCases } from './cases/decimal-text.js';
import { decompressCases } from './cases/decompress.js';
import { digestCases } from './cases/digest.js';
import { footerCases } from './cases/footer-chunks.js';
import { messagesCases } from './cases/messages.js';
import { pageDecodeCases } from './cases/page-decode.js';
import { pageEncodeCases } from './cases/page-encode.js';
import { pageShapeCases } from './cases/page-shapes.js';
import { plainRowsCases } from './cases/plain-rows.js';
import { rescaleCases } from './cases/rescale.js';
import { rowsCases } from './cases/rows.js';
import { scaleCases } from './cases/scale.js';
import { sequenceCases } from './cases/sequence.js';
import { stampCases } from './cases/stamps.js';
import { textMatchCases } from './cases/text-match.js';
import { textRowsCases } from './cases/text-rows.js';
import { timesCases } from './cases/times.js';
import { tradesOutsideCases } from './cases/trades-outside.js';
import { valueGridCases } from './cases/value-grid.js';
import { witnessCases } from './cases/witness.js';
import { type CaseMaker, measure } from './harness.js';
import type { BenchRow, BenchSize, BenchSuite, SuiteResult } from './suite.js';

const CASES: readonly CaseMaker[] = [
  bookCases,
  bookFollowCases,
  scaleCases,
  decimalTextCases,
  plainRowsCases,
  rescaleCases,
  timesCases,
  messagesCases,
  valueGridCases,
  sequenceCases,
  rowsCases,
  textMatchCases,
  textRowsCases,
  stampCases,
  digestCases,
  footerCases,
  pageDecodeCases,
  pageShapeCases,
  pageEncodeCases,
  chunkEncodeCases,
  compressCases,
  decompressCases,
  tradesOutsideCases,
  witnessCases,
];

/** Values of a run: in cache as the pipeline has them, and far beyond the cache. */
const VALUE_COUNTS: Readonly<Record<BenchSize, readonly number[]>> = {
  smoke: [4_096],
  real: [65_536, 1_048_576],
};

/** Every kernel of the core against a plain TypeScript twin, C, and a memcpy of its input. */
export const kernelSuite: BenchSuite = {
  name: 'kernels',
  async run({ size }) {
    const compiled = CProgram.compile();
    const program = typeof compiled === 'string' ? null : compiled;
    try {
      const { rows, notes } = measureAll(size, program);
      return { rows, notes: program === null ? [...notes, String(compiled)] : notes };
    } finally {
      program?.close();
    }
  },
};

function measureAll(size: BenchSize, program: CProgram | null): SuiteResult {
  const memory = new BenchMemory();
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const valueCount of VALUE_COUNTS[size]) {
    for (const makeCases of CASES) {
      memory.reset();
      for (const kernelCase of makeCases(memory, valueCount)) {
        const name = `${kernelCase.name} (${valueCount / 1_024} K)`;
        const { row, note } = measure(memory, { ...kernelCase, name }, { size, program });
        rows.push(row);
        if (note !== null) notes.push(note);
      }
    }
  }
  return { rows, notes };
}
