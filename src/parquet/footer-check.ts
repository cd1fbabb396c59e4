import type { ColumnChunk, RowGroup, Statistics } from 'hyparquet';
import type { ColumnChunkInfo, ColumnStatistics, RowGroupInfo, SourceType } from './reader.js';
import type { SchemaField, SchemaLeaf, SourceSchema } from './source-schema.js';

/** What a footer claims that cannot be. The caller adds the file's name. */
export class FooterDefect extends Error {
  readonly rowGroup: number;
  readonly column: string | null;

  constructor(what: string, rowGroup: number, column: string | null = null) {
    const where = column === null ? '' : `, column ${column}`;
    super(`row group ${rowGroup}${where}: ${what}`);
    this.rowGroup = rowGroup;
    this.column = column;
  }
}

interface Place {
  readonly rowGroup: number;
  readonly column: string;
}

const NO_STATISTICS: ColumnStatistics = { min: null, max: null, nullCount: null };

/**
 * Turns the parser's row groups into ours, believing nothing: counts must be there, add up and
 * not be negative, and the bytes of every chunk must lie before the footer, none in another's.
 *
 * @param dataEnd offset where the footer begins, which is where data must have ended
 * @throws FooterDefect
 */
export function checkedRowGroups(
  groups: readonly RowGroup[],
  schema: SourceSchema,
  dataEnd: number,
): RowGroupInfo[] {
  const checked = groups.map((group, index) => checkedRowGroup(group, index, schema, dataEnd));
  refuseOverlaps(checked, schema.fields);
  return checked;
}

function checkedRowGroup(
  group: RowGroup,
  rowGroup: number,
  schema: SourceSchema,
  dataEnd: number,
): RowGroupInfo {
  const rowCount = safeCount(group.num_rows);
  if (rowCount === null) throw new FooterDefect(`it claims ${group.num_rows} rows`, rowGroup);
  if (group.columns.length !== schema.leaves.length) {
    throw new FooterDefect(
      `it has ${group.columns.length} column chunks, the schema has ${schema.leaves.length} columns`,
      rowGroup,
    );
  }
  const leafChunks = group.columns.map((chunk, leafIndex) =>
    checkedChunk(chunk, schema.leaves[leafIndex]!, rowGroup, dataEnd),
  );
  const chunks = schema.fields.map((field) => {
    const parts = leafChunks.slice(field.leafStart, field.leafEnd);
    if (field.info.type === 'other') return mergedChunk(parts);
    const { valueCount, info, statistics } = parts[0]!;
    if (valueCount === rowCount) {
      return { ...info, statistics: statisticsOf(statistics, field.info.type) };
    }
    throw new FooterDefect(
      `it has ${valueCount} values, the row group has ${rowCount} rows`,
      rowGroup,
      field.info.name,
    );
  });
  const byteLength = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  return { rowCount, byteLength, chunks };
}

interface CheckedChunk {
  /** Without statistics: only the field's type tells what they mean. */
  readonly info: ColumnChunkInfo;
  readonly statistics: Statistics | undefined;
  readonly valueCount: number;
}

function checkedChunk(
  chunk: ColumnChunk,
  leaf: SchemaLeaf,
  rowGroup: number,
  dataEnd: number,
): CheckedChunk {
  const place = { rowGroup, column: leaf.path };
  const meta = chunk.meta_data;
  if (meta === undefined) throw defect(place, 'its column chunk has no meta data');
  if (meta.type !== leaf.physical) {
    throw defect(place, `it is stored as ${meta.type}, the schema says ${leaf.physical}`);
  }
  if (meta.path_in_schema.join('.') !== place.column) {
    throw defect(place, `found column ${meta.path_in_schema.join('.')} in its place`);
  }
  const valueCount = needCount(place, 'values', meta.num_values);
  const byteLength = needCount(place, 'compressed bytes', meta.total_compressed_size);
  const dataStart = needCount(place, 'as the offset of its data', meta.data_page_offset);
  const announced = safeCount(meta.dictionary_page_offset) ?? 0;
  // Writers that have no dictionary say 0, leave it out, or repeat the offset of the data.
  const offset = announced > 0 && announced < dataStart ? announced : dataStart;
  const outside = offset < 4 || offset + byteLength > dataEnd || dataStart > offset + byteLength;
  if (outside && valueCount > 0) {
    throw defect(
      place,
      `its ${byteLength} bytes at offset ${offset} (data at ${dataStart}) do not lie within the ` +
        `file's data, which ends at ${dataEnd}`,
    );
  }
  const info = {
    codec: meta.codec ?? 'UNKNOWN',
    encodings: (meta.encodings ?? []).map((encoding) => encoding ?? 'UNKNOWN'),
    offset,
    byteLength: outside ? 0 : byteLength,
    uncompressedByteLength: needCount(place, 'uncompressed bytes', meta.total_uncompressed_size),
    dictionaryByteLength: dataStart - offset,
    statistics: NO_STATISTICS,
  };
  return { info, valueCount, statistics: meta.statistics };
}

