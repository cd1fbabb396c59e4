import type { Prng } from '../prng.js';
import { parquetFixture } from '../support/parquet-fixture.js';
import { craftedThrift } from './crafted-footer.js';

/** A footer's Thrift, and how many bytes of data lie before it. */
export interface FooterBase {
  readonly thrift: Uint8Array;
  readonly dataBytes: number;
}

/** Footers of three row groups: of a real writer with statistics of all kinds, and of nested columns. */
export function footerBases(): FooterBase[] {
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
export function mutatedFooter({ thrift }: FooterBase, prng: Prng): Uint8Array {
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
