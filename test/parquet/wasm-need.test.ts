import { beforeAll, describe, expect, it } from 'vitest';
import { memorySource } from '#src/io/memory-source.js';
import { extractFile } from '#src/parquet/extract-file.js';
import { readFooter } from '#src/parquet/footer.js';
import { compileParquetWasm } from '#src/parquet/load-node.js';
import { WasmDecoder } from '#src/parquet/wasm-decoder.js';
import { wasmBytesNeeded } from '#src/parquet/wasm-need.js';
import { openWasmRowGroupReader } from '#src/parquet/wasm-reader.js';
import { type FixtureColumn, parquetFixture } from '../support/parquet-fixture.js';

const ROWS = 300_000;
const of = <Value>(value: (row: number) => Value): Value[] =>
  Array.from({ length: ROWS }, (_, row) => value(row));

const FILES: readonly (readonly [string, readonly FixtureColumn[]])[] = [
  ['doubles', ['a', 'b', 'c'].map((name) => ({ name, type: 'double', values: of(Math.sqrt) }))],
  ['stamps', [{ name: 't', type: 'timestamp_us', values: of((row) => BigInt(row) * 1_000n) }]],
  ['texts', [{ name: 'x', type: 'utf8', values: of((row) => `price ${row / 7}`) }]],
];

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await compileParquetWasm();
});

describe('memory of parquet-wasm', () => {
  it.each(
    FILES.flatMap(([name, columns]) =>
      (['none', 'snappy'] as const).map((codec) => ({ name, codec, columns })),
    ),
  )('for $name ($codec) is about what is said of it', async ({ columns, codec }) => {
    const bytes = parquetFixture([...columns], { codec });
    const source = memorySource('x.parquet', bytes);
    const footer = await readFooter(source);
    const extract = { rowGroupIndexes: [0], columnIndexes: [...columns.keys()] };
    const needed = wasmBytesNeeded(footer, extract, ROWS);
    const file = await extractFile(source, footer, extract, new Uint8Array(0));
    const decoder = new WasmDecoder(module);
    const before = decoder.memoryBytes;
    decoder.decode(file, { batchSize: ROWS }, () => undefined);
    const taken = file.byteLength + decoder.memoryBytes - before;
    expect(needed).toBeGreaterThan(taken * 0.8);
    expect(needed).toBeLessThan(taken * 2.5);
  });

  it('that is not there refuses the read, and says what would do', async () => {
    const bytes = parquetFixture([...FILES[0]![1]], { rowGroupRows: 100_000 });
    const footer = await readFooter(memorySource('x.parquet', bytes));
    const bytesMax = wasmBytesNeeded(footer, { rowGroupIndexes: [0], columnIndexes: [0, 1] }, ROWS);
    const source = memorySource('x.parquet', bytes);
    const reader = await openWasmRowGroupReader(source, { module, bytesMax });
    let rows = 0;
    await reader.readRowGroup(0, ['a', 'b'], (_, count) => {
      rows += count;
    });
    expect(rows).toBe(100_000);
    await expect(reader.readRowGroup(1, ['a', 'b', 'c'], () => undefined)).rejects.toMatchObject({
      code: 'ERR_MEMORY_TOO_SMALL',
      message: expect.stringMatching(
        /^x\.parquet, row group 1: parquet-wasm, .* needs about \d+MB for it; .* --memory is \d+MB\./,
      ),
    });
  });
});