/** All leaves of a nested column as one: where it lies and how big it is, without statistics. */
function mergedChunk(parts: readonly CheckedChunk[]): ColumnChunkInfo {
  const infos = parts.map(({ info }) => info);
  const total = (of: (info: ColumnChunkInfo) => number): number =>
    infos.reduce((sum, info) => sum + of(info), 0);
  return {
    codec: [...new Set(infos.map(({ codec }) => codec))].join('+'),
    encodings: [...new Set(infos.flatMap(({ encodings }) => encodings))],
    offset: Math.min(...infos.map(({ offset }) => offset)),
    byteLength: total(({ byteLength }) => byteLength),
    uncompressedByteLength: total(({ uncompressedByteLength }) => uncompressedByteLength),
    dictionaryByteLength: total(({ dictionaryByteLength }) => dictionaryByteLength),
    statistics: NO_STATISTICS,
  };
}

function refuseOverlaps(groups: readonly RowGroupInfo[], fields: readonly SchemaField[]): void {
  const spans = groups.flatMap(({ chunks }, rowGroup) =>
    chunks.flatMap(({ offset, byteLength }, index) => {
      const { info } = fields[index]!;
      // Leaves of a nested column need not lie side by side; they were checked one by one.
      return info.type === 'other' || byteLength === 0
        ? []
        : [{ offset, end: offset + byteLength, rowGroup, column: info.name }];
    }),
  );
  spans.sort((a, b) => a.offset - b.offset);
  for (let index = 1; index < spans.length; index++) {
    const [before, span] = [spans[index - 1]!, spans[index]!];
    if (span.offset >= before.end) continue;
    throw defect(
      span,
      `its bytes begin at ${span.offset}, inside those of column ${before.column} of row group ` +
        `${before.rowGroup}, which end at ${before.end}`,
    );
  }
}

/** A count as the parser gives it (bigint, or undefined when absent); null when it cannot be one. */
export function safeCount(value: unknown): number | null {
  if (typeof value !== 'bigint' || value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    return null;
  }
  return Number(value);
}

function needCount(place: Place, what: string, value: unknown): number {
  const count = safeCount(value);
  if (count === null) throw defect(place, `it claims ${String(value)} ${what}`);
  return count;
}

const defect = (place: Place, what: string): FooterDefect =>
  new FooterDefect(what, place.rowGroup, place.column);

function statisticsOf(statistics: Statistics | undefined, type: SourceType): ColumnStatistics {
  if (statistics === undefined) return NO_STATISTICS;
  return {
    min: statisticValue(statistics.min_value ?? statistics.min, type),
    max: statisticValue(statistics.max_value ?? statistics.max, type),
    nullCount: safeCount(statistics.null_count),
  };
}

/** Decimals give null: the parser hands them over as rounded doubles. */
function statisticValue(value: unknown, type: SourceType): bigint | number | null {
  if (type === 'int32' || type === 'int64') {
    if (typeof value === 'bigint') return value;
    return Number.isInteger(value) ? BigInt(value as number) : null;
  }
  if (type !== 'float' && type !== 'double') return null;
  return typeof value === 'number' && !Number.isNaN(value) ? value : null;
}
