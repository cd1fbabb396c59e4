import { VALUE_BOOL, VALUE_TEXT } from '../abi/column-cursor.js';
import { STREAM_BYTES } from '../abi/column-stream.js';
import type { Core } from '../core/core.js';
import type { DecodeRegion } from './decode-region.js';
import { valueBytes, valueKind } from './native-column.js';
import type { SourceColumn, SourceColumnInfo } from './reader.js';

/** Bytes of texts that one run holds, at most; a single longer text is for the general reader. */
export const TEXT_BYTES_MAX = 1024 * 1024;

/** Where the rows of a run come to lie. */
export interface RunBuffers {
  /** Values; texts: the bytes. */
  readonly valuesPtr: number;
  /** 0: the column holds no texts. */
  readonly offsetsPtr: number;
  readonly validityPtr: number;
}

/**
 * The rows of a run as they lie in the memory of the core. One object serves all runs of a read, and
 * a view is made when it is first asked for: a run is a few kernels' worth of work, and whoever goes
 * on with kernels needs none.
 */
export class RunColumn implements SourceColumn {
  readonly info: SourceColumnInfo;
  rowCount = 0;
  nullCount = 0;
  valuesPtr = 0;
  readonly #core: Core;
  /** Bytes of a value; 0: bits, or texts. */
  readonly #valueBytes: number;
  readonly #buffers: RunBuffers;
  #values: Uint8Array | null = null;
  #offsets: Int32Array | null = null;
  #validity: Uint8Array | null = null;

  constructor(core: Core, info: SourceColumnInfo, valueBytes: number, buffers: RunBuffers) {
    this.#core = core;
    this.info = info;
    this.#valueBytes = valueBytes;
    this.#buffers = buffers;
  }

  /** Begins the next run; the views of the one before end. */
  set(rowCount: number, nullCount: number, valuesPtr: number): void {
    this.rowCount = rowCount;
    this.nullCount = nullCount;
    this.valuesPtr = valuesPtr;
    this.#values = null;
    this.#offsets = null;
    this.#validity = null;
  }

  get values(): Uint8Array {
    this.#values ??= this.#core.views.bytes(this.valuesPtr, this.#byteLength());
    return this.#values;
  }

  get offsets(): Int32Array | null {
    const { offsetsPtr } = this.#buffers;
    if (offsetsPtr === 0) return null;
    this.#offsets ??= this.#core.views.i32At(offsetsPtr, this.rowCount + 1);
    return this.#offsets;
  }

  get validity(): Uint8Array | null {
    if (this.nullCount === 0) return null;
    const { validityPtr } = this.#buffers;
    this.#validity ??= this.#core.views.bytes(validityPtr, Math.ceil(this.rowCount / 8));
    return this.#validity;
  }

  #byteLength(): number {
    const { offsets } = this;
    if (offsets !== null) return offsets[this.rowCount]!;
    if (this.#valueBytes === 0) return Math.ceil(this.rowCount / 8);
    return this.rowCount * this.#valueBytes;
  }
}

/** Takes the buffers of a column for runs of up to `rowsMax` rows, a multiple of 64. */
export function takeRunBuffers(
  region: DecodeRegion,
  info: SourceColumnInfo,
  kind: number,
  rowsMax: number,
): RunBuffers {
  const isText = kind === VALUE_TEXT;
  return {
    valuesPtr: region.take(isText ? TEXT_BYTES_MAX : valuesBytes(kind, rowsMax)),
    offsetsPtr: isText ? region.take((rowsMax + 1) * 4) : 0,
    validityPtr: info.nullable ? region.take(rowsMax / 8) : 0,
  };
}

/** Bytes that a column's stream and run take of a region. */
export function runBytes(info: SourceColumnInfo, rowsMax: number): number {
  const kind = valueKind(info)!;
  const values = kind === VALUE_TEXT ? TEXT_BYTES_MAX + rowsMax * 4 : valuesBytes(kind, rowsMax);
  return STREAM_BYTES + values + rowsMax / 8 + 512;
}

function valuesBytes(kind: number, rowsMax: number): number {
  return kind === VALUE_BOOL ? rowsMax / 8 : rowsMax * valueBytes(kind);
}
