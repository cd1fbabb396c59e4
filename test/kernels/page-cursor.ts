// A column cursor over pages in a sandbox, for the tests of the page kernels.
import {
  CURSOR_BYTES,
  CURSOR_CODES_MAX,
  CURSOR_CODES_PTR,
  CURSOR_DICTIONARY_PTR,
  CURSOR_FIXED_BYTES,
  CURSOR_KIND,
  CURSOR_NULLABLE,
  VALUE_4,
  VALUE_8,
  VALUE_BOOL,
  VALUE_UINT32,
} from '#src/abi/column-cursor.js';
import type { Prng } from '../prng.js';
import { Sandbox } from './both-builds.js';

/** Bytes behind the end of a page that kernels may read. */
export const OVER_READ_BYTES = 16;
/** Bytes behind the values that kernels may write. */
const OVER_WRITE_BYTES = 64;
const MEMORY_BYTES = 2 ** 21;

export interface CursorKind {
  readonly kind: number;
  readonly fixedBytes?: number;
  readonly nullable?: boolean;
}

export interface PageBytes {
  readonly encoding: number;
  readonly rowCount: number;
  /** null: version 1, where they stand in front of the values. */
  readonly levels: readonly number[] | null;
  readonly values: readonly number[];
}

export const outBytes = (kind: number): number =>
  kind === VALUE_4 ? 4 : kind === VALUE_8 || kind === VALUE_UINT32 ? 8 : 16;

export class CursorSandbox {
  readonly sandbox: Sandbox;
  readonly cursor: number;
  readonly #kind: number;
  readonly #nullable: boolean;

  constructor(module: WebAssembly.Module, { kind, fixedBytes = 0, nullable = false }: CursorKind) {
    this.sandbox = new Sandbox(module, MEMORY_BYTES);
    this.#kind = kind;
    this.#nullable = nullable;
    this.cursor = this.sandbox.buffer(CURSOR_BYTES);
    this.set(CURSOR_KIND, kind);
    this.set(CURSOR_FIXED_BYTES, fixedBytes);
    this.set(CURSOR_NULLABLE, nullable ? 1 : 0);
    this.set(CURSOR_CODES_PTR, this.sandbox.buffer(CURSOR_CODES_MAX * 2 + 16));
  }

  set(field: number, value: number): void {
    this.sandbox.core.views.i32[(this.cursor + field) / 4] = value;
  }

  /** Takes a dictionary page over; returns its entries or -STATUS_. */
  dictionary(bytes: readonly number[], count: number): number {
    const { kernels } = this.sandbox.core;
    const ptr = this.sandbox.put(Uint8Array.from(bytes), { skew: 1 });
    const room = kernels.cursorDictionaryBytes(this.cursor, count, bytes.length);
    this.set(CURSOR_DICTIONARY_PTR, this.sandbox.buffer(room));
    return kernels.cursorDictionary(this.cursor, ptr, ptr + bytes.length, count);
  }

  /** Begins a page whose bytes are the last of the memory, but for what may be read behind them. */
  begin({ encoding, rowCount, levels, values }: PageBytes): number {
    const { kernels, views } = this.sandbox.core;
    const all = Uint8Array.from([...(levels ?? []), ...values]);
    const end = views.u8.byteLength - OVER_READ_BYTES;
    const ptr = end - all.byteLength;
    views.u8.fill(0xff, ptr - 64);
    views.u8.set(all, ptr);
    const valuesPtr = ptr + (levels?.length ?? 0);
    const levelsPtr = levels === null ? 0 : ptr;
    const levelsEnd = levels === null ? 0 : valuesPtr;
    return kernels.cursorBegin(
      this.cursor,
      encoding,
      rowCount,
      levelsPtr,
      levelsEnd,
      valuesPtr,
      end,
    );
  }

  /** Reads the page's rows in pieces of random sizes, or at once; null: -STATUS_ in `status`. */
  read(rowCount: number, prng: Prng | null): ReadRows {
    const { kernels, views } = this.sandbox.core;
    const rowStart = prng === null ? 0 : prng.int(0, 40);
    const rows = rowStart + rowCount;
    const isBits = this.#kind === VALUE_BOOL;
    const width = isBits ? 0 : outBytes(this.#kind);
    const byteLength = isBits ? Math.ceil(rows / 8) : rows * width + OVER_WRITE_BYTES;
    const out = this.sandbox.buffer(byteLength, { fill: 0x5a });
    const validity = this.sandbox.buffer(Math.ceil(rows / 8), { fill: 0x5a });
    let present = 0;
    for (let row = rowStart; row < rows; ) {
      const count = prng === null ? rows - row : Math.min(rows - row, prng.int(1, 70) ** 2);
      const status = kernels.cursorRead(this.cursor, count, out, row, validity);
      if (status < 0) return { status, present: [], values: [] };
      present += status;
      row += count;
    }
    const bit = (ptr: number, index: number): boolean =>
      ((views.u8[ptr + (index >> 3)]! >> (index & 7)) & 1) === 1;
    const flags = Array.from({ length: rowCount }, (_, i) =>
      this.#nullable ? bit(validity, rowStart + i) : true,
    );
    const values = flags.map((_flag, i) =>
      isBits ? BigInt(bit(out, rowStart + i)) : this.#number(out + (rowStart + i) * width, width),
    );
    // Bits in front of the first row are another's.
    for (let i = 0; i < rowStart; i++) {
      const before = ((0x5a >> (i & 7)) & 1) === 1;
      const isKept = bit(validity, i) === before && (!isBits || bit(out, i) === before);
      if (!isKept) throw new Error(`bit ${i} in front of the rows was changed`);
    }
    return { status: present, present: flags, values };
  }

  #number(ptr: number, width: number): bigint {
    const { u8 } = this.sandbox.core.views;
    let value = 0n;
    for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(u8[ptr + i]!);
    return value;
  }
}

export interface ReadRows {
  /** Rows that have a value, or -STATUS_. */
  readonly status: number;
  readonly present: readonly boolean[];
  /** Bit patterns as they came out; 0n for nulls. */
  readonly values: readonly bigint[];
}
