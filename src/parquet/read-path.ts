import type { ParquetFooter } from './reader.js';

/** Which of the readers behind RowGroupReader takes a file, and why: for `depthmill inspect`. */
export interface ReadPath {
  readonly reader: 'parquet-wasm';
  readonly reason: string;
}

export function readPathOf(_footer: ParquetFooter): ReadPath {
  return { reader: 'parquet-wasm', reason: 'the general reader' };
}
