import { expect, test } from 'vitest';
import { estimateRun } from '#src/cli/estimate.js';

test('the estimate grows with rows and levels, and shrinks with a codec and with workers', () => {
  const plain = estimateRun(8_000_000, { workers: 2 });
  expect(plain.bytes).toBeGreaterThan(40_000_000);
  expect(plain.bytes).toBeLessThan(120_000_000);
  expect(estimateRun(8_000_000, { workers: 2, codec: 'zstd' }).bytes).toBeLessThan(plain.bytes);
  expect(estimateRun(8_000_000, { workers: 2, bookDepth: 20 }).bytes).toBeGreaterThan(plain.bytes);
  expect(estimateRun(8_000_000, { workers: 4 }).seconds).toBeLessThan(plain.seconds);
});
