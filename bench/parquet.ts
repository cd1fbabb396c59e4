import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileSource } from '#src/io/file-source.js';
import type { RowGroupReader } from '#src/parquet/reader.js';
import { UNIT_ROWS } from '#src/pipeline/run-plan.js';
import { BenchMemory } from './bench-memory.js';
import { checkSameRows } from './main-job/compare-rows.js';
import { DUCKDB_FORMATS, openDuckdb, scaleWithDuckdb } from './main-job/duckdb.js';
import { makeTape } from './main-job/tape.js';
import { isQuiet, noiseNote } from './noise.js';
import { ParquetWasmWriter } from './stages/parquet-wasm-writer.js';
import { LAKE_COLUMNS, TapeSlots } from './stages/tape-slots.js';
import { EncodedTable, encodeAndWriteTable } from './stages/writing.js';
import { minOf } from './statistics.js';
import type { BenchRow, BenchSize, BenchSuite, SuiteResult } from './suite.js';

const EVENTS: Readonly<Record<BenchSize, number>> = { smoke: 100_000, real: 2_000_000 };
const ROUNDS: Readonly<Record<BenchSize, { warmUp: number; timed: number }>> = {
  smoke: { warmUp: 1, timed: 2 },
  real: { warmUp: 3, timed: 15 },
};
const CODECS = ['none', 'snappy', 'zstd'] as const;
/** Slots that a unit of reading fills, over and over, as in the pool of a run. */
const SLOTS = 8;

type Side = () => Promise<unknown>;

/**
 * Reading and writing alone against parquet-wasm, one thread, warm. Reading: from the file to
 * scaled int64 columns in the shared memory, against parquet-wasm's decoding alone, whose columns
 * nobody takes. Writing: from the columns to the file, each row group encoded while the system takes
 * the one before it, as in a run; against its fastest settings.
 */
export const parquetSuite: BenchSuite = {
  name: 'parquet',
  async run({ size }): Promise<SuiteResult> {
    const folder = mkdtempSync(join(tmpdir(), 'depthmill-parquet-'));
    try {
      const rows: BenchRow[] = [];
      const notes: string[] = [];
      const add = ({ row, note }: { row: BenchRow; note: string | null }): void => {
        rows.push(row);
        if (note !== null) notes.push(note);
      };
      for (const codec of CODECS) add(await measureReading(folder, codec, size));
      add(await measureWriting(folder, size));
      return { rows, notes };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function measureReading(folder: string, codec: (typeof CODECS)[number], size: BenchSize) {
  const events = EVENTS[size];
  const tape = await makeTape(join(folder, codec), { name: codec, events, codec });
  const path = tape.deltaFiles[0]!;
  const slots = await TapeSlots.open(new BenchMemory(), path, SLOTS);
  const units = unitsOf(slots);
  const ours = await slots.openReader(await openFileSource(path));
  const theirs = await slots.openWasmReader(await openFileSource(path));
  try {
    return await alternate(
      `read, ${codec}`,
      async () => {
        for (const unit of units) await slots.decode(ours, unit);
      },
      async () => {
        for (const unit of units) await theirs.readRowGroups(unit, LAKE_COLUMNS, () => undefined);
      },
      { events, size },
    );
  } finally {
    await closeAll(ours, theirs);
  }
}

async function closeAll(...readers: readonly RowGroupReader[]): Promise<void> {
  for (const reader of readers) await reader.close();
}

/** Row groups that a worker reads at once. */
function unitsOf({ footer }: TapeSlots): number[][] {
  const units: number[][] = [];
  let rows = UNIT_ROWS;
  for (const [index, rowCount] of footer.rowGroupRows.entries()) {
    if (rows + rowCount > UNIT_ROWS) {
      units.push([]);
      rows = 0;
    }
    units.at(-1)!.push(index);
    rows += rowCount;
  }
  return units;
}

/** The depth table, `flags` too, out of slots that are filled already. */
async function measureWriting(folder: string, size: BenchSize) {
  const events = Math.min(EVENTS[size], 1_000_000);
  const tape = await makeTape(join(folder, 'write'), { name: 'write', events });
  const path = tape.deltaFiles[0]!;
  const memory = new BenchMemory();
  const slots = await TapeSlots.open(memory, path);
  const reader = await slots.openReader(await openFileSource(path));
  const rowCounts = await slots.decode(reader, [...slots.footer.rowGroupRows.keys()]);
  await reader.close();
  const chunks = rowCounts.map((rowCount, slot) => ({ ptr: slots.ptr(slot), rowCount }));
  const table = new EncodedTable(memory, slots.layout, chunks);
  const peer = new ParquetWasmWriter(memory, slots.layout, chunks);
  const [ourPath, theirPath] = [join(folder, 'ours.parquet'), join(folder, 'theirs.parquet')];
  const ours = (): Promise<void> => encodeAndWriteTable(memory, table, ourPath);
  await ours();
  writeFileSync(theirPath, peer.write(peer.table()));
  await checkWritten(folder, path, [ourPath, theirPath]);
  // Its input is taken over by each call: made before, in the turn that is not timed.
  let next = peer.table();
  const theirs = async (): Promise<void> => {
    writeFileSync(theirPath, peer.write(next));
  };
  return alternate('write, no codec', ours, theirs, { events, size }, () => {
    next = peer.table();
  });
}

/** Both files' rows against DuckDB's scaling of the tape. */
async function checkWritten(folder: string, tape: string, paths: readonly string[]): Promise<void> {
  const scaled = join(folder, 'scaled.parquet');
  const db = await openDuckdb();
  try {
    await scaleWithDuckdb(db, [tape], scaled, DUCKDB_FORMATS[0]);
    for (const path of paths) await checkSameRows(db, path, scaled);
  } finally {
    db.closeSync();
  }
}

/**
 * Ours twice and theirs twice take turns; `before` theirs something may be prepared, untimed. A side
 * that follows itself finds the caches warm, so each follows itself as often as the other one, and
 * the two of ours change places.
 */
async function alternate(
  name: string,
  ours: Side,
  theirs: Side,
  { events, size }: { events: number; size: BenchSize },
  before: () => void = () => undefined,
): Promise<{ row: BenchRow; note: string | null }> {
  const { warmUp, timed } = ROUNDS[size];
  const times = { first: [] as number[], peer: [] as number[], again: [] as number[] };
  const there = ['first', 'peer', 'peer', 'again'] as const;
  const back = ['again', 'peer', 'peer', 'first'] as const;
  for (let round = -warmUp; round < timed; round++) {
    for (const turn of round % 2 === 0 ? there : back) {
      if (turn === 'peer') before();
      const start = performance.now();
      await (turn === 'peer' ? theirs() : ours());
      if (round >= 0) times[turn].push(performance.now() - start);
    }
  }
  const peer = minOf(times.peer);
  const aa = minOf(times.first) / minOf(times.again);
  const fastest = Math.min(minOf(times.first), minOf(times.again));
  const quiet = isQuiet(aa, size);
  return {
    row: {
      name,
      ratios: quiet ? { 'x parquet-wasm': peer / fastest } : {},
      figures: {
        'ns/event': (fastest * 1e6) / events,
        'M events/s': events / fastest / 1e3,
        'parquet-wasm ns/event': (peer * 1e6) / events,
      },
    },
    note: quiet ? null : noiseNote(name, aa),
  };
}
