import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compileCore } from '#src/core/load-node.js';
import { PipelineError } from '#src/errors/errors.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import type { RowGroupReader } from '#src/parquet/reader.js';
import { createPrng } from '../prng.js';
import { readCopies } from '../support/column-copy.js';
import { PageReading } from '../support/page-reading.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { allColumns } from './writer-cases.js';
import { WriterBench } from './written-columns.js';

async function ownFile(): Promise<Uint8Array> {
  const bench = new WriterBench(compileCore(), 100, 2 ** 24);
  const prng = createPrng();
  const columns = allColumns('few', 40, prng).slice(0, 12);
  const { path } = await bench.write('small.parquet', columns, { prng, groupRows: 25 });
  const bytes = new Uint8Array(readFileSync(path));
  bench.close();
  return bytes;
}

const corpusFile = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(sharedData(`parquet-corpus/${path}`)));

const FILES: readonly (readonly [string, () => Uint8Array | Promise<Uint8Array>])[] = [
  ['one of ours', ownFile],
  ...(hasSharedData
    ? [
        'apache-parquet-testing/data/datapage_v2.snappy.parquet',
        'apache-parquet-testing/data/int32_decimal.parquet',
      ].map((path) => [path, () => corpusFile(path)] as const)
    : []),
];

/** The values, or the error's code. */
async function outcome(opened: Promise<RowGroupReader>, names: readonly string[]) {
  try {
    const copies = await readCopies(await opened, { names });
    return Buffer.concat(copies.map((copy) => copy.bytes()));
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return error.code;
  }
}

it.each(FILES)('cut at any byte is refused with a code: %s', async (_name, make) => {
  const bytes = await make();
  const reading = await PageReading.create({ regionBytes: 8 * 2 ** 20 });
  const footer = await readFooter(memorySource('x', bytes));
  const names = footer.columns.filter(({ type }) => type !== 'other').map(({ name }) => name);
  expect(names.length).toBeGreaterThan(0);
  const whole = await outcome(reading.open('whole', bytes), names);
  expect(typeof whole).not.toBe('string');
  for (let length = 0; length < bytes.byteLength; length++) {
    const found = await outcome(reading.open('cut', bytes.slice(0, length)), names);
    expect(found, `${length} of ${bytes.byteLength} bytes`).toMatch(/^ERR_PARQUET_/);
  }
  expect(reading.isClean).toBe(true);
});

it.each(FILES)('with pages lost from any byte on: %s', async (_name, make) => {
  const bytes = await make();
  const reading = await PageReading.create({ regionBytes: 8 * 2 ** 20 });
  const footer = await readFooter(memorySource('x', bytes));
  const flat = footer.columns.filter(({ type }) => type !== 'other').map(({ name }) => name);
  const whole = await outcome(reading.open('whole', bytes), flat);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const dataEnd = bytes.byteLength - 8 - view.getUint32(bytes.byteLength - 8, true);
  let refusals = 0;
  for (let start = 4; start < dataEnd; start++) {
    // Zeros, as a disk gives them where it was not written to.
    const cut = bytes.slice().fill(0, start, dataEnd);
    const found = await outcome(reading.open('cut', cut), flat);
    if (typeof found === 'string') {
      expect(found, `cut at ${start}`).toMatch(/^ERR_PARQUET_/);
      refusals++;
      continue;
    }
    // Ours have checksums. Without them zeros may be values, to parquet-wasm as to us.
    const isOurs = footer.createdBy?.startsWith('depthmill') === true;
    const wanted = isOurs ? whole : await outcome(reading.openGeneral('cut', cut), flat);
    expect(typeof wanted, `cut at ${start}`).not.toBe('string');
    expect(Buffer.compare(found, wanted as Buffer), `cut at ${start}`).toBe(0);
  }
  expect(refusals).toBeGreaterThan(dataEnd / 4);
  expect(reading.isClean).toBe(true);
});
