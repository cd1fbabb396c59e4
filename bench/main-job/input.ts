import { statSync } from 'node:fs';

/** What the main job reads: level changes of some instruments and days in Crypto Lake's layout. */
export interface JobInput {
  readonly name: string;
  /** Level changes, which all sides read; in the order in which depthmill's output files lie. */
  readonly deltaFiles: readonly string[];
  /** The vendor's snapshots, which only depthmill reads: they seed the book and are its witness. */
  readonly bookFiles: readonly string[];
  readonly events: number;
}

export function bytesOf(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + statSync(path).size, 0);
}
