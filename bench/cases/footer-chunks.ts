import { readPlainRowGroups } from '#src/parquet/footer-kernel.js';
import { readRowGroups } from '#src/parquet/footer-row-groups.js';
import { footerBytes } from '#src/parquet/footer-writer.js';
import { readSchemaElements } from '#src/parquet/schema-element.js';
import { type SourceSchema, sourceSchema } from '#src/parquet/source-schema.js';
import { ThriftReader } from '#src/parquet/thrift-reader.js';
import type { CaseMaker } from '../harness.js';

const COLUMNS = ['timestamp', 'receipt_timestamp', 'sequence_number', 'price', 'size', 'count'];
const CHUNK_BYTES = 5_000;
/** What one of these chunks takes in the footer, nearly. */
const CHUNK_FOOTER_BYTES = 80;

/** A footer of row groups of 10,000 rows, about `byteLength` long. */
function thriftOf(byteLength: number): Uint8Array {
  const groupCount = Math.ceil(byteLength / COLUMNS.length / CHUNK_FOOTER_BYTES);
  let offset = 4;
  const rowGroups = Array.from({ length: groupCount }, (_, group) => ({
    rowCount: 10_000,
    codec: 'snappy' as const,
    chunks: COLUMNS.map(() => {
      offset += CHUNK_BYTES;
      const extreme = new Uint8Array(BigInt64Array.of(BigInt(group) << 40n).buffer);
      const chunk = {
        byteLength: CHUNK_BYTES,
        uncompressedByteLength: 2 * CHUNK_BYTES,
        dictionaryByteLength: 300,
        encodings: [3, 8, 0],
        pageByteLengths: [],
        columnIndex: null,
        nullCount: 0,
        min: extreme,
        max: extreme,
      };
      const offsetIndex = { offset, byteLength: 13 };
      return { chunk, offset: offset - CHUNK_BYTES, columnIndex: null, offsetIndex };
    }),
  }));
  const columns = COLUMNS.map((name) => ({
    name,
    type: 'int64' as const,
    nullable: false,
    encoding: 'auto' as const,
    statistics: true,
  }));
  return footerBytes({ columns, rowGroups, keyValue: new Map() });
}

/** The schema, and the reader in front of the list of row groups. */
function opened(thrift: Uint8Array): { reader: ThriftReader; schema: SourceSchema } {
  const reader = new ThriftReader(thrift);
  let schema: SourceSchema | null = null;
  for (let field = reader.field(0); field !== 0x49; field = reader.field(field >> 4)) {
    if (field === 0x29) schema = sourceSchema(readSchemaElements(reader));
    else reader.skip(field & 0x0f);
  }
  return { reader, schema: schema! };
}

export const footerCases: CaseMaker = (memory, valueCount) => {
  const thrift = thriftOf(valueCount);
  const { reader, schema } = opened(thrift);
  const dataEnd = Number.MAX_SAFE_INTEGER;
  const listAt = reader.at;
  const toolBytes = 5 * thrift.byteLength;
  const tools = { core: memory.core, ptr: memory.buffer(toolBytes), byteLength: toolBytes };
  const file = { name: 'bench', byteLength: dataEnd };
  const made: { ours: unknown; twin: unknown } = { ours: null, twin: null };
  return [
    {
      name: 'footer chunks (values are bytes)',
      valueCount: thrift.byteLength,
      inputBytes: thrift.byteLength,
      prepare: () => undefined,
      ours: () => {
        reader.at = listAt;
        made.ours = readPlainRowGroups(reader, schema, dataEnd, tools);
      },
      twin: () => {
        reader.at = listAt;
        made.twin = readRowGroups(reader, schema, file, dataEnd);
      },
      outputs: () => made,
    },
  ];
};
