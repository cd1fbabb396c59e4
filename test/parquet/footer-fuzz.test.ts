import { describe, expect, it } from 'vitest';
import { PipelineError } from '#src/errors/errors.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import type { ParquetFooter } from '#src/parquet/reader.js';
import { createPrng, type Prng } from '../prng.js';
import { parquetFixture } from '../support/parquet-fixture.js';
import { craftedThrift, fileAround } from './crafted-footer.js';

const MUTATIONS = 20_000;
/** A chunk's place in the table has 62 bytes, in a footer at least 16; a row group's 16 and 5. */
const TABLE_BYTES_PER_FOOTER_BYTE = 4;
const TIME_LIMIT_MS = 1_000;

interface Base {
  readonly thrift: Uint8Array;
  readonly dataBytes: number;
}

/** Footers of three row groups: of a real writer with statistics of all kinds, and of nested columns. */
function bases(): Base[] {
  const values = Array.from({ length: 10 }, (_, index) => index);
  const file = parquetFixture(
    [
      { name: 'ts', type: 'int64', values: values.map((value) => BigInt(value) << 50n) },
      { name: 'price', type: 'double', values },
      { name: 'side', type: 'utf8', values: values.map(String) },
      { name: 'is_bid', type: 'bool', values: values.map((value) => value % 2 === 0) },
      { name: 'count', type: 'int32', values },
    ],
    { rowGroupRows: 4, keyValue: new Map([['who', 'me']]) },
  );
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const footerBytes = view.getUint32(file.byteLength - 8, true);
  const dataBytes = file.byteLength - 8 - footerBytes - 4;
  const chunk = (offset: number) => ({ offset, byteLength: 10, statistics: { nullCount: 0 } });
  const inner = { name: 'h', type: null, children: [{ name: 'c', type: 5 }] };
  const nested = craftedThrift(
    [
      { name: 'g', type: null, children: [{ name: 'a', type: 1 }, inner] },
      { name: 'b', type: 2, converted: 10 },
    ],
    [0, 1, 2].map((group) => ({
      rowCount: 5,
      chunks: [0, 1, 2].map((leaf) => chunk(4 + group * 40 + leaf * 10)),
    })),
  );
  return [
    { thrift: file.slice(4 + dataBytes, file.byteLength - 8), dataBytes },
    { thrift: nested, dataBytes: 200 },
  ];
}

/** Changes a few bytes, cuts some out, puts some in, or repeats some. */
function mutated({ thrift }: Base, prng: Prng): Uint8Array {
  let bytes = [...thrift];
  for (let count = prng.int(1, 4); count > 0; count--) {
    const at = prng.int(0, bytes.length);
    const length = prng.int(1, 12);
    const some = bytes.slice(at, at + length);
    switch (prng.int(0, 5)) {
      case 0:
        bytes[at] = prng.int(0, 256);
        break;
      case 1:
        bytes[at]! ^= 1 << prng.int(0, 8);
        break;
      case 2:
        bytes.splice(at, length);
        break;
      case 3:
        bytes.splice(at, 0, ...some);
        break;
      default:
        // A huge number, where one may stand.
        bytes = [...bytes.slice(0, at), 0xff, 0xff, 0xff, 0xff, 0x07, ...bytes.slice(at + 1)];
    }
  }
  return Uint8Array.from(bytes);
}

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
    for (const [index, { thrift, dataBytes }] of bases().entries()) {
      expect(await isRefused(thrift, dataBytes, `base ${index}`)).toBe(false);
      for (let length = 0; length < thrift.byteLength; length++) {
        const hint = `base ${index} cut at ${length}`;
        expect(await isRefused(thrift.subarray(0, length), dataBytes, hint), hint).toBe(true);
      }
    }
  });

  it(`is refused with a code or right, in ${MUTATIONS} mutations`, async () => {
    const prng = createPrng();
    const all = bases();
    let refused = 0;
    for (let count = 0; count < MUTATIONS; count++) {
      const base = prng.pick(all);
      const hint = `seed ${prng.seed}, mutation ${count}`;
      if (await isRefused(mutated(base, prng), base.dataBytes, hint)) refused++;
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
