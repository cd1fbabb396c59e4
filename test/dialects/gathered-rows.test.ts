import { describe, expect, test } from 'vitest';
import { instantiateCore } from '#src/core/core.js';
import { compileCore } from '#src/core/load-node.js';
import { GatherBlock, RowTooLong, type WrittenSegment } from '#src/dialects/gather-block.js';
import { openGatheredReader } from '#src/dialects/gathered-reader.js';
import { FILE_ROW_COLUMN, gatheredColumn } from '#src/dialects/gathered-segment.js';
import { InstrumentCodes } from '#src/dialects/instrument-codes.js';
import type { GatheredFile } from '#src/dialects/types.js';
import { appendToSpill, createSpill, spillSource } from '#src/io/file-spill.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';
import { RegionLanes } from '#src/parquet/decode-region.js';
import type {
  InvalidField,
  SourceColumn,
  SourceColumnInfo,
  SourceType,
} from '#src/parquet/reader.js';
import { createPrng, type Prng } from '../prng.js';
import { temporaryFolder } from '../support/product.js';

const PAGE_BYTES = 65_536;
const LANES_BYTES = 12 * 2 ** 20;

const TYPES: readonly SourceType[] = [
  'bool',
  'int32',
  'int64',
  'float',
  'double',
  'utf8',
  'decimal128',
];
const WIDTHS = { int32: 4, float: 4, int64: 8, double: 8, decimal128: 16 } as const;

const infoOf = (type: SourceType): SourceColumnInfo => ({
  name: type,
  type,
  nullable: true,
  decimals: 0,
  timeUnitNs: null,
  declared: type,
  physical: null,
  fixedBytes: 0,
  isUnsigned: false,
});

/** What one field is: its bytes as hex (any bits at all), null, or a text that is no value. */
type Cell = string | null | InvalidField;

function randomCell(prng: Prng, type: SourceType): Cell {
  if (prng.chance(0.1)) return prng.chance(0.3) ? { text: `x${prng.u32()}`, isLine: false } : null;
  if (type === 'bool') return prng.chance(0.5) ? '01' : '00';
  const byteLength = type === 'utf8' ? prng.int(0, 40) : WIDTHS[type as keyof typeof WIDTHS];
  return Array.from({ length: byteLength }, () =>
    prng.int(0, 256).toString(16).padStart(2, '0'),
  ).join('');
}

/** A column as readers hand it over. */
function columnOf(type: SourceType, cells: readonly Cell[]): SourceColumn {
  const bytes = cells.map((cell) => Buffer.from(typeof cell === 'string' ? cell : '', 'hex'));
  const validity = new Uint8Array(Math.ceil(cells.length / 8));
  for (const [row, cell] of cells.entries()) {
    if (typeof cell === 'string') validity[row >> 3]! |= 1 << (row & 7);
  }
  const nullCount = cells.filter((cell) => typeof cell !== 'string').length;
  let offsets: Int32Array | null = null;
  let values: Uint8Array;
  if (type === 'bool') {
    values = new Uint8Array(Math.ceil(cells.length / 8));
    for (const [row, byte] of bytes.entries()) values[row >> 3]! |= (byte[0] ?? 0) << (row & 7);
  } else if (type === 'utf8') {
    // A run may begin in the middle of its texts.
    values = Buffer.concat([Buffer.from('before'), ...bytes]);
    offsets = new Int32Array(cells.length + 1).fill(6);
    for (const [row, { length }] of bytes.entries()) offsets[row + 1] = offsets[row]! + length;
  } else {
    const width = WIDTHS[type as keyof typeof WIDTHS];
    values = Buffer.concat(bytes.map((each) => Buffer.concat([each, Buffer.alloc(width)], width)));
  }
  return {
    info: infoOf(type),
    rowCount: cells.length,
    values,
    valuesPtr: null,
    offsets,
    validity: nullCount === 0 ? null : validity,
    nullCount,
    invalidAt: (row) => (typeof cells[row] === 'string' ? null : (cells[row] as InvalidField)),
  };
}

function cellAt(column: SourceColumn, row: number): Cell {
  const { info, values, offsets, validity } = column;
  if (validity !== null && ((validity[row >> 3]! >> (row & 7)) & 1) === 0) {
    return column.invalidAt?.(row) ?? null;
  }
  if (info.type === 'bool') return ((values[row >> 3]! >> (row & 7)) & 1) === 1 ? '01' : '00';
  const width = WIDTHS[info.type as keyof typeof WIDTHS];
  const [start, end] = offsets ? [offsets[row]!, offsets[row + 1]!] : [row * width, row * width + width]; // biome-ignore format: one line
  return Buffer.from(values.slice(start, end)).toString('hex');
}

async function readBack(
  segments: readonly WrittenSegment[],
  spill: Awaited<ReturnType<typeof createSpill>>,
): Promise<{ fileRows: number[]; cells: Cell[][] }> {
  const core = instantiateCore(compileCore(), createSharedMemory(PAGE_BYTES + LANES_BYTES));
  const lanes = new RegionLanes(PAGE_BYTES, LANES_BYTES);
  const gathered = {
    spill: spill.place,
    columnNames: TYPES,
    offsets: Float64Array.from(segments, ({ offset }) => offset),
    rowGroupBytes: Float64Array.from(segments, ({ byteLength }) => byteLength),
    rowGroupRows: Float64Array.from(segments, ({ rowCount }) => rowCount),
    firstGroupEnd: 0,
  };
  const file = { gathered, footer: { columns: TYPES.map(infoOf) } } as unknown as GatheredFile;
  const reader = openGatheredReader(file, spillSource(spill.place), { core, lanes });
  const fileRows: number[] = [];
  const cells: Cell[][] = [];
  // In another order than they were written.
  const names = [...TYPES, FILE_ROW_COLUMN].reverse();
  await reader.readRowGroups([...segments.keys()], names, ([rows, ...columns], rowCount) => {
    fileRows.push(...new Uint32Array(rows!.values.buffer, rows!.values.byteOffset, rowCount));
    for (let row = 0; row < rowCount; row++) {
      cells.push(columns.map((column) => cellAt(column, row)).reverse());
    }
  });
  return { fileRows, cells };
}

