import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RowGroupReader, RowPlaces } from '#src/parquet/reader.js';
import { BUILDS } from '../kernels/both-builds.js';
import { createPrng, type Prng } from '../prng.js';
import { type ColumnCopy, readCopies } from '../support/column-copy.js';
import { PageReading } from '../support/page-reading.js';
import { parquetFixture } from '../support/parquet-fixture.js';
import { readableColumns } from '../support/source-cells.js';
import { allColumns } from './writer-cases.js';
import { WriterBench } from './written-columns.js';

let reading: PageReading;
let bench: WriterBench;
beforeAll(async () => {
  reading = await PageReading.create();
  bench = new WriterBench(BUILDS[0].module, 10_000);
});
afterAll(() => bench.close());

describe('places for the rows', () => {
  it('get the values of 4 and 8 bytes, and nothing 64 bytes behind them is touched', async () => {
    const prng = createPrng();
    const columns = allColumns('few', 5_000, prng);
    const { path } = await bench.write('places.parquet', columns, { prng, groupRows: 2_111 });
    const bytes = new Uint8Array(readFileSync(path));
    const reader = await reading.open('places.parquet', bytes);
    const names = readableColumns(reader);
    const wanted = await readCopies(await reading.openGeneral('places.parquet', bytes), { names });
    const places = new Places(reading, 777);
    const found = await placedCopies(reader, names, places);
    expect(found.filter((copy, i) => !copy.equals(wanted[i]!)).map(({ name }) => name)).toEqual([]);
    expect(places.runs).toBeGreaterThan(6);
    expect(places.trespasses).toBe(0);
    expect(reading.isClean).toBe(true);
  });
});

describe('tables of many columns', () => {
  const COLUMNS = 40;
  /** Row groups of few values, then of many: the region is full when rows were handed over. */
  const rowsOfTable = (prng: Prng) =>
    Array.from({ length: COLUMNS }, (_, column) => ({
      name: `c${column}`,
      type: 'double' as const,
      values: Array.from({ length: 6_000 }, (_, row) =>
        row < 3_000 ? column : prng.int(0, 2 ** 20),
      ),
    }));

  it('get all of the region where half of it is full, and each row once', async () => {
    const bytes = parquetFixture(rowsOfTable(createPrng()), { rowGroupRows: 3_000 });
    const small = await PageReading.create({ regionBytes: 7 * 2 ** 20 });
    const reader = await small.open('wide.parquet', bytes);
    const names = readableColumns(reader);
    const wanted = await readCopies(await small.openGeneral('wide.parquet', bytes), { names });
    const places = new Places(small, 777);
    const found = await readCopies(reader, { names, places });
    expect(found.filter((copy, i) => !copy.equals(wanted[i]!)).map(({ name }) => name)).toEqual([]);
    expect(small.fetches).toBe(2);
    expect(small.fallbacks).toBe(0);
    expect(places.trespasses).toBe(0);
    expect(small.isClean).toBe(true);
  });
});

/** Hands out room for `rowsMax` rows a column, each behind a canary of its own. */
class Places implements RowPlaces {
  runs = 0;
  trespasses = 0;
  readonly #reading: PageReading;
  readonly #rowsMax: number;
  readonly #taken = new Map<string, number>();
  #next: number;

  constructor(pageReading: PageReading, rowsMax: number) {
    this.#reading = pageReading;
    this.#rowsMax = rowsMax;
    this.#next = pageReading.scratchPtr;
  }

  room(): number {
    this.runs++;
    this.#next = this.#reading.scratchPtr;
    this.#taken.clear();
    this.#reading.core.views.u8.fill(0xa5, this.#next, this.#next + 2 ** 20);
    return this.#rowsMax;
  }

  placeOf(column: string, valueBytes: number): number {
    const ptr = this.#next + 64;
    this.#next = ptr + this.#rowsMax * valueBytes + 64;
    this.#next = Math.ceil(this.#next / 64) * 64;
    this.#taken.set(column, ptr);
    return ptr;
  }

  /** Where a column was to lie; counts what was written around it. */
  check(column: string, byteLength: number): number | undefined {
    const ptr = this.#taken.get(column);
    if (ptr === undefined) return undefined;
    const { u8 } = this.#reading.core.views;
    for (let at = ptr - 1; at >= ptr - 64; at--) if (u8[at] !== 0xa5) this.trespasses++;
    const end = ptr + byteLength + 64;
    for (let at = end; at < end + 64; at++) {
      if (at < ptr + this.#rowsMax * 4 && u8[at] !== 0xa5) this.trespasses++;
    }
    return ptr;
  }
}

async function placedCopies(
  reader: RowGroupReader,
  names: readonly string[],
  places: Places,
): Promise<ColumnCopy[]> {
  let placed = 0;
  const rowGroups = [...reader.footer.rowGroupRows.keys()];
  await reader.readRowGroups(
    rowGroups,
    names,
    (columns, rowCount) => {
      expect(rowCount).toBeLessThanOrEqual(777);
      for (const { info, values, valuesPtr } of columns) {
        const ptr = places.check(info.name, values.byteLength);
        if (ptr === undefined) continue;
        expect(valuesPtr, info.name).toBe(ptr);
        placed++;
      }
    },
    places,
  );
  expect(placed).toBeGreaterThan(50);
  return readCopies(reader, { names, places });
}
