// Whole columns as plain bytes, whatever reader gave them and in whatever runs: what two readers
// must agree on. The bytes below a null mean nothing and are cleared.
import type { RowGroupReader, RowPlaces, SourceColumn } from '#src/parquet/reader.js';

export class ColumnCopy {
  readonly name: string;
  readonly #parts: Uint8Array[] = [];
  /** A byte for each row: 1, the value is there. */
  readonly #present: Uint8Array[] = [];
  rowCount = 0;
  nullCount = 0;

  constructor(name: string) {
    this.name = name;
  }

  append(column: SourceColumn): void {
    const { rowCount, validity } = column;
    const present = new Uint8Array(rowCount).fill(1);
    if (validity !== null)
      for (let row = 0; row < rowCount; row++) present[row] = bit(validity, row);
    const nulls = rowCount - present.reduce((sum, flag) => sum + flag, 0);
    if (nulls !== column.nullCount) {
      throw new Error(`${column.info.name}: ${column.nullCount} nulls claimed, ${nulls} found`);
    }
    this.#present.push(present);
    this.#parts.push(...plainParts(column, present));
    this.rowCount += rowCount;
    this.nullCount += nulls;
  }

  /** The column in one piece. */
  bytes(): Uint8Array {
    return Buffer.concat([...this.#present, ...this.#parts]);
  }

  equals(other: ColumnCopy): boolean {
    if (this.rowCount !== other.rowCount || this.nullCount !== other.nullCount) return false;
    return Buffer.compare(this.bytes(), other.bytes()) === 0;
  }
}

const bit = (bits: Uint8Array, index: number): number => (bits[index >> 3]! >> (index & 7)) & 1;

/** The values; texts as their lengths and then their bytes, with the runs' texts kept apart. */
function plainParts(column: SourceColumn, present: Uint8Array): Uint8Array[] {
  const { info, values, offsets, rowCount } = column;
  if (offsets !== null) return textParts(values, offsets, present);
  if (info.type === 'bool') return [present.map((flag, row) => flag & bit(values, row))];
  const copy = values.slice();
  const width = rowCount === 0 ? 0 : copy.byteLength / rowCount;
  if (column.validity === null) return [copy];
  present.forEach((flag, row) => {
    if (flag === 0) copy.fill(0, row * width, (row + 1) * width);
  });
  return [copy];
}

/** Each text behind its length, so that the cuts between runs do not show. */
function textParts(values: Uint8Array, offsets: Int32Array, present: Uint8Array): Uint8Array[] {
  const lengths = Uint32Array.from(present, (flag, row) =>
    flag === 0 ? 0 : offsets[row + 1]! - offsets[row]!,
  );
  const out = Buffer.alloc(lengths.byteLength + lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  lengths.forEach((length, row) => {
    at = out.writeUInt32LE(length, at);
    out.set(values.subarray(offsets[row]!, offsets[row]! + length), at);
    at += length;
  });
  return [out];
}

export interface ReadRequest {
  readonly rowGroups?: readonly number[];
  readonly names: readonly string[];
  readonly places?: RowPlaces | null;
}

/** Reads whole columns, in the order of `names`; all row groups unless said. */
export async function readCopies(
  reader: RowGroupReader,
  { names, rowGroups, places = null }: ReadRequest,
): Promise<ColumnCopy[]> {
  const copies = names.map((name) => new ColumnCopy(name));
  const indexes = rowGroups ?? [...reader.footer.rowGroupRows.keys()];
  await reader.readRowGroups(
    indexes,
    names,
    (columns, rowCount) => {
      for (const [place, column] of columns.entries()) {
        if (column.rowCount !== rowCount) throw new Error(`${column.rowCount} rows of ${rowCount}`);
        copies[place]!.append(column);
      }
    },
    places,
  );
  return copies;
}
