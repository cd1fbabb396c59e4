import { beforeAll, describe, expect, it } from 'vitest';
import { ThriftWriter } from '#src/parquet/thrift.js';
import { PageReading } from '../support/page-reading.js';
import { craftedThrift, fileAround } from './crafted-footer.js';

const ROWS = 100;
const INT64 = 2;

/** A file of one INT64 column with one page, whose header claims so many bytes of its stream. */
function fileOf(codec: number, claimedBytes: number, stream: Uint8Array): Uint8Array {
  const header = new ThriftWriter();
  header.i32(1, 0);
  header.i32(2, claimedBytes);
  header.i32(3, stream.byteLength);
  header.structBegin(5);
  header.i32(1, ROWS);
  for (const [field, encoding] of [
    [2, 0],
    [3, 3],
    [4, 3],
  ] as const)
    header.i32(field, encoding);
  header.structEnd();
  const page = Buffer.concat([header.end(), stream]);
  const chunk = { offset: 4, byteLength: page.byteLength, codec };
  const thrift = craftedThrift([{ name: 'x', type: INT64 }], [{ rowCount: ROWS, chunks: [chunk] }]);
  const file = fileAround(thrift, page.byteLength);
  file.set(page, 4);
  return file;
}

/** A Snappy stream of one literal, and an LZ4 block of one. */
const STREAMS = {
  snappy: { codec: 1, of: (bytes: Uint8Array) => [0xa0, 0x06, 61 << 2, 0x1f, 0x03, ...bytes] },
  lz4: { codec: 7, of: (bytes: Uint8Array) => [0xf0, 255, 255, 255, 20, ...bytes] },
};

describe.each(Object.entries(STREAMS))('a page in %s', (_name, { codec, of }) => {
  const values = BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(row) << 20n);
  const plain = new Uint8Array(values.buffer);
  const stream = Uint8Array.from(of(plain));
  let reading: PageReading;
  beforeAll(async () => {
    reading = await PageReading.create();
  });

  const read = async (claimedBytes: number): Promise<bigint[]> => {
    const reader = await reading.open('x.parquet', fileOf(codec, claimedBytes, stream));
    const found: bigint[] = [];
    await reader.readRowGroup(0, ['x'], ([x], rowCount) => {
      const { buffer, byteOffset } = x!.values;
      for (const value of new BigInt64Array(buffer, byteOffset, rowCount)) found.push(value);
    });
    return found;
  };

  it('is read where its header tells the truth', async () => {
    expect(await read(plain.byteLength)).toEqual([...values]);
  });

  // parquet-wasm makes room for what is claimed, whatever --memory says.
  it('is refused where it claims more than its stream can hold, and no memory is taken', async () => {
    for (const claimedBytes of [plain.byteLength + 1, 500_000_000, 2 ** 31 - 1]) {
      await expect(read(claimedBytes), `${claimedBytes} bytes`).rejects.toMatchObject({
        code: 'ERR_PARQUET_CORRUPT',
        message: expect.stringContaining('row group 0, column x, page 0'),
      });
    }
    expect(reading.fallbacks).toBe(0);
    expect(reading.isClean).toBe(true);
  });
});

/** A file of one nullable INT64 column with one page of version 2: no values, and no bytes for them. */
function fileOfNulls(codec: number): Uint8Array {
  const levels = [((ROWS << 1) & 0x7f) | 0x80, (ROWS << 1) >> 7, 0];
  const header = new ThriftWriter();
  header.i32(1, 3);
  header.i32(2, levels.length);
  header.i32(3, levels.length);
  header.structBegin(8);
  const fields = [ROWS, ROWS, ROWS, 0, levels.length, 0];
  for (const [place, value] of fields.entries()) header.i32(place + 1, value);
  header.structEnd();
  const page = Buffer.concat([header.end(), Uint8Array.from(levels)]);
  const chunk = { offset: 4, byteLength: page.byteLength, codec, encodings: [0, 3] };
  const column = { name: 'x', type: INT64, isNullable: true };
  const thrift = craftedThrift([column], [{ rowCount: ROWS, chunks: [chunk] }]);
  const file = fileAround(thrift, page.byteLength);
  file.set(page, 4);
  return file;
}

describe('a page without values', () => {
  it.each([0, 1, 2, 4, 6, 7])('has no bytes to decompress, in codec %i', async (codec) => {
    const reading = await PageReading.create();
    const reader = await reading.open('x.parquet', fileOfNulls(codec));
    let nulls = 0;
    await reader.readRowGroup(0, ['x'], ([x]) => {
      nulls += x!.nullCount;
    });
    expect([nulls, reading.fallbacks]).toEqual([ROWS, 0]);
  });
});
