import { readdirSync, readFileSync } from 'node:fs';
import {
  type ColumnMetaData,
  type FileMetaData,
  parquetMetadata,
  type SchemaElement,
} from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { instantiateCore } from '#src/core/core.js';
import { compileCore } from '#src/core/load-node.js';
import { memorySource } from '#src/io/memory-source.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';
import { readFooter } from '#src/parquet/footer.js';
import { type ColumnStatistics, chunkOf } from '#src/parquet/footer-chunks.js';
import type { ParquetFooter, SourceColumnInfo } from '#src/parquet/reader.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

// hyparquet judges our reader of footers: an independent one, which builds objects of everything.

const FOLDERS = ['parquet-corpus', 'lake', 'parquet-variants'];

/** The judge's footer, with times as the integers of the file. */
function judged(bytes: Uint8Array): FileMetaData {
  const asIs = (value: unknown): never => value as never;
  return parquetMetadata(bytes, {
    geoparquet: false,
    parsers: {
      timestampFromMilliseconds: asIs,
      timestampFromMicroseconds: asIs,
      timestampFromNanoseconds: asIs,
      dateFromDays: asIs,
      stringFromBytes: asIs,
    },
  });
}

interface JudgedField {
  readonly element: SchemaElement;
  readonly leafStart: number;
  readonly leafEnd: number;
}

/** The fields at the top, each with the range of its leaves. */
function fieldsOf(schema: readonly SchemaElement[]): JudgedField[] {
  let at = 1;
  let leaf = 0;
  const pass = (): void => {
    const element = schema[at++]!;
    if (element.type !== undefined) leaf++;
    else for (let child = 0; child < (element.num_children ?? 0); child++) pass();
  };
  return Array.from({ length: schema[0]!.num_children ?? 0 }, () => {
    const element = schema[at]!;
    const leafStart = leaf;
    pass();
    return { element, leafStart, leafEnd: leaf };
  });
}

function statisticsOf(
  { statistics }: ColumnMetaData,
  { type }: SourceColumnInfo,
): ColumnStatistics {
  const value = (given: unknown): bigint | number | null => {
    if (type === 'int32' || type === 'int64') {
      // Of unsigned columns: what no int64 holds is no bound of those that one does.
      if (typeof given === 'bigint') return given < 2n ** 63n ? given : null;
      return typeof given === 'number' ? BigInt(given) : null;
    }
    if (type !== 'float' && type !== 'double') return null;
    return typeof given === 'number' && !Number.isNaN(given) ? given : null;
  };
  return {
    min: value(statistics?.min_value ?? statistics?.min),
    max: value(statistics?.max_value ?? statistics?.max),
    nullCount: statistics?.null_count === undefined ? null : Number(statistics.null_count),
  };
}

/** What of a row group is compared, as the judge tells it. */
function judgedChunk(metas: readonly ColumnMetaData[], info: SourceColumnInfo) {
  const total = (of: (meta: ColumnMetaData) => bigint): number =>
    metas.reduce((sum, meta) => sum + Number(of(meta)), 0);
  const offsets = metas.map((meta) => {
    const data = Number(meta.data_page_offset);
    const dictionary = Number(meta.dictionary_page_offset ?? 0n);
    return dictionary > 0 && dictionary < data ? dictionary : data;
  });
  const none = { min: null, max: null, nullCount: null };
  const codecs = new Set(metas.map(({ codec }) => codec));
  return {
    codec: codecs.size === 1 ? metas[0]!.codec : 'MIXED',
    encodings: [...new Set(metas.flatMap(({ encodings }) => encodings))].sort(),
    offset: Math.min(...offsets),
    byteLength: total((meta) => meta.total_compressed_size),
    uncompressedByteLength: total((meta) => meta.total_uncompressed_size),
    dictionaryByteLength:
      total((meta) => meta.data_page_offset) - offsets.reduce((sum, offset) => sum + offset, 0),
    statistics: info.type === 'other' ? none : statisticsOf(metas[0]!, info),
  };
}

/** Compares everything; returns how many chunks that were. */
function compare(path: string, footer: ParquetFooter, meta: FileMetaData): number {
  const fields = fieldsOf(meta.schema);
  expect(footer.rowCount, path).toBe(Number(meta.num_rows));
  expect(footer.createdBy ?? undefined, path).toBe(meta.created_by);
  const pairs = (meta.key_value_metadata ?? []).map(
    ({ key, value }) => [key, value ?? ''] as const,
  );
  expect(footer.keyValue, path).toEqual(new Map(pairs));
  expect(
    footer.columns.map(({ name, physical, nullable }) => ({ name, physical, nullable })),
    path,
  ).toEqual(
    fields.map(({ element }) => ({
      name: element.name,
      physical: element.type ?? null,
      nullable: element.repetition_type !== 'REQUIRED',
    })),
  );
  expect([...footer.rowGroupRows], path).toEqual(
    meta.row_groups.map((group) => Number(group.num_rows)),
  );
  for (const [rowGroup, { columns }] of meta.row_groups.entries()) {
    for (const [column, { leafStart, leafEnd }] of fields.entries()) {
      const metas = columns.slice(leafStart, leafEnd).map((chunk) => chunk.meta_data!);
      const found = chunkOf(footer, rowGroup, column);
      const expected = judgedChunk(metas, footer.columns[column]!);
      // A chunk without values may claim bytes that are not there: they do not count.
      if (metas.every(({ num_values: count }) => count === 0n) && found.byteLength === 0) {
        expected.byteLength = 0;
      }
      expect(
        { ...found, encodings: [...found.encodings].sort() },
        `${path}, row group ${rowGroup}, column ${column}`,
      ).toEqual(expected);
    }
  }
  return meta.row_groups.length * fields.length;
}

describe.skipIf(!hasSharedData)('footers of real files', () => {
  it('say what the judge says: schema, rows, chunks and statistics', async () => {
    let chunkCount = 0;
    let fileCount = 0;
    const unreadable: string[] = [];
    const core = instantiateCore(compileCore(), createSharedMemory(8 * 2 ** 20));
    const tools = { core, ptr: 65_536, byteLength: 7 * 2 ** 20 };
    for (const folder of FOLDERS) {
      for (const name of readdirSync(sharedData(folder), { recursive: true, encoding: 'utf8' })) {
        if (!name.endsWith('.parquet')) continue;
        const path = `${folder}/${name}`;
        const bytes = new Uint8Array(readFileSync(sharedData(path)));
        // What is refused, and that it must be, is the matter of corpus.test.ts.
        const footer = await readFooter(memorySource(path, bytes)).catch(() => null);
        if (footer === null) continue;
        // With the kernel it is the same.
        expect(await readFooter(memorySource(path, bytes), tools), path).toEqual(footer);
        const meta = ((): FileMetaData | null => {
          try {
            return judged(bytes);
          } catch {
            return null;
          }
        })();
        if (meta === null) {
          unreadable.push(path);
          continue;
        }
        chunkCount += compare(path, footer, meta);
        fileCount++;
      }
    }
    expect(unreadable).toEqual([]);
    expect(fileCount).toBeGreaterThan(280);
    expect(chunkCount).toBeGreaterThan(2_500);
    console.log(`${fileCount} footers with ${chunkCount} chunks are as hyparquet reads them`);
  });
});
