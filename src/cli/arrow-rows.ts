import type { Data, DataType, Schema } from 'apache-arrow';
import { InputError } from '../errors/errors.js';
import type { SourceColumn, SourceColumnInfo } from '../parquet/reader.js';
import type { StoredFile } from '../worker/stored-files.js';
import { type Arrow, arrowValues, bitsOf, constantTexts, noValues } from './arrow-values.js';
import type { FileColumn, OutputColumn } from './output-columns.js';
import type { RowFormat } from './row-format.js';

/** Digits that hold every int64. */
const INT64_DIGITS = 19;
const DECIMAL_DIGITS_MAX = 38;

/**
 * An Arrow IPC stream. Metadata that all files share goes into the schema.
 *
 * @param arrow the library: it takes longer to load than most tables take to print, so whoever wants
 *   a stream loads it, and no other command does
 * @throws InputError ERR_INPUT_SCHEMA when a column has different types in the files
 */
export function arrowRows(
  arrow: Arrow,
  files: readonly StoredFile[],
  columns: readonly OutputColumn[],
  mapped: readonly (readonly FileColumn[])[],
): RowFormat {
  const fields = columns.map((column, place) => {
    const type = typeOf(arrow, column, files, mapped, place);
    const nullable = mapped.some((ofFile) => isNullable(ofFile[place]!));
    return new arrow.Field(column.name, type, nullable);
  });
  return new ArrowRows(arrow, new arrow.Schema(fields, sharedMetadata(files)));
}

class ArrowRows implements RowFormat {
  readonly #arrow: Arrow;
  readonly #schema: Schema;
  readonly #stream: ReturnType<typeof streamBytes>;

  constructor(arrow: Arrow, schema: Schema) {
    this.#arrow = arrow;
    this.#schema = schema;
    this.#stream = streamBytes(arrow);
  }

  begin(): void {
    this.#stream.writer.reset(undefined, this.#schema);
  }

  rows(
    fileColumns: readonly FileColumn[],
    columns: readonly SourceColumn[],
    rowStart: number,
    rowEnd: number,
  ): void {
    const arrow = this.#arrow;
    const length = rowEnd - rowStart;
    const children = fileColumns.map((column, place) => {
      const { type } = this.#schema.fields[place]!;
      if (column.kind === 'values') {
        return columnData(arrow, type, columns[column.index]!, rowStart, rowEnd);
      }
      if (column.text === null) return noValues(arrow, type, length);
      return arrow.makeData({
        type: new arrow.Utf8(),
        length,
        nullCount: 0,
        ...constantTexts(column.text, length),
      });
    });
    const struct = new arrow.Struct(this.#schema.fields);
    const data = arrow.makeData({ type: struct, length, nullCount: 0, children });
    this.#stream.writer.write(new arrow.RecordBatch(this.#schema, data));
  }

  end(): void {
    this.#stream.writer.finish();
  }

  take(): Uint8Array[] {
    return this.#stream.parts.splice(0);
  }
}

/** Keeps a copy of what is written: the batches are views of memory that is used again. */
function streamBytes({ RecordBatchStreamWriter }: Arrow) {
  const parts: Uint8Array[] = [];
  class StreamBytes extends RecordBatchStreamWriter {
    protected override _write({ buffer, byteOffset, byteLength }: ArrayBufferView): this {
      if (byteLength > 0)
        parts.push(new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength)));
      this._position += byteLength;
      return this;
    }
  }
  return { parts, writer: new StreamBytes() };
}

function columnData(
  arrow: Arrow,
  type: DataType,
  source: SourceColumn,
  rowStart: number,
  rowEnd: number,
): Data {
  const { validity, nullCount } = source;
  const hasNulls = validity !== null && nullCount > 0;
  return arrow.makeData({
    type,
    length: rowEnd - rowStart,
    nullCount: hasNulls ? -1 : 0,
    ...(hasNulls && { nullBitmap: bitsOf(validity, rowStart, rowEnd) }),
    ...arrowValues(arrow, source, type, rowStart, rowEnd),
  } as never);
}

function typeOf(
  arrow: Arrow,
  column: OutputColumn,
  files: readonly StoredFile[],
  mapped: readonly (readonly FileColumn[])[],
  place: number,
): DataType {
  if (column.partition !== null) return new arrow.Utf8();
  let found: { type: DataType; path: string } | null = null;
  for (const [index, ofFile] of mapped.entries()) {
    const cell = ofFile[place]!;
    if (cell.kind !== 'values') continue;
    const type = arrowType(arrow, cell.info, cell.scale);
    const { path } = files[index]!;
    found ??= { type, path };
    if (String(type) === String(found.type)) continue;
    throw new InputError(
      'ERR_INPUT_SCHEMA',
      `The column ${column.name} is ${found.type} in ${found.path} and ${type} in ${path}; an Arrow` +
        ' stream has one type for a column. Select one of them with --symbol or --from and --to.',
      { details: { column: column.name, path, types: [String(found.type), String(type)] } },
    );
  }
  return found?.type ?? new arrow.Utf8();
}

function arrowType(arrow: Arrow, info: SourceColumnInfo, scale: number | null): DataType {
  switch (info.type) {
    case 'bool':
      return new arrow.Bool();
    case 'int32':
      return new arrow.Int32();
    case 'int64':
      return scale === null ? new arrow.Int64() : new arrow.Decimal(scale, INT64_DIGITS, 128);
    case 'float':
      return new arrow.Float32();
    case 'double':
      return new arrow.Float64();
    case 'decimal128':
      return new arrow.Decimal(info.decimals, DECIMAL_DIGITS_MAX, 128);
    default:
      return new arrow.Utf8();
  }
}

function isNullable(cell: FileColumn): boolean {
  return cell.kind === 'values' ? cell.info.nullable : cell.text === null;
}

function sharedMetadata(files: readonly StoredFile[]): Map<string, string> {
  const [first, ...rest] = files;
  const entries = [...(first?.footer.keyValue ?? [])];
  return new Map(
    entries.filter(([key, value]) =>
      rest.every(({ footer }) => footer.keyValue.get(key) === value),
    ),
  );
}
