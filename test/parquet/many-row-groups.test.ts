import { expect, it } from 'vitest';
import { createPrng } from '../prng.js';
import { readCopies } from '../support/column-copy.js';
import { PageReading } from '../support/page-reading.js';
import { parquetFixture } from '../support/parquet-fixture.js';

// A window for each chunk of each row group would be thousands of reads of the file.
it('many small row groups that do not fit together are fetched in a few reads', async () => {
  const prng = createPrng();
  const rowCount = 90_000;
  const values = Array.from({ length: rowCount }, () => prng.i64());
  const columns = ['a', 'b', 'c'].map((name, i) => ({
    name,
    type: 'int64' as const,
    values: values.map((value, row) => (row % 97 === i ? null : value + BigInt(i))),
  }));
  const bytes = parquetFixture(columns, { rowGroupRows: 100, codec: 'none' });
  const reading = await PageReading.create({ regionBytes: 6 * 2 ** 20 });
  const reader = await reading.open('many.parquet', bytes);
  expect(reader.footer.rowGroupRows.length).toBe(900);
  const names = columns.map(({ name }) => name);
  const found = await readCopies(reader, { names });
  const wanted = await readCopies(await reading.openGeneral('many.parquet', bytes), { names });
  expect(found.map((copy, i) => copy.equals(wanted[i]!))).toEqual([true, true, true]);
  expect(reading.fallbacks).toBe(0);
  expect(reading.fetches).toBeGreaterThan(1);
  expect(reading.fetches).toBeLessThanOrEqual(8);
  expect(reading.isClean).toBe(true);
});
