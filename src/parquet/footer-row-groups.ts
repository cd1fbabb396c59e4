import type { ChunkTable, ColumnStorage } from './footer-chunks.js';
import { CODEC_MIXED, CODEC_UNKNOWN, chunkTable, ENCODING_UNKNOWN_BIT } from './footer-chunks.js';
import { elsewhereError, encryptedError, FooterDefect, type NamedFile } from './footer-errors.js';
import { refuseOverlaps } from './footer-overlaps.js';
import { ChunkStatistics } from './footer-statistics.js';
import { StorageNotes } from './footer-storage.js';
import { CODEC_NAMES, ENCODING_NAMES, PHYSICAL_TYPE_NAMES } from './format.js';
import { pathOf, type SchemaLeaf, type SchemaNode, type SourceSchema } from './source-schema.js';
import { THRIFT_BINARY, THRIFT_I32, THRIFT_I64, THRIFT_STRUCT } from './thrift.js';
import type { ThriftReader } from './thrift-reader.js';

/** The part of a ParquetFooter that tells of row groups. */
export interface RowGroupFacts {
  readonly rowGroupRows: Float64Array;
  readonly rowGroupBytes: Float64Array;
  readonly chunks: ChunkTable;
  readonly storage: readonly ColumnStorage[];
}

/** The fields without which there is neither a row group nor a chunk, at their smallest. */
const ROW_GROUP_BYTES_MIN = 5;
const CHUNK_BYTES_MIN = 16;

// Fields of ColumnMetaData whose numbers are kept.
const TYPE = 1;
const CODEC = 4;
const VALUE_COUNT = 5;
const UNCOMPRESSED_BYTES = 6;
const COMPRESSED_BYTES = 7;
const DATA_PAGE_OFFSET = 9;
const DICTIONARY_PAGE_OFFSET = 11;
const NUMBERS = 16;

const COUNT_NAMES: Readonly<Record<number, string>> = {
  [VALUE_COUNT]: 'values',
  [UNCOMPRESSED_BYTES]: 'uncompressed bytes',
  [COMPRESSED_BYTES]: 'compressed bytes',
  [DATA_PAGE_OFFSET]: 'as the offset of its data',
};

/**
 * Reads the list of row groups at the reader's place into arrays, believing nothing: counts must
 * be there, add up and not be negative, and the bytes of every chunk must lie before the footer,
 * none in another's.
 *
 * @param dataEnd offset where the footer begins, which is where data must have ended
 * @throws FooterDefect; Error for what is no Thrift; ParquetError ERR_PARQUET_UNSUPPORTED for
 *   chunks that are encrypted or lie in other files
 */
export function readRowGroups(
  reader: ThriftReader,
  schema: SourceSchema,
  file: NamedFile,
  dataEnd: number,
): RowGroupFacts {
  const count = rowGroupCount(reader, schema);
  const walk = new RowGroupWalk(reader, schema, file, dataEnd, count);
  for (let rowGroup = 0; rowGroup < count; rowGroup++) walk.rowGroup(rowGroup);
  if (!walk.isAscending) refuseOverlaps(walk.facts.chunks, schema.fields);
  return walk.facts;
}

/**
 * Reads how many row groups the list at the reader's place has. The tables that are made for them
 * stand in proportion to the bytes that are there, whatever is claimed.
 */
export function rowGroupCount(reader: ThriftReader, { fields, leaves }: SourceSchema): number {
  const count = reader.list(THRIFT_STRUCT);
  const groupBytes = ROW_GROUP_BYTES_MIN + CHUNK_BYTES_MIN * Math.max(leaves.length, fields.length);
  const bytesLeft = reader.bytes.length - reader.at;
  if (count * groupBytes > bytesLeft) {
    reader.fail(`${bytesLeft} bytes are left for ${count} row groups of ${fields.length} columns`);
  }
  return count;
}

class RowGroupWalk {
  readonly facts: RowGroupFacts;
  /** No chunk of a flat column begins before the end of the one before it: none overlaps. */
  isAscending = true;
  readonly #reader: ThriftReader;
  readonly #schema: SourceSchema;
  readonly #file: NamedFile;
  readonly #dataEnd: number;
  readonly #chunks: ChunkTable;
  readonly #columnCount: number;
  readonly #statistics: ChunkStatistics;
  readonly #storage: StorageNotes;
  /** Column of each leaf. */
  readonly #columnOf: Uint32Array;
  readonly #valueCounts: Float64Array;
  #endBefore = 0;
  // What the chunk in work says.
  /** By the number of the field; no typed array, out of which each number would be a new object. */
  readonly #numbers: (number | undefined)[] = new Array(NUMBERS).fill(undefined);
  #encodings = 0;
  #encodingsAt = 0;

