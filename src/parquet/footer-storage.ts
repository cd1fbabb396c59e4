import { type ColumnStorage, codecName } from './footer-chunks.js';
import { ENCODING_NAMES } from './format.js';
import { THRIFT_I32 } from './thrift.js';
import type { ThriftReader } from './thrift-reader.js';

/** Gathers how each column is stored, in the order in which codecs and encodings are met. */
export class StorageNotes {
  readonly columns: readonly ColumnStorage[];
  readonly #reader: ThriftReader;
  readonly #notes: readonly { readonly codecs: string[]; readonly encodings: string[] }[];
  /** What is noted, as bits, by column. */
  readonly #codecsSeen: Uint32Array;
  readonly #encodingsSeen: Uint32Array;

  constructor(reader: ThriftReader, columnCount: number) {
    this.#reader = reader;
    this.#notes = Array.from({ length: columnCount }, () => ({ codecs: [], encodings: [] }));
    this.columns = this.#notes;
    this.#codecsSeen = new Uint32Array(columnCount);
    this.#encodingsSeen = new Uint32Array(columnCount);
  }

  /**
   * Notes a chunk's codec and encodings, which hardly ever are new: two comparisons.
   * @param encodingsAt where their list stands, for the order of new ones
   */
  note(column: number, codec: number, encodings: number, encodingsAt: number): void {
    // Known codecs are below 8; the two that stand for others differ in their lowest 5 bits.
    const newCodec = (1 << (codec & 31)) & ~this.#codecsSeen[column]!;
    if (newCodec !== 0) {
      this.#codecsSeen[column]! |= newCodec;
      this.#notes[column]!.codecs.push(codecName(codec));
    }
    if ((encodings & ~this.#encodingsSeen[column]!) === 0) return;
    this.#encodingsSeen[column]! |= encodings;
    this.#noteEncodings(this.#notes[column]!.encodings, encodingsAt);
  }

  #noteEncodings(names: string[], encodingsAt: number): void {
    const reader = this.#reader;
    const { at } = reader;
    reader.at = encodingsAt;
    const count = reader.list(THRIFT_I32);
    for (let index = 0; index < count; index++) {
      const name = ENCODING_NAMES[reader.int()] ?? 'UNKNOWN';
      if (!names.includes(name)) names.push(name);
    }
    reader.at = at;
  }
}
