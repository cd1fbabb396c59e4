import { type Core, instantiateCore } from '#src/core/core.js';
import { compileCore } from '#src/core/load-node.js';
import { DECODE_SCRATCH_BYTES, RowDecoder } from '#src/dialects/decode.js';
import { decodeRowGroups } from '#src/dialects/decode-row-groups.js';
import type { DecodedRows, RowReject } from '#src/dialects/decode-target.js';
import { WitnessDecoder, witnessLevelCount } from '#src/dialects/decode-witness.js';
import { depthLayout, tradesLayout, witnessLayout } from '#src/dialects/tables.js';
import type { InstrumentDay, PlannedFile, Scales } from '#src/dialects/types.js';
import type { ByteSource } from '#src/io/byte-source.js';
import type { TableLayout } from '#src/memory/column-layout.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';
import { compileParquetWasm, pageReaderTools } from '#src/parquet/load-node.js';
import { openRowGroupReader } from '#src/parquet/open-reader.js';
import type { OpenRowGroupReader, RowGroupReader } from '#src/parquet/reader.js';
import { openWasmRowGroupReader } from '#src/parquet/wasm-reader.js';

/** For the page kernels: two lanes. */
const REGION_BYTES = 16 * 2 ** 20;

const parquetModule = await compileParquetWasm();

export const openReader: OpenRowGroupReader = (source) =>
  openWasmRowGroupReader(source, { module: parquetModule });

/** Decoded columns as JS has them; nulls where a nullable column has no value. */
export interface DecodedFile {
  readonly columns: ReadonlyMap<string, readonly (bigint | number | boolean | null)[]>;
  readonly rejects: readonly RowReject[];
  readonly fileRows: readonly number[];
  readonly result: DecodedRows;
}

export interface DecodeFileOptions {
  readonly scales?: Scales;
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
  /** Rows of a slot, to cut runs at odd places; default as in the pipeline. */
  readonly rowCapacity?: number;
  /** Read by the page kernels in the decoder's own memory, as the pipeline does; default: not. */
  readonly source?: ByteSource;
}

/** Decodes one file of a day, as a worker does, into plain arrays. */
export async function decodeFile(
  reader: RowGroupReader,
  day: InstrumentDay,
  file: PlannedFile,
  options: DecodeFileOptions = {},
): Promise<DecodedFile> {
  const layout = withCapacity(layoutOf(day, file), options.rowCapacity);
  const slotCount = Math.ceil(file.rowCountMax / layout.rowCapacity) + 1;
  const slotBytes = Math.ceil(layout.byteLength / 64) * 64;
  const regionPtr = 65_536 + DECODE_SCRATCH_BYTES + slotCount * slotBytes;
  const memory = createSharedMemory(regionPtr + REGION_BYTES);
  const core = instantiateCore(compileCore(), memory);
  // What a slot held before must not show through.
  core.views.u8.fill(0xa5);
  const scratch = { ptr: 65_536, byteLength: DECODE_SCRATCH_BYTES };
  const slots = Array.from({ length: slotCount }, (_, slot) => ({
    slot,
    ptr: scratch.ptr + DECODE_SCRATCH_BYTES + slot * slotBytes,
  }));
  const rowGroupIndexes = file.rowGroupIndexes;
  const Decoder = file.rows === null ? WitnessDecoder : RowDecoder;
  const decoder = new Decoder({
    core,
    scratch,
    file,
    rowGroupIndexes,
    layout,
    scales: options.scales ?? { price: 8, qty: 8 },
    tradeIds: day.tradeIds,
    selection: { fromNs: options.fromNs ?? null, toNs: options.toNs ?? null },
    slots,
  });
  const region = { ptr: regionPtr, byteLength: REGION_BYTES };
  const from = options.source ? await pageReader(options.source, core, region) : reader;
  const result = await decodeRowGroups(from, rowGroupIndexes, decoder);
  return { ...collect(core, layout, result, slots), result };
}

function pageReader(source: ByteSource, core: Core, region: { ptr: number; byteLength: number }) {
  const tools = pageReaderTools(core, region);
  return openRowGroupReader(source, { tools, parquetModule: compileParquetWasm });
}

function layoutOf(day: InstrumentDay, file: PlannedFile): TableLayout {
  if (file.table === 'depth' || file.table === 'snapshots') return depthLayout(day.ids);
  return file.table === 'trades' ? tradesLayout() : witnessLayout(witnessLevelCount([file]));
}

function withCapacity(layout: TableLayout, rowCapacity = layout.rowCapacity): TableLayout {
  return { ...layout, rowCapacity };
}

function collect(
  core: Core,
  layout: TableLayout,
  { chunks }: DecodedRows,
  slots: readonly { ptr: number }[],
): Omit<DecodedFile, 'result'> {
  const columns = new Map(
    layout.columns.map(({ name }) => [name, [] as (bigint | number | boolean | null)[]]),
  );
  const rejects: RowReject[] = [];
  const fileRows: number[] = [];
  const { u8, i32, i64 } = core.views;
  for (const chunk of chunks) {
    const base = slots[chunk.slot]!.ptr;
    rejects.push(...chunk.rejects);
    for (let row = 0; row < chunk.rowCount; row++) {
      fileRows.push(chunk.fileRows?.[row] ?? chunk.fileRow + row);
    }
    for (const { name, type, valuesOffset, validityOffset } of layout.columns) {
      const bit = (offset: number, row: number): boolean =>
        ((u8[base + offset + (row >> 3)]! >> (row & 7)) & 1) === 1;
      const values = columns.get(name)!;
      for (let row = 0; row < chunk.rowCount; row++) {
        const at = base + valuesOffset;
        if (validityOffset >= 0 && !bit(validityOffset, row)) values.push(null);
        else if (type === 'bool') values.push(bit(valuesOffset, row));
        else if (type === 'int32') values.push(i32[at / 4 + row]!);
        else values.push(i64[at / 8 + row]!);
      }
    }
  }
  return { columns, rejects, fileRows };
}
