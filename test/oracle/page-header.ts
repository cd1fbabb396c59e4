// Page headers as bytes, plainly: Thrift's compact protocol, and the numbers of parquet.thrift.
import { varint, zigzag } from './page-encode.js';

export const [TRUE, FALSE, I32, I64, BINARY, LIST, STRUCT] = [1, 2, 5, 6, 8, 9, 12] as const;

export type Field = readonly [id: number, type: number, bytes: readonly number[]];

export const i32 = (id: number, value: number): Field => [id, I32, varint(zigzag(BigInt(value)))];
export const struct = (id: number, fields: readonly Field[]): Field => [id, STRUCT, thrift(fields)];
export const binary = (id: number, bytes: readonly number[]): Field => [
  id,
  BINARY,
  [...varint(BigInt(bytes.length)), ...bytes],
];

/** A struct of Thrift's compact protocol. */
export function thrift(fields: readonly Field[]): number[] {
  let before = 0;
  const bytes = fields.flatMap(([id, type, value]) => {
    const step = id - before;
    before = id;
    const head =
      step > 0 && step < 16 ? [(step << 4) | type] : [type, ...varint(zigzag(BigInt(id)))];
    return [...head, ...value];
  });
  return [...bytes, 0];
}
