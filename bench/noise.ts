import type { BenchSize } from './suite.js';

/** Two equal things must come out this equal, or no ratio of that measurement is given. */
const AA_MIN = 0.95;
const AA_MAX = 1.05;

/**
 * Whether a measurement is quiet enough for its ratios: `aa` is the ratio of a thing to itself,
 * measured in the same rounds. Smoke runs are too short for that and their figures mean nothing.
 */
export function isQuiet(aa: number, size: BenchSize): boolean {
  return size === 'smoke' || (aa >= AA_MIN && aa <= AA_MAX);
}

/** The sentence that stands where ratios would. */
export function noiseNote(name: string, aa: number): string {
  return (
    `${name}: the machine is too noisy for ratios: A/A ${aa.toFixed(2)}, ` +
    `wanted ${AA_MIN} to ${AA_MAX}.`
  );
}
