import { defineConfig } from 'vitest/config';

// .ci/run names a file for the results, to say in one line what passed.
const resultsPath = process.env.DEPTHMILL_TEST_RESULTS;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A test that asserts nothing shows nothing.
    expect: { requireAssertions: true },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    ...(resultsPath === undefined
      ? {}
      : { reporters: ['default', ['json', { outputFile: resultsPath }]] }),
  },
});