describe('rows that are put together by instrument', () => {
  test.each([1, 3, 40])(
    'of %i instruments are each one’s, bit for bit, in order',
    async (count) => {
      const prng = createPrng();
      const spill = await createSpill(temporaryFolder());
      // Nothing but the smallest block: some rows are sorted before others are there.
      const block = new GatherBlock({
        columns: TYPES.map((type) => gatheredColumn(infoOf(type))),
        instrumentCount: count,
        byteLength: 0,
        write: (bytes) => appendToSpill(spill.place, bytes),
      });
      const wanted = Array.from({ length: count }, () => ({
        fileRows: [] as number[],
        cells: [] as Cell[][],
      }));
      let fileRow = 4_000_000_000;
      for (let run = 0; run < 12; run++) {
        const rowCount = prng.pick([1, 7, 8, 9, 64, 700]);
        const rows = Array.from({ length: rowCount }, () =>
          TYPES.map((type) => randomCell(prng, type)),
        );
        const codes = Int32Array.from(rows, () => prng.int(-1, count));
        const columns = TYPES.map((type, place) =>
          columnOf(
            type,
            rows.map((cells) => cells[place]!),
          ),
        );
        for (let start = 0; start < rowCount; ) {
          const rowsLeft = Math.min(rowCount - start, block.room(), prng.int(1, 500));
          block.add(columns, { start, count: rowsLeft, fileRow: fileRow + start }, codes);
          start += rowsLeft;
        }
        for (const [row, cells] of rows.entries()) {
          wanted[codes[row]!]?.fileRows.push(fileRow + row);
          wanted[codes[row]!]?.cells.push(cells);
        }
        fileRow += rowCount + prng.int(0, 3);
      }
      const segments = block.finish();
      expect(block.finish()).toEqual([]);
      for (const [code, expected] of wanted.entries()) {
        const own = segments.filter((segment) => segment.code === code);
        expect(await readBack(own, spill), `${code}, seed ${prng.seed}`).toEqual(expected);
      }
      await spill.close();
    },
  );

  test('long texts are cut into segments, and one that no segment holds is refused', async () => {
    const spill = await createSpill(temporaryFolder());
    const block = new GatherBlock({
      columns: TYPES.map((type) => gatheredColumn(infoOf(type))),
      instrumentCount: 1,
      byteLength: 0,
      write: (bytes) => appendToSpill(spill.place, bytes),
    });
    const rowOf = (text: string): Cell[] => TYPES.map((type) => (type === 'utf8' ? text : null));
    const take = (rows: readonly Cell[][]): WrittenSegment[] => {
      const columns = TYPES.map((type, place) => columnOf(type, rows.map((row) => row[place]!))); // biome-ignore format: one line
      block.room();
      block.add(columns, { start: 0, count: rows.length, fileRow: 0 }, new Int32Array(rows.length));
      return block.finish();
    };
    const rows = [400_000, 500_000, 2_000_000, 3, 900_000].map((length) => rowOf('61'.repeat(length))); // biome-ignore format: one line
    const segments = take(rows);
    expect(segments.map(({ rowCount }) => rowCount)).toEqual([2, 1, 2]);
    expect((await readBack(segments, spill)).cells).toEqual(rows);
    expect(() => take([rowOf('61'.repeat(5_000_000))])).toThrow(RowTooLong);
    await spill.close();
  });
});

describe('the instruments of rows', () => {
  test('are told by both names, exactly, whatever their number', () => {
    const prng = createPrng();
    const names = ['', 'A', 'AB', 'BA', 'Ä', ...Array.from({ length: 400 }, (_, i) => `S${i}`)];
    const instruments = names.flatMap((symbol) =>
      ['X', 'Y'].map((exchange) => ({ exchange, symbol })),
    );
    // One of them is not wanted, and neither is a name that is none of them.
    const unwanted = instruments.splice(11, 1)[0]!;
    const codes = new InstrumentCodes({ exchange: 'e', symbol: 's' }, instruments);
    const rows = Array.from({ length: 3_000 }, () => {
      const known = prng.pick([...instruments, unwanted]);
      if (prng.chance(0.05)) return { ...known, symbol: 'S' };
      return prng.chance(0.05) ? { ...known, exchange: null } : known;
    });
    const hexOf = (text: string | null): Cell => text && Buffer.from(text).toString('hex');
    const columns = new Map([
      ['e', columnOf('utf8', rows.map(({ exchange }) => hexOf(exchange)))], // biome-ignore format: one line
      ['s', columnOf('utf8', rows.map(({ symbol }) => hexOf(symbol) ?? ''))], // biome-ignore format: one line
    ]);
    const found = new Int32Array(rows.length + 1).fill(99);
    codes.codesInto(columns, rows.length, found, 1);
    const wanted = rows.map(({ exchange, symbol }) =>
      instruments.findIndex((each) => each.exchange === exchange && each.symbol === symbol),
    );
    expect([...found], `seed ${prng.seed}`).toEqual([99, ...wanted]);
  });
});