  constructor(
    reader: ThriftReader,
    schema: SourceSchema,
    file: NamedFile,
    dataEnd: number,
    rowGroupCount: number,
  ) {
    const { fields, leaves } = schema;
    this.#reader = reader;
    this.#schema = schema;
    this.#file = file;
    this.#dataEnd = dataEnd;
    this.#columnCount = fields.length;
    this.#chunks = chunkTable(rowGroupCount * fields.length);
    this.#chunks.nullCounts.fill(-1);
    this.#chunks.codecs.fill(CODEC_UNKNOWN);
    this.#statistics = new ChunkStatistics(reader, this.#chunks);
    this.#columnOf = new Uint32Array(leaves.length);
    fields.forEach(({ leafStart, leafEnd }, column) => {
      this.#columnOf.fill(column, leafStart, leafEnd);
    });
    this.#valueCounts = new Float64Array(leaves.length);
    this.#storage = new StorageNotes(reader, fields.length);
    this.facts = {
      rowGroupRows: new Float64Array(rowGroupCount),
      rowGroupBytes: new Float64Array(rowGroupCount),
      chunks: this.#chunks,
      storage: this.#storage.columns,
    };
  }

  rowGroup(rowGroup: number): void {
    const reader = this.#reader;
    let rowCount: number | undefined;
    let hasChunks = false;
    for (let field = reader.field(0); field !== 0; field = reader.field(field >> 4)) {
      if (field === 0x36) rowCount = reader.int();
      else if (field === 0x19) {
        hasChunks = true;
        this.#readChunks(rowGroup);
      } else reader.skip(field & 0x0f);
    }
    if (!isCount(rowCount)) {
      throw new FooterDefect(`it claims ${rowCount ?? 'no number of'} rows`, rowGroup);
    }
    if (!hasChunks) throw new FooterDefect('it has no column chunks', rowGroup);
    this.#finish(rowGroup, rowCount);
  }

