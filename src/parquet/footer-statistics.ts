import { type ChunkTable, HAS_MAX, HAS_MIN } from './footer-chunks.js';
import type { SourceColumnInfo } from './reader.js';
import type { ThriftReader } from './thrift-reader.js';

/** The statistics of the chunk in work, on their way from the footer into the table. */
export class ChunkStatistics {
  readonly #reader: ThriftReader;
  readonly #view: DataView;
  readonly #chunks: ChunkTable;
  /** The halves of minIntegers and maxIntegers: they take a value without making a bigint. */
  readonly #minHalves: Int32Array;
  readonly #maxHalves: Int32Array;
  #nullCount = -1;
  /** Where a value's bytes begin, and how many they are; 0 bytes: there is none. */
  #minAt = 0;
  #minBytes = 0;
  #maxAt = 0;
  #maxBytes = 0;

  constructor(reader: ThriftReader, chunks: ChunkTable) {
    const { bytes } = reader;
    this.#reader = reader;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#chunks = chunks;
    this.#minHalves = halvesOf(chunks.minIntegers);
    this.#maxHalves = halvesOf(chunks.maxIntegers);
  }

  /** For a chunk that may have none. */
  clear(): void {
    this.#nullCount = -1;
    this.#minBytes = 0;
    this.#maxBytes = 0;
  }

  /** Reads the struct Statistics. `min_value` and `max_value` go before the older `min`, `max`. */
  read(): void {
    this.clear();
    const reader = this.#reader;
    let hasMinValue = false;
    let hasMaxValue = false;
    for (let field = reader.field(0); field !== 0; field = reader.field(field >> 4)) {
      if (field === 0x68 || (field === 0x28 && !hasMinValue)) {
        hasMinValue = field === 0x68;
        this.#minBytes = reader.length();
        this.#minAt = reader.at;
        reader.at += this.#minBytes;
      } else if (field === 0x58 || (field === 0x18 && !hasMaxValue)) {
        hasMaxValue = field === 0x58;
        this.#maxBytes = reader.length();
        this.#maxAt = reader.at;
        reader.at += this.#maxBytes;
      } else if (field === 0x36) {
        this.#nullCount = reader.int();
      } else reader.skip(field & 0x0f);
    }
  }

  /**
   * Decimals, texts and booleans have no extremes here, and a value of the wrong length is none;
   * nor is NaN, which some writers put there and which no row's order agrees with.
   */
  putInto(index: number, { type, physical }: SourceColumnInfo): void {
    const chunks = this.#chunks;
    const nullCount = this.#nullCount;
    const isCount = nullCount >= 0 && nullCount <= Number.MAX_SAFE_INTEGER;
    chunks.nullCounts[index] = isCount ? nullCount : -1;
    if (type === 'float' || type === 'double') this.#putNumbers(index, type === 'float' ? 4 : 8);
    else if (type === 'int32' || type === 'int64') {
      // Unsigned 32 bits are the only int32 that reads as an int64.
      const bytes = physical === 'INT32' ? 4 : 8;
      this.#putIntegers(index, bytes, bytes === 4 && type === 'int64');
    }
  }

  #putNumbers(index: number, bytes: number): void {
    let has = 0;
    if (this.#minBytes === bytes) {
      const min = this.#number(this.#minAt, bytes);
      this.#chunks.minNumbers[index] = min;
      if (!Number.isNaN(min)) has |= HAS_MIN;
    }
    if (this.#maxBytes === bytes) {
      const max = this.#number(this.#maxAt, bytes);
      this.#chunks.maxNumbers[index] = max;
      if (!Number.isNaN(max)) has |= HAS_MAX;
    }
    this.#chunks.statistics[index] = has;
  }

  #putIntegers(index: number, bytes: number, isUnsigned: boolean): void {
    let has = 0;
    if (this.#minBytes === bytes) {
      this.#putInteger(this.#minHalves, index, this.#minAt, bytes, isUnsigned);
      has |= HAS_MIN;
    }
    if (this.#maxBytes === bytes) {
      this.#putInteger(this.#maxHalves, index, this.#maxAt, bytes, isUnsigned);
      has |= HAS_MAX;
    }
    this.#chunks.statistics[index] = has;
  }

  #number(at: number, bytes: number): number {
    return bytes === 8 ? this.#view.getFloat64(at, true) : this.#view.getFloat32(at, true);
  }

  #putInteger(
    halves: Int32Array,
    index: number,
    at: number,
    bytes: number,
    isUnsigned: boolean,
  ): void {
    const low = this.#view.getInt32(at, true);
    halves[index * 2] = low;
    if (bytes === 8) halves[index * 2 + 1] = this.#view.getInt32(at + 4, true);
    else halves[index * 2 + 1] = isUnsigned ? 0 : low >> 31;
  }
}

const halvesOf = (words: BigInt64Array): Int32Array =>
  new Int32Array(words.buffer, words.byteOffset, words.length * 2);
