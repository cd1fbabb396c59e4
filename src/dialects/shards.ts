import { compareNatural } from '../units/natural-order.js';
import { parseHivePath } from './hive-path.js';
import type { DialectName, InputTable, RecognisedFile } from './types.js';

/** Number of the first shard of a day. */
const FIRST_SHARD: Readonly<Partial<Record<DialectName, number>>> = { lake: 1, depthmill: 0 };

/**
 * The number that a file's name gives it within its day: Lake's `7.snappy.parquet`, our
 * `part-0007.parquet`. null: the name says nothing, or the dialect numbers no files.
 */
export function shardNumber(file: RecognisedFile): number | null {
  if (FIRST_SHARD[file.dialect] === undefined) return null;
  const match = /^(?:part-)?(\d{1,9})$/.exec(parseHivePath(file.path).stem);
  return match === null ? null : Number(match[1]);
}

/** A shard that is not there though its neighbours' numbers say that it was. */
export interface ShardHole {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  readonly table: InputTable;
  /** Numbers first to last, inclusive. */
  readonly missingFirst: number;
  readonly missingLast: number;
  /** The file after the hole. */
  readonly pathAfter: string;
}

/** Numbers that are missing before or between the shards of each instrument, day and table. */
export function findShardHoles(files: readonly RecognisedFile[]): ShardHole[] {
  const groups = new Map<string, { number: number; file: RecognisedFile }[]>();
  for (const file of files) {
    const { exchange, symbol, dt, table } = file;
    const number = shardNumber(file);
    if (number === null || exchange === null || symbol === null || dt === null) continue;
    const key = [exchange, symbol, dt, table].join('\0');
    groups.set(key, [...(groups.get(key) ?? []), { number, file }]);
  }
  return [...groups.values()].flatMap(holesOfShards);
}

function holesOfShards(shards: { number: number; file: RecognisedFile }[]): ShardHole[] {
  shards.sort((a, b) => a.number - b.number);
  const holes: ShardHole[] = [];
  // A day that begins at a number below the usual one (0 for 1) lacks nothing.
  let expected = FIRST_SHARD[shards[0]!.file.dialect]!;
  for (const { number, file } of shards) {
    if (number > expected) {
      const { exchange, symbol, dt, table, path } = file;
      holes.push({
        exchange: exchange!,
        symbol: symbol!,
        dt: dt!,
        table,
        missingFirst: expected,
        missingLast: number - 1,
        pathAfter: path,
      });
    }
    expected = Math.max(expected, number + 1);
  }
  return holes;
}

/**
 * Which of some paths stand between two files that follow each other in a stream: by name, and
 * beside them, or named as they are but for numbers (`00/depth.csv`, `01/depth.csv`).
 */
export function pathsBetween(before: string, after: string, paths: readonly string[]): string[] {
  const [folder, shape] = [folderOf(after), shapeOf(after)];
  const between = paths.filter((path) => {
    if (compareNatural(before, path) >= 0 || compareNatural(path, after) >= 0) return false;
    return shapeOf(path) === shape || (folderOf(path) === folder && folderOf(before) === folder);
  });
  return between.sort(compareNatural);
}

/**
 * Which of some paths stand behind the last file that is named as they are but for numbers. A date
 * in their names is a day of their own.
 */
export function pathsBehind(before: string, paths: readonly string[]): string[] {
  const [shape, dates] = [shapeOf(before), datesOf(before)];
  const behind = paths.filter(
    (path) =>
      compareNatural(before, path) < 0 && shapeOf(path) === shape && datesOf(path) === dates,
  );
  return behind.sort(compareNatural);
}

/** The same between the last file of a day and the first one of the next. */
export function pathsBetweenDays(
  before: string,
  after: string,
  paths: readonly string[],
): string[] {
  const shape = shapeOf(after);
  return pathsBetween(before, after, paths).filter((path) => shapeOf(path) === shape);
}

function datesOf(path: string): string {
  return (path.match(/\d{4}-\d\d-\d\d|\d{8}/g) ?? []).join();
}

function folderOf(path: string): string {
  return path.replace(/[^\\/]*$/, '');
}

function shapeOf(path: string): string {
  return path.replace(/\.gz$/i, '').replace(/\d+/g, '0');
}
