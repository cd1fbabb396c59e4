import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { instantiateCore } from '#src/core/core.js';
import { compileCore } from '#src/core/load-node.js';
import type { InputOptions } from '#src/dialects/options.js';
import { type FoundFile, type InputPlan, planInputs } from '#src/dialects/plan.js';
import type { PlanHost } from '#src/dialects/probe.js';
import type { InstrumentDay, PlannedFile } from '#src/dialects/types.js';
import type { ByteSource } from '#src/io/byte-source.js';
import { gunzipStream } from '#src/io/file-gunzip.js';
import { openFileSource } from '#src/io/file-source.js';
import { memorySource } from '#src/io/memory-source.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';
import { RegionLanes } from '#src/parquet/decode-region.js';
import { readFooter } from '#src/parquet/footer.js';
import type { OnRows, RowGroupReader } from '#src/parquet/reader.js';
import { readInputFooter } from '#src/text/input-file.js';
import type { TextTools } from '#src/text/survey-segment.js';
import type { TextFooter } from '#src/text/text-footer.js';
import { openTextReader } from '#src/text/text-reader.js';
import { type DecodedFile, type DecodeFileOptions, decodeFile } from './decode-file.js';

const LANES_BYTES = 24 * 2 ** 20;

export function textTools(): TextTools {
  const core = instantiateCore(compileCore(), createSharedMemory(65_536 + LANES_BYTES));
  return { core, lanes: new RegionLanes(65_536, LANES_BYTES), openGunzip: gunzipStream };
}

/** Planning and decoding over files on disk, or over texts in memory. */
export class TextHost implements PlanHost {
  readonly #tools = textTools();
  readonly #texts = new Map<string, Uint8Array>();

  add(path: string, text: string | Uint8Array): FoundFile {
    this.#texts.set(path, typeof text === 'string' ? new TextEncoder().encode(text) : text);
    return { path, mtimeNs: 0n };
  }

  openSource(path: string): Promise<ByteSource> {
    const text = this.#texts.get(path);
    return text === undefined ? openFileSource(path) : Promise.resolve(memorySource(path, text));
  }

  readFooter = (source: ByteSource) => readInputFooter(source, readFooter, this.#tools);

  openReader: PlanHost['openReader'] = async (source, footer): Promise<RowGroupReader> =>
    openTextReader(source, footer as TextFooter, this.#tools);

  async plan(files: readonly FoundFile[], asked: Partial<InputOptions> = {}): Promise<InputPlan> {
    const selection = { exchanges: [], symbols: [], fromNs: null, toNs: null, limit: null };
    const options = { dialect: null, map: {}, policy: null, selection, ...asked };
    return planInputs(files, options, this);
  }

  async decode(
    day: InstrumentDay,
    file: PlannedFile,
    options: DecodeFileOptions = {},
  ): Promise<DecodedFile> {
    const reader = await this.openReader(await this.openSource(file.path), file.footer);
    try {
      return await decodeFile(inForeignMemory(reader), day, file, options);
    } finally {
      await reader.close();
    }
  }
}

/** A reader whose rows lie in another memory than the decoder's, which has one of its own here. */
function inForeignMemory(reader: RowGroupReader): RowGroupReader {
  const away = (onRows: OnRows): OnRows => {
    return (columns, rowCount) =>
      onRows(
        columns.map((column) => ({ ...column, valuesPtr: null })),
        rowCount,
      );
  };
  return {
    footer: reader.footer,
    readRowGroup: (index, names, onRows) => reader.readRowGroup(index, names, away(onRows)),
    readRowGroups: (indexes, names, onRows) => reader.readRowGroups(indexes, names, away(onRows)),
    close: () => reader.close(),
  };
}

/** Rows of a csv, packed or not, by column; no cell of these files is quoted. */
export function readCsv(path: string): Map<string, string[]> {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  const [head = '', ...lines] = text.replace(/\n$/, '').split('\n');
  const columns = new Map(head.split(',').map((name) => [name, [] as string[]]));
  const lists = [...columns.values()];
  for (const line of lines) {
    const cells = line.split(',');
    for (const [index, list] of lists.entries()) list.push(cells[index]!);
  }
  return columns;
}

/** Decimal text times 10^scale, exactly, by moving the point. */
export function pips(text: string, scale = 8): bigint {
  const [number = '', exponent = '0'] = text.split('e');
  if (exponent !== '0') return pips(number, scale + Number(exponent));
  const [whole = '', fraction = ''] = number.split('.');
  if (/[^0]/.test(fraction.slice(scale)))
    throw new Error(`${text} has more decimals than ${scale}`);
  return BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale));
}

/** First row in which a column differs, in words; null when all are the same. */
export function firstDifference(
  found: DecodedFile['columns'],
  expected: ReadonlyMap<string, readonly unknown[]>,
): string | null {
  for (const [name, wanted] of expected) {
    const values = found.get(name);
    if (values === undefined) return `there is no column ${name}`;
    if (values.length !== wanted.length) {
      return `${name} has ${values.length} rows, expected ${wanted.length}`;
    }
    const row = values.findIndex((value, index) => value !== wanted[index]);
    if (row >= 0) return `${name} of row ${row} is ${values[row]}, expected ${wanted[row]}`;
  }
  return null;
}
