import { witnessLevelCount } from '../dialects/decode-witness.js';
import type { InputTable, InstrumentDay, PlannedFile } from '../dialects/types.js';

/** Tables of book rows beside the stream of changes; the deepest comes first. */
export const WITNESS_TABLES = ['deep_book', 'book', 'quotes'] as const;

export type WitnessTable = (typeof WITNESS_TABLES)[number];

export function isWitnessTable(table: InputTable): table is WitnessTable {
  return (WITNESS_TABLES as readonly InputTable[]).includes(table);
}

/** Kinds whose ids are the exchange's own, which streams of other sources have too. */
const EXCHANGE_IDS: ReadonlySet<string> = new Set(['bookTicker']);

/** How the rows of a witness table find the state of the book that they are compared with. */
export type WitnessMatch =
  /** Each is the state behind the message of its id (Lake): it seeds and mends the book. */
  | 'placed'
  /** Each id lies in a message: the last of a message's rows is the state behind it. */
  | 'by_id'
  /** No ids: any state of the book within WITNESS_TOLERANCE_NS. */
  | 'by_time';

/** One witness table of a day. */
export interface WitnessSpec {
  readonly table: WitnessTable;
  /** As the audit names it. */
  readonly kind: string;
  /** Levels a side. */
  readonly levelCount: number;
  readonly match: WitnessMatch;
  /** by_time: both tables have the exchange's time; else the recorder's clock tells. */
  readonly hasEventTimes: boolean;
}

export function witnessSpecsOf(day: InstrumentDay): WitnessSpec[] {
  return WITNESS_TABLES.flatMap((table) => {
    const files = day.files[table];
    const levelCount = witnessLevelCount(files);
    if (levelCount === 0) return [];
    const kind = files[0]!.levels!.kind;
    const match = matchOf(day, table, files);
    return [{ table, kind, levelCount, match, hasEventTimes: hasEventTimes(day, files) }];
  });
}

function matchOf(
  { ids, dialect }: InstrumentDay,
  table: WitnessTable,
  files: readonly PlannedFile[],
): WitnessMatch {
  const hasIds =
    ids.sequence &&
    files.every(({ levels }) => levels!.sequence !== null) &&
    (files[0]!.dialect === dialect || EXCHANGE_IDS.has(files[0]!.levels!.kind));
  if (table === 'quotes') return hasIds ? 'by_id' : 'by_time';
  return hasIds || dialect === 'lake' ? 'placed' : 'by_time';
}

function hasEventTimes({ files }: InstrumentDay, witness: readonly PlannedFile[]): boolean {
  return (
    files.depth.every(({ rows }) => rows!.tsEvent !== null) &&
    witness.every(({ levels }) => levels!.tsEvent !== null)
  );
}
