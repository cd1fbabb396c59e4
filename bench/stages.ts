import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PAGE_ROWS } from '#src/abi/limits.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import { BenchMemory } from './bench-memory.js';
import { checkSameRows } from './main-job/compare-rows.js';
import { DUCKDB_FORMATS, openDuckdb, scaleWithDuckdb } from './main-job/duckdb.js';
import { makeTape } from './main-job/tape.js';
import { bookingStages, type Chunks, chunksOf } from './stages/booking.js';
import { readingStages } from './stages/reading.js';
import { measureStage, type Stage } from './stages/stage.js';
import { TapeSlots } from './stages/tape-slots.js';
import { writingStages } from './stages/writing.js';
import type { BenchRow, BenchSize, BenchSuite, SuiteResult } from './suite.js';

const EVENTS: Readonly<Record<BenchSize, number>> = { smoke: 100_000, real: 1_000_000 };

/** The main job stage by stage, on one thread, over real columns of the tape. */
export const stagesSuite: BenchSuite = {
  name: 'stages',
  async run({ size }): Promise<SuiteResult> {
    const folder = mkdtempSync(join(tmpdir(), 'depthmill-stages-'));
    try {
      return await measureAll(folder, size);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function measureAll(folder: string, size: BenchSize): Promise<SuiteResult> {
  const events = EVENTS[size];
  const open = async (memory: BenchMemory, codec: 'snappy' | 'none') => {
    const tape = await makeTape(join(folder, codec), { name: codec, events, codec });
    const path = tape.deltaFiles[0]!;
    return { path, slots: await TapeSlots.open(memory, path) };
  };
  const memory = new BenchMemory();
  const snappy = await open(memory, 'snappy');
  const plain = await open(memory, 'none');
  const reading = await readingStages(memory, snappy, plain);
  const { slots, path } = snappy;
  const reader = await slots.openReader(memorySource(path, readFileSync(path)));
  const groups = [...slots.footer.rowGroupRows.keys()];
  const doubles = { price: new Float64Array(events), size: new Float64Array(events) };
  let row = 0;
  await reader.readRowGroups(groups, ['price', 'size'], ([price, qty], rowCount) => {
    const asDoubles = (bytes: Uint8Array) => new Float64Array(bytes.slice().buffer);
    doubles.price.set(asDoubles(price!.values), row);
    doubles.size.set(asDoubles(qty!.values), row);
    row += rowCount;
  });
  const chunks = chunksOf(memory, slots, await slots.decode(reader, groups));
  const booking = bookingStages(memory, chunks, doubles);
  // Once through, so that the stages behind have their input; scaled rows are decoded already.
  for (const stage of booking) await runOnce(stage);
  const out = join(folder, 'out');
  mkdirSync(out);
  const writing = writingStages(memory, chunks, out);
  for (const stage of writing) await runOnce(stage);
  const checked = await checkRows(folder, path, chunks);
  const stages = [footerStage(path), ...reading, ...booking, ...writing];
  return measureStages(memory, stages, checked, { events, size });
}

async function runOnce({ pieces, prepare, run }: Stage): Promise<void> {
  for (let piece = 0; piece < pieces; piece++) {
    prepare?.(piece);
    await run(piece);
  }
}

async function measureStages(
  memory: BenchMemory,
  stages: readonly Stage[],
  checked: BenchRow,
  options: { events: number; size: BenchSize },
): Promise<SuiteResult> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const stage of stages) {
    const { row, note } = await measureStage(memory, stage, options);
    await stage.close?.();
    rows.push(row);
    if (note !== null) notes.push(note);
  }
  const sum = (figure: string): number =>
    rows.reduce((total, { figures }) => total + (figures[figure] ?? 0), 0);
  const figures = { 'ns/event': sum('ns/event'), 'B copied/event': sum('B copied/event') };
  return { rows: [...rows, { name: 'all stages', ratios: {}, figures }, checked], notes };
}

/** The footer of the input: 10,000-row groups make it long. */
function footerStage(path: string): Stage {
  const bytes = readFileSync(path);
  const footerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(
    bytes.length - 8,
    true,
  );
  return {
    name: 'footer of the input',
    pieces: 1,
    run: () => readFooter(memorySource(path, bytes)),
    bytesIn: footerBytes,
    bytesOut: () => 0,
    bytesCopied: footerBytes,
  };
}

/** The rows that came out of all stages against DuckDB's scaling of the tape. */
async function checkRows(folder: string, path: string, { rowCounts }: Chunks): Promise<BenchRow> {
  const theirs = join(folder, 'theirs.parquet');
  const db = await openDuckdb();
  try {
    await scaleWithDuckdb(db, [path], theirs, DUCKDB_FORMATS[0]);
    const rows = await checkSameRows(db, join(folder, 'out', 'depth.parquet'), theirs);
    const figures = { 'rows equal': rows, 'rows of a chunk': Math.min(PAGE_ROWS, rowCounts[0]!) };
    return { name: 'checked', ratios: {}, figures };
  } finally {
    db.closeSync();
  }
}
