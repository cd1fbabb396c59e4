import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from './outputs.js';

/** The bytes that must be the same: all but the `run` objects of the two JSON files (MODEL 2). */
function bytesThatCount(file: string): Buffer {
  const bytes = readFileSync(file);
  if (!/(?:manifest|audit)\.json$/.test(file)) return bytes;
  const { run: _, ...rest } = JSON.parse(bytes.toString()) as Record<string, unknown>;
  return Buffer.from(JSON.stringify(rest));
}

/** Paths at which two outputs are not the same. */
export function differingPaths(reference: string, out: string): string[] {
  const [theirs, ours] = [new Set(filesBelow(reference)), new Set(filesBelow(out))];
  return [...new Set([...theirs, ...ours])].filter((path) => {
    if (!theirs.has(path) || !ours.has(path)) return true;
    return !bytesThatCount(join(reference, path)).equals(bytesThatCount(join(out, path)));
  });
}
