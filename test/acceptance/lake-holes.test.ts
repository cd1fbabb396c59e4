import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  FLAG_DEPTH_UNKNOWN,
  FLAG_MAYBE_BAD_BOOK,
  FLAG_SYNTHETIC,
  FLAG_WITNESS_OFF,
} from '#src/abi/flags.js';
import { run } from '#src/worker/run.js';
import { LakeBook, runLakeBook } from '../oracle/lake-book.js';
import type { DeltaRow, WitnessRow } from '../oracle/lake-rows.js';
import { createPrng } from '../prng.js';
import { openDuckdb } from '../support/duckdb.js';
import { rebuildFullBook } from '../support/flat-source.js';
import { INSTRUMENTS, type Instrument, lakeFile, partitionOf } from '../support/instruments.js';
import { type LakeDay, readLakeDay } from '../support/lake-source.js';
import { compareWithOracle } from '../support/oracle-comparison.js';
import {
  type BookLines,
  type InstrumentJson,
  instrumentIn,
  levelsLine,
  readAudit,
  readBook,
  readDepth,
} from '../support/outputs.js';
import { temporaryFolder } from '../support/product.js';
import { hasSharedData } from '../support/shared-data.js';

const IS_LONG = process.env.DEPTHMILL_LONG === '1';
/** Times that each day is holed anew, and what is read of it. */
const PASSES = IS_LONG ? 4 : 1;
const SPAN_NS = IS_LONG ? 86_400_000_000_000n : 90_000_000_000n;
const HOLES_MIN = IS_LONG ? 1_000 : 15;

const FIRST_HOLE_NS = 2_000_000_000n;
/** Between two holes several `book` rows come, a second apart. */
const HOLES_APART_NS = [3_000_000_000, 6_000_000_000] as const;
const MESSAGES_MAX = 12;
const CROSSED_AFTER_NS = 2_000_000_000n;
const MARKED = FLAG_MAYBE_BAD_BOOK | FLAG_DEPTH_UNKNOWN;

/** Lost messages: rows [start, end) of the file. */
interface Hole {
  readonly start: number;
  readonly end: number;
  /** Of the last lost message. */
  readonly sequence: bigint;
}

const prng = createPrng();
const totals = { holes: 0, wrong: 0, flagged: 0, rowsWrongUnseen: 0 };

function makeHoles({ deltas, witnesses }: LakeDay): Hole[] {
  const holes: Hole[] = [];
  const isStart = (row: number): boolean => deltas[row]?.sequence !== deltas[row - 1]?.sequence;
  let at = witnesses[0]!.tsRecv + FIRST_HOLE_NS;
  for (let row = 0; row < deltas.length; row++) {
    if (deltas[row]!.tsRecv < at || !isStart(row)) continue;
    let end = row;
    for (let left = prng.int(1, MESSAGES_MAX + 1); left > 0 && end < deltas.length; left--) {
      do end++;
      while (!isStart(end));
    }
    if (end >= deltas.length) break;
    const { sequence } = deltas[end - 1]!;
    holes.push({ start: row, end, sequence });
    at = deltas[end]!.tsRecv + BigInt(prng.int(...HOLES_APART_NS));
    row = end;
  }
  return holes;
}

/** The day as a file without the rows of the holes, beside its witnesses. */
async function writeHoled(
  db: DuckDBConnection,
  instrument: Instrument,
  day: LakeDay,
  holes: readonly Hole[],
): Promise<string> {
  const lake = join(temporaryFolder(), 'lake');
  const target = (table: string): string => {
    const path = join(lake, table, partitionOf(instrument), '1.snappy.parquet');
    mkdirSync(dirname(path), { recursive: true });
    return path;
  };
  const source = lakeFile(instrument, 'book_delta_v2');
  const lost = holes.map(({ start, end }) => `file_row_number BETWEEN ${start} AND ${end - 1}`);
  await db.run(
    `COPY (SELECT * EXCLUDE (file_row_number)
       FROM read_parquet('${source}', file_row_number = true, hive_partitioning = false)
       WHERE file_row_number < ${day.deltas.length} AND NOT (${lost.join(' OR ')})
       ORDER BY file_row_number)
     TO '${target('book_delta_v2')}' (FORMAT parquet, CODEC snappy, ROW_GROUP_SIZE 10000)`,
  );
  copyFileSync(lakeFile(instrument, 'book'), target('book'));
  return lake;
}

const without = (deltas: readonly DeltaRow[], holes: readonly Hole[]): DeltaRow[] => {
  const kept: DeltaRow[] = [];
  let from = 0;
  for (const { start, end } of holes) {
    kept.push(...deltas.slice(from, start));
    from = end;
  }
  return kept.concat(deltas.slice(from));
};

const bestOf = ({ bids, asks }: Pick<WitnessRow, 'bids' | 'asks'>): string =>
  levelsLine(bids, asks, 1);

/** Holes after which the best prices still differ from those of the next `book` row. */
function stillWrong(holes: readonly Hole[], day: LakeDay, book: BookLines) {
  return holes.flatMap((hole) => {
    const witness = day.witnesses.find(({ sequence }) => sequence >= hole.sequence);
    if (witness === undefined) return [];
    const row = book.sequence.findLastIndex(
      (sequence, at) => sequence <= witness.sequence && (book.flags[at]! & FLAG_SYNTHETIC) === 0,
    );
    return book.levels[row] === bestOf(witness) ? [] : [{ witness, row }];
  });
}

