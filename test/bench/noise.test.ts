import { expect, test } from 'vitest';
import { isQuiet, noiseNote } from '#src/bench/noise.js';

test.each([
  [0.95, true],
  [1, true],
  [1.05, true],
  [0.949, false],
  [1.051, false],
  [Number.NaN, false],
])('an A/A run of %d allows ratios: %s', (aa, allowed) => {
  expect(isQuiet(aa, 'real')).toBe(allowed);
  // A smoke run measures nothing; it shows that every ratio can be computed.
  expect(isQuiet(aa, 'smoke')).toBe(true);
});

test('a noisy machine is told with the figure', () => {
  expect(noiseNote('depthmill', 1.127)).toBe(
    'depthmill: the machine is too noisy for ratios: A/A 1.13, wanted 0.95 to 1.05.',
  );
});
