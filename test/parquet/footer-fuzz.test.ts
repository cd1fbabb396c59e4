import { describe, expect, it } from 'vitest';
import { PipelineError } from '#src/errors/errors.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import type { ParquetFooter } from '#src/parquet/reader.js';
import { createPrng } from '../prng.js';
import { craftedThrift, fileAround } from './crafted-footer.js';
import { footerBases, mutatedFooter } from './footer-mutations.js';

const MUTATIONS = 20_000;
/** A chunk's place in the table has 62 bytes, in a footer at least 16; a row group's 16 and 5. */
const TABLE_BYTES_PER_FOOTER_BYTE = 4;
const TIME_LIMIT_MS = 1_000;

/** What must hold of every footer that is not refused. */
function check(footer: ParquetFooter, thrift: Uint8Array, dataBytes: number, hint: string): void {
  const { columns, chunks, rowGroupRows, rowGroupBytes } = footer;
  const dataEnd = 4 + dataBytes;
  const tableBytes = chunks.offsets.buffer.byteLength + 2 * rowGroupRows.byteLength;
  expect(tableBytes, hint).toBeLessThanOrEqual(TABLE_BYTES_PER_FOOTER_BYTE * thrift.byteLength);
  expect(chunks.offsets.length, hint).toBe(rowGroupRows.length * columns.length);
  expect(
    rowGroupRows.reduce((sum, rows) => sum + rows, 0),
    hint,
  ).toBe(footer.rowCount);
  const spans: [number, number][] = [];
  let bytes = 0;
  for (let index = 0; index < chunks.offsets.length; index++) {
    const { type } = columns[index % columns.length]!;
    const [offset, byteLength] = [chunks.offsets[index]!, chunks.byteLengths[index]!];
    bytes += byteLength;
    if (byteLength === 0 || type === 'other') continue;
    spans.push([offset, offset + byteLength]);
    expect(chunks.dictionaryByteLengths[index]!, hint).toBeLessThanOrEqual(byteLength);
    expect(chunks.nullCounts[index]!, hint).toBeGreaterThanOrEqual(-1);
  }
  expect(
    rowGroupBytes.reduce((sum, group) => sum + group, 0),
    hint,
  ).toBe(bytes);
  spans.sort(([a], [b]) => a - b);
  for (const [place, [start, end]] of spans.entries()) {
    expect(start, hint).toBeGreaterThanOrEqual(spans[place - 1]?.[1] ?? 4);
    expect(end, hint).toBeLessThanOrEqual(dataEnd);
  }
}

/** Whether the footer was refused; fails where it is neither refused nor right. */
async function isRefused(thrift: Uint8Array, dataBytes: number, hint: string): Promise<boolean> {
  const start = performance.now();
  const source = memorySource('x.parquet', fileAround(thrift, dataBytes));
  const result = await readFooter(source).catch((error: unknown) => error);
  expect(performance.now() - start, hint).toBeLessThan(TIME_LIMIT_MS);
  if (result instanceof PipelineError) {
    expect(result.code, hint).toMatch(/^ERR_PARQUET_(FOOTER|UNSUPPORTED)$/);
    // An accident of the code would show as such.
    expect(result.message, hint).not.toMatch(/undefined|NaN|Cannot|not a function|Maximum call/);
    return true;
  }
  expect(result, hint).toHaveProperty('chunks');
  check(result as ParquetFooter, thrift, dataBytes, hint);
  return false;
}

describe('a footer', () => {
  it('that ends at any byte is refused', async () => {
    for (const [index, { thrift, dataBytes }] of footerBases().entries()) {
      expect(await isRefused(thrift, dataBytes, `base ${index}`)).toBe(false);
      for (let length = 0; length < thrift.byteLength; length++) {
        const hint = `base ${index} cut at ${length}`;
        expect(await isRefused(thrift.subarray(0, length), dataBytes, hint), hint).toBe(true);
      }
    }
  });

  it(`is refused with a code or right, in ${MUTATIONS} mutations`, async () => {
    const prng = createPrng();
    const all = footerBases();
    let refused = 0;
    for (let count = 0; count < MUTATIONS; count++) {
      const base = prng.pick(all);
      const hint = `seed ${prng.seed}, mutation ${count}`;
      if (await isRefused(mutatedFooter(base, prng), base.dataBytes, hint)) refused++;
    }
    console.log(`${refused} of ${MUTATIONS} mutated footers were refused`);
    expect(refused).toBeGreaterThan(MUTATIONS / 2);
    expect(refused).toBeLessThan(MUTATIONS);
  }, 120_000);

  it('makes no table of claims: groups of nothing, schemas of many columns', async () => {
    const column = (index: number) => ({ name: `${index}`, type: null, children: [] });
    const many = craftedThrift(
      Array.from({ length: 2_000 }, (_, index) => column(index)),
      [],
    );
    const groupsAt = many.byteLength - 2;
    // The list of row groups: 1,000 of them, each without chunks and with 0 rows.
    const groups = Array.from({ length: 1_000 }, () => [0x19, 0x0c, 0x26, 0, 0]).flat();
    const thrift = Uint8Array.from([...many.subarray(0, groupsAt), 0xfc, 0xe8, 0x07, ...groups, 0]);
    const source = memorySource('x.parquet', fileAround(thrift));
    await expect(readFooter(source)).rejects.toThrow(
      /bytes are left for 1000 row groups of 2000 columns/,
    );
  });

  it('refuses a schema that nests without end', async () => {
    const depth = 200;
    let column: Parameters<typeof craftedThrift>[0][0] = { name: 'x', type: 1 };
    for (let level = 0; level < depth; level++) {
      column = { name: 'g', type: null, children: [column] };
    }
    const source = memorySource('x.parquet', fileAround(craftedThrift([column], [])));
    await expect(readFooter(source)).rejects.toThrow('the schema nests deeper than 100');
  });
});
