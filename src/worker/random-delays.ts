import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Seeded pauses of 0 to 4 ms before the steps of a worker, for the tests that show that the order
 * in which workers finish leaves no trace. Without a seed it does nothing.
 */
export function randomDelays(seed: number | null, threadIndex: number): () => Promise<void> {
  if (seed === null) return async () => undefined;
  let state = (seed ^ Math.imul(threadIndex + 1, 0x9e3779b9)) >>> 0;
  return async () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const milliseconds = state >>> 30;
    if (milliseconds > 0) await sleep(milliseconds);
  };
}

/** DEPTHMILL_TEST_DELAYS: random pauses in the workers, for the tests of determinism. */
export function delaySeed(): number | null {
  const seed = process.env.DEPTHMILL_TEST_DELAYS;
  return seed === undefined || seed === '' ? null : Number(seed);
}
