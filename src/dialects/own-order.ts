import { InputError } from '../errors/errors.js';
import { HAS_MAX, HAS_MIN } from '../parquet/footer-chunks.js';
import { compareNatural } from '../units/natural-order.js';
import type { InstrumentFile } from './plan-days.js';
import { shardNumber } from './shards.js';

/** Parts of one output's day: the numbered files of a folder, or a file that has no number. */
interface OutputPart {
  readonly files: InstrumentFile[];
  readonly minNs: bigint;
  readonly maxNs: bigint;
}

/**
 * Brings our own files of one table, instrument and day into order: parts by number within their
 * output, and outputs by their times, since each numbers its parts from 0. Two outputs that hold
 * the same time hold the same rows, and nothing in them tells which of the two to drop: the one
 * that begins later is refused.
 *
 * @returns the files in order, and an ERR_INPUT_OVERLAP for each that is left out
 */
export function inOwnOrder(files: readonly InstrumentFile[]): {
  ordered: InstrumentFile[];
  overlapping: { path: string; error: InputError }[];
} {
  const outputs = outputsOf(files).sort((a, b) => {
    if (a.minNs !== b.minNs) return a.minNs < b.minNs ? -1 : 1;
    return compareNatural(a.files[0]!.file.path, b.files[0]!.file.path);
  });
  const ordered: InstrumentFile[] = [];
  const overlapping: { path: string; error: InputError }[] = [];
  let before: OutputPart | null = null;
  for (const output of outputs) {
    if (before !== null && output.minNs < before.maxNs) {
      for (const file of output.files) overlapping.push(overlapOf(file, before));
      continue;
    }
    ordered.push(...output.files);
    before = output;
  }
  return { ordered, overlapping };
}

function outputsOf(files: readonly InstrumentFile[]): OutputPart[] {
  const byFolder = new Map<string, InstrumentFile[]>();
  for (const part of files) {
    const { path } = part.file;
    const output = shardNumber(part.file) === null ? path : path.replace(/[^\\/]*$/, '');
    byFolder.set(output, [...(byFolder.get(output) ?? []), part]);
  }
  return [...byFolder.values()].map((parts) => {
    const numbered = parts.sort((a, b) => (shardNumber(a.file) ?? 0) - (shardNumber(b.file) ?? 0));
    let [minNs, maxNs] = [1n << 63n, 0n];
    for (const { min, max } of numbered.flatMap(stampsOf)) {
      if (min < minNs) minNs = min;
      if (max > maxNs) maxNs = max;
    }
    return { files: numbered, minNs, maxNs };
  });
}

/** First and last ts_recv of each row group that is read, as the statistics have them. */
function stampsOf({ file, rowGroupIndexes }: InstrumentFile): { min: bigint; max: bigint }[] {
  const { columns, chunks } = file.footer;
  const at = columns.findIndex(({ name }) => name === 'ts_recv');
  return rowGroupIndexes.flatMap((index) => {
    const chunk = index * columns.length + at;
    if (chunks.statistics[chunk] !== (HAS_MIN | HAS_MAX)) return [];
    return [{ min: chunks.minIntegers[chunk]!, max: chunks.maxIntegers[chunk]! }];
  });
}

function overlapOf({ file: { path } }: InstrumentFile, before: OutputPart) {
  const other = before.files[0]!.file.path;
  const error = new InputError(
    'ERR_INPUT_OVERLAP',
    `${path} holds times that ${other} holds too, of the same table, instrument and day; read` +
      ' together their rows would count twice. Name one of the two outputs, or run the inputs that' +
      ' both were made of.',
    { details: { path, other } },
  );
  return { path, error };
}