  #readChunks(rowGroup: number): void {
    const count = this.#reader.list(THRIFT_STRUCT);
    const { leaves } = this.#schema;
    if (count !== leaves.length) {
      throw new FooterDefect(
        `it has ${count} column chunks, the schema has ${leaves.length} columns`,
        rowGroup,
      );
    }
    for (let leaf = 0; leaf < count; leaf++) {
      this.#readChunk(rowGroup, leaf);
      this.#place(rowGroup, leaf);
    }
  }

  #readChunk(rowGroup: number, leaf: number): void {
    const reader = this.#reader;
    let hasMeta = false;
    for (let field = reader.field(0); field !== 0; field = reader.field(field >> 4)) {
      if (field === 0x3c) {
        hasMeta = true;
        this.#readMeta(rowGroup, leaf);
      } else if (field === 0x8c) {
        throw encryptedError(this.#file);
      } else if (field === 0x18) {
        const path = reader.text();
        if (path !== '') throw elsewhereError(this.#file, rowGroup, path);
      } else reader.skip(field & 0x0f);
    }
    if (!hasMeta) throw this.#defect(rowGroup, leaf, 'its column chunk has no meta data');
  }

  #readMeta(rowGroup: number, leaf: number): void {
    const reader = this.#reader;
    const numbers = this.#numbers.fill(undefined);
    const schemaLeaf = this.#schema.leaves[leaf]!;
    let hasPath = false;
    this.#encodings = 0;
    this.#statistics.clear();
    for (let field = reader.field(0); field !== 0; field = reader.field(field >> 4)) {
      const type = field & 0x0f;
      if ((type === THRIFT_I64 || type === THRIFT_I32) && field >> 4 < NUMBERS) {
        numbers[field >> 4] = reader.int();
      } else if (field === 0x29) {
        this.#readEncodings();
      } else if (field === 0x39) {
        hasPath = true;
        this.#checkPath(rowGroup, leaf, schemaLeaf.node);
      } else if (field === 0xcc) {
        this.#statistics.read();
      } else reader.skip(type);
    }
    const stored = PHYSICAL_TYPE_NAMES[numbers[TYPE] ?? -1];
    if (stored !== schemaLeaf.physical) {
      const what = `it is stored as ${stored ?? 'an unknown type'}`;
      throw this.#defect(rowGroup, leaf, `${what}, the schema says ${schemaLeaf.physical}`);
    }
    if (!hasPath) throw this.#defect(rowGroup, leaf, 'its column chunk does not say its name');
  }

  #readEncodings(): void {
    const reader = this.#reader;
    this.#encodingsAt = reader.at;
    const count = reader.list(THRIFT_I32);
    let bits = 0;
    for (let index = 0; index < count; index++) bits |= 1 << encodingBit(reader.int());
    this.#encodings = bits >>> 0;
  }

  #checkPath(rowGroup: number, leaf: number, node: SchemaNode): void {
    const reader = this.#reader;
    const start = reader.at;
    if (reader.list(THRIFT_BINARY) === node.depth && fitsNames(reader, node)) return;
    reader.at = start;
    const count = reader.list(THRIFT_BINARY);
    const names: string[] = [];
    for (let index = 0; index < count; index++) names.push(reader.text());
    throw this.#defect(rowGroup, leaf, `found column ${names.join('.')} in its place`);
  }

  /** Checks where the chunk lies, and puts it into the table. */
  #place(rowGroup: number, leaf: number): void {
    const numbers = this.#numbers;
    const valueCount = numbers[VALUE_COUNT];
    const byteLength = numbers[COMPRESSED_BYTES];
    const dataStart = numbers[DATA_PAGE_OFFSET];
    const uncompressed = numbers[UNCOMPRESSED_BYTES];
    if (!isCount(valueCount)) this.#refuseCount(rowGroup, leaf, VALUE_COUNT);
    if (!isCount(byteLength)) this.#refuseCount(rowGroup, leaf, COMPRESSED_BYTES);
    if (!isCount(dataStart)) this.#refuseCount(rowGroup, leaf, DATA_PAGE_OFFSET);
    if (!isCount(uncompressed)) this.#refuseCount(rowGroup, leaf, UNCOMPRESSED_BYTES);
    const announced = numbers[DICTIONARY_PAGE_OFFSET] ?? 0;
    // Writers that have no dictionary say 0, leave it out, or repeat the offset of the data.
    const offset = announced > 0 && announced < dataStart ? announced : dataStart;
    const end = offset + byteLength;
    const isOutside = offset < 4 || end > this.#dataEnd || dataStart > end;
    if (isOutside && valueCount > 0) {
      const what =
        `its ${byteLength} bytes at offset ${offset} (data at ${dataStart}) do not lie within the ` +
        `file's data, which ends at ${this.#dataEnd}`;
      throw this.#defect(rowGroup, leaf, what);
    }
    this.#valueCounts[leaf] = valueCount;
    const column = this.#columnOf[leaf]!;
    const { info, leafStart } = this.#schema.fields[column]!;
    const index = rowGroup * this.#columnCount + column;
    const chunks = this.#chunks;
    const bytes = isOutside ? 0 : byteLength;
    const codec = codecOf(numbers[CODEC]);
    if (leaf === leafStart) {
      chunks.offsets[index] = offset;
      chunks.byteLengths[index] = bytes;
      chunks.uncompressedByteLengths[index] = uncompressed;
      chunks.dictionaryByteLengths[index] = dataStart - offset;
      chunks.encodings[index] = this.#encodings;
      chunks.codecs[index] = codec;
    } else {
      chunks.offsets[index] = Math.min(chunks.offsets[index]!, offset);
      chunks.byteLengths[index]! += bytes;
      chunks.uncompressedByteLengths[index]! += uncompressed;
      chunks.dictionaryByteLengths[index]! += dataStart - offset;
      chunks.encodings[index]! |= this.#encodings;
      if (chunks.codecs[index] !== codec) chunks.codecs[index] = CODEC_MIXED;
    }
    this.#storage.note(column, codec, this.#encodings, this.#encodingsAt);
    if (info.type === 'other') return;
    this.#statistics.putInto(index, info);
    if (bytes === 0) return;
    if (offset < this.#endBefore) this.isAscending = false;
    this.#endBefore = end;
  }

  #finish(rowGroup: number, rowCount: number): void {
    const { fields } = this.#schema;
    const first = rowGroup * this.#columnCount;
    let byteLength = 0;
    for (let column = 0; column < fields.length; column++) {
      const { info, leafStart } = fields[column]!;
      byteLength += this.#chunks.byteLengths[first + column]!;
      const valueCount = this.#valueCounts[leafStart]!;
      if (valueCount === rowCount || info.type === 'other') continue;
      throw new FooterDefect(
        `it has ${valueCount} values, the row group has ${rowCount} rows`,
        rowGroup,
        info.name,
      );
    }
    this.facts.rowGroupRows[rowGroup] = rowCount;
    this.facts.rowGroupBytes[rowGroup] = byteLength;
  }

  #refuseCount(rowGroup: number, leaf: number, id: number): never {
    const claim = this.#numbers[id] ?? 'nothing';
    throw this.#defect(rowGroup, leaf, `it claims ${claim} ${COUNT_NAMES[id]}`);
  }

  #defect(rowGroup: number, leaf: number, what: string): FooterDefect {
    const schemaLeaf: SchemaLeaf = this.#schema.leaves[leaf]!;
    return new FooterDefect(what, rowGroup, pathOf(schemaLeaf.node));
  }
}

/** Whether the names at the reader's place are those of the node, from the top. */
function fitsNames(reader: ThriftReader, node: SchemaNode): boolean {
  if (node.above !== null && !fitsNames(reader, node.above)) return false;
  const { nameBytes } = node.element;
  const length = reader.length();
  if (length !== nameBytes.length) return false;
  const { bytes, at } = reader;
  for (let index = 0; index < length; index++) {
    if (bytes[at + index] !== nameBytes[index]) return false;
  }
  reader.at += length;
  return true;
}

/** An absent number is none. */
const isCount = (value: number | undefined): value is number =>
  value !== undefined && value >= 0 && value <= Number.MAX_SAFE_INTEGER;

const codecOf = (codec: number | undefined): number =>
  codec !== undefined && codec >= 0 && codec < CODEC_NAMES.length ? codec : CODEC_UNKNOWN;

const encodingBit = (encoding: number): number =>
  encoding >= 0 && encoding < ENCODING_NAMES.length ? encoding : ENCODING_UNKNOWN_BIT;