/**
 * What stands behind a wrong row: a message that mends it (several where `book` rows fell into the
 * hole), with a mark unless the row itself was in doubt, and an interval of doubt.
 */
function isFlagged(
  { witness, row }: ReturnType<typeof stillWrong>[number],
  book: BookLines,
  { quality }: InstrumentJson,
  { witnesses }: LakeDay,
): boolean {
  let last = row;
  let marks = book.flags[row]! & FLAG_MAYBE_BAD_BOOK;
  while (
    (book.flags[last + 1]! & FLAG_SYNTHETIC) !== 0 &&
    book.sequence[last + 1]! <= witness.sequence
  ) {
    marks |= book.flags[++last]! & FLAG_WITNESS_OFF;
  }
  // The row itself may have been proven since: what is lost came behind that witness then.
  const proof = witnesses[witnesses.indexOf(witness) - 1]?.tsRecv ?? 0n;
  const since = proof > book.tsRecv[row]! ? proof : book.tsRecv[row]!;
  const isDoubted = quality.some(
    ({ ts_recv_from: from, ts_recv_to: to }) => BigInt(from) <= since && BigInt(to) >= since,
  );
  return marks !== 0 && isDoubted && last > row && book.levels[last] === bestOf(witness);
}

/** Unmarked rows with other best prices than the exchange's, and no hole before the next witness. */
function wrongUnexplained(
  holes: readonly Hole[],
  day: LakeDay,
  book: BookLines,
  truth: ReadonlyMap<bigint, string>,
): string[] {
  const unseen = holes.map(({ start, sequence }) => ({
    from: day.deltas[start]!.sequence,
    to: day.witnesses.find((witness) => witness.sequence >= sequence)?.sequence ?? null,
  }));
  return book.sequence.flatMap((sequence, row) => {
    const expected = truth.get(sequence);
    const isMarked = (book.flags[row]! & MARKED) !== 0;
    if (expected === undefined || isMarked || book.levels[row] === expected) return [];
    const isUnseen = unseen.some(
      ({ from, to }) => sequence >= from && (to === null || sequence <= to),
    );
    if (isUnseen) totals.rowsWrongUnseen++;
    return isUnseen ? [] : [`row ${row} (${sequence}): ${book.levels[row]} for ${expected}`];
  });
}

// Lake's ids prove nothing: what is lost can only be told by the witness that comes next.
describe.skipIf(!hasSharedData)('holes in the Lake inputs', () => {
  let db: DuckDBConnection;
  beforeAll(async () => {
    db = await openDuckdb();
  });

  it.each(IS_LONG ? INSTRUMENTS : INSTRUMENTS.slice(0, 1))(
    `$exchange $symbol: what they leave wrong is flagged, and nothing else (seed ${prng.seed})`,
    { timeout: 600_000 },
    async (instrument) => {
      const whole = await readLakeDay(db, instrument);
      const endNs = whole.deltas[0]!.tsRecv + SPAN_NS;
      const day = { ...whole, deltas: whole.deltas.filter(({ tsRecv }) => tsRecv < endNs) };
      const truth = new Map<bigint, string>();
      for await (const { sequence, bids, asks } of rebuildFullBook(db, instrument, 1)) {
        if (sequence > day.deltas.at(-1)!.sequence) break;
        truth.set(sequence, levelsLine(bids, asks, 1));
      }
      for (let pass = 0; pass < PASSES; pass++) {
        const where = `${instrument.symbol}, pass ${pass}, seed ${prng.seed}`;
        const holes = makeHoles(day);
        const lake = await writeHoled(db, instrument, day, holes);
        const out = join(lake, '../out');
        await run({ inputs: [lake], out, tables: ['depth', 'book'], sync: false, workers: 2 });
        const depth = await readDepth(db, out);
        const book = await readBook(db, out, 1);
        const audit = instrumentIn(readAudit(out), instrument.exchange, instrument.symbol);

        const oracle = new LakeBook({ bookDepth: 1, crossedAfterNs: CROSSED_AFTER_NS });
        const messages = runLakeBook(oracle, without(day.deltas, holes), day.witnesses);
        expect(compareWithOracle(messages, depth, book, 1).first, where).toEqual([]);
        expect(audit.digest, where).toBe(oracle.digest);
        expect(
          audit.gaps.filter(({ proven }) => proven),
          where,
        ).toEqual([]);

        const wrong = stillWrong(holes, day, book);
        const unflagged = wrong.filter((each) => !isFlagged(each, book, audit, day));
        expect(
          unflagged.map(({ row }) => row),
          where,
        ).toEqual([]);
        expect(wrongUnexplained(holes, day, book, truth), where).toEqual([]);
        totals.holes += holes.length;
        totals.wrong += wrong.length;
        totals.flagged += wrong.length - unflagged.length;
      }
    },
  );

  it('are enough, and some of them are wrong', () => {
    console.log(`seed ${prng.seed}: ${JSON.stringify(totals)}`);
    expect(totals.holes).toBeGreaterThanOrEqual(HOLES_MIN);
    expect(totals.wrong).toBeGreaterThan(HOLES_MIN / 20);
  });
});
