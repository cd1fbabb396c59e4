import { statSync } from 'node:fs';
import { join } from 'node:path';
import { generateTape } from '#src/generate/generate-tape.js';
import type { BenchSize } from '../suite.js';

const SEED = 8n;
const EVENTS: Readonly<Record<BenchSize, number>> = { smoke: 200_000, real: 8_000_000 };

/** One instrument and day as Crypto Lake ships it. */
export interface BenchTape {
  /** The deltas, which both sides read. */
  readonly deltaFile: string;
  /** The vendor's snapshots, which only depthmill reads: they seed the book and are its witness. */
  readonly bookFile: string;
  readonly events: number;
  readonly deltaBytes: number;
}

/** Makes the tape in `folder`: 10,000-row groups, snappy, the same bytes on every machine. */
export async function makeTape(folder: string, size: BenchSize): Promise<BenchTape> {
  const events = EVENTS[size];
  const { files } = await generateTape({
    out: folder,
    seed: SEED,
    events,
    layout: 'lake',
    rowGroupRows: 10_000,
    codec: 'snappy',
  });
  const fileOf = (table: string): string => {
    const path = files.find((each) => each.startsWith(`${table}/`));
    if (path === undefined) throw new Error(`The tape has no table ${table}.`);
    return join(folder, path);
  };
  const deltaFile = fileOf('book_delta_v2');
  return { deltaFile, bookFile: fileOf('book'), events, deltaBytes: statSync(deltaFile).size };
}
