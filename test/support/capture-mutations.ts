import type { StreamMessage } from '../oracle/stream-rows.js';
import type { Prng } from '../prng.js';
import { lineAt, type StretchLine } from './capture-stretches.js';

// One thing that goes wrong between the join of a stretch and its last message, and what must be
// said of it: worked out from the lines alone.

export const MUTATIONS = ['delete', 'duplicate', 'swap', 'late', 'truncate'] as const;

export type Mutation = (typeof MUTATIONS)[number];

/** MODEL section 2: within it the ids put messages right. */
const WINDOW_NS = 1_000_000_000n;
const SETTLED_NS = 2n * WINDOW_NS;
/** Lines that a message is swapped with, or comes again behind, at the most. */
const APART_MAX = 5;

/** A hole as the audit must report it. */
export interface ExpectedGap {
  readonly sequence_before: string;
  readonly sequence_after: string;
  /** Ids between; null on a chain, where their number is none of messages. */
  readonly missing: string | null;
  /** Of the first message behind the hole, in the order of the file. */
  readonly row: number;
  readonly ts_recv_after: string;
}

export interface MutatedStretch {
  readonly kind: Mutation;
  /** The lines, without symbols changed, and when each was received. */
  readonly lines: readonly { readonly tsRecv: bigint; readonly line: string }[];
  /** For the oracle: messages of the lines that can be read. */
  readonly messages: readonly StreamMessage[];
  readonly gap: ExpectedGap | null;
  readonly duplicates: number;
  readonly outOfOrder: number;
  readonly rejected: number;
  /** A copy of a message that a snapshot in front of it covers: both are stale. */
  readonly isCopyOfCovered: boolean;
}

interface Line extends StretchLine {
  /** Of a truncated line, what is left of it, time and all. */
  readonly broken?: string;
}

export function mutateStretch(
  prng: Prng,
  stretch: readonly StretchLine[],
  kind: Mutation,
  isChain: boolean,
): MutatedStretch {
  const updates = updatesBehindJoin(stretch);
  const common = { kind, duplicates: 0, outOfOrder: 0, rejected: 0, isCopyOfCovered: false };
  switch (kind) {
    case 'delete': {
      const from = prng.int(0, updates.length - APART_MAX);
      const count = prng.chance(0.7) ? 1 : prng.int(2, APART_MAX);
      const gone = new Set(updates.slice(from, from + count));
      return finish(
        common,
        stretch.filter((_line, index) => !gone.has(index)),
        isChain,
      );
    }
    case 'truncate': {
      const at = updates[prng.int(0, updates.length - 1)]!;
      const text = textOf(stretch[at]!);
      const broken = text.slice(0, prng.int(1, text.length));
      const lines = stretch.map((line, index) => (index === at ? { ...line, broken } : line));
      return finish({ ...common, rejected: 1 }, lines, isChain);
    }
    case 'duplicate': {
      const place = prng.int(0, updates.length - APART_MAX);
      const behind = updates[place + prng.int(0, APART_MAX)]!;
      const line = stretch[updates[place]!]!;
      // Byte for byte, or as a recorder receives it.
      const again = prng.chance(0.5) ? line : lineAt(line, stretch[behind]!.tsRecv + 2n);
      const lines = [...stretch.slice(0, behind + 1), again, ...stretch.slice(behind + 1)];
      const isCopyOfCovered = stretch
        .slice(0, updates[place]!)
        .some(({ message }) => message.isSnapshot && message.last >= line.message.last);
      return finish({ ...common, duplicates: 1, isCopyOfCovered }, lines, isChain);
    }
    case 'swap': {
      const place = prng.int(0, updates.length - APART_MAX);
      const [one, other] = [updates[place]!, updates[place + prng.int(1, APART_MAX)]!];
      const lines: Line[] = [...stretch];
      lines[one] = lineAt(stretch[other]!, stretch[one]!.tsRecv);
      lines[other] = lineAt(stretch[one]!, stretch[other]!.tsRecv);
      return finish({ ...common, outOfOrder: lateCount(lines) }, lines, isChain);
    }
    case 'late': {
      const at = prng.pick(updates);
      const line = stretch[at]!;
      const behind = stretch.findIndex(
        ({ tsRecv }) => tsRecv > line.tsRecv + WINDOW_NS + WINDOW_NS / 2n,
      );
      const late = lineAt(line, stretch[behind]!.tsRecv + 2n);
      const lines = [
        ...stretch.slice(0, at),
        ...stretch.slice(at + 1, behind + 1),
        late,
        ...stretch.slice(behind + 1),
      ];
      return finish({ ...common, outOfOrder: 1 }, lines, isChain);
    }
  }
}

/**
 * Indices of the updates that may be touched: behind the one that joins, and so long before the end
 * that a loss is proven and a latecomer dropped by then.
 */
function updatesBehindJoin(stretch: readonly StretchLine[]): number[] {
  const snapshot = stretch.findIndex(({ message }) => message.isSnapshot);
  const { last: id } = stretch[snapshot]!.message;
  const isJoining = (index: number): boolean => stretch[index]!.message.last > id;
  const updates = [...stretch.keys()].filter((index) => !stretch[index]!.message.isSnapshot);
  const joining = updates.find(isJoining)!;
  const endNs = stretch.at(-1)!.tsRecv - SETTLED_NS;
  return updates.filter(
    (index) => index > joining && index > snapshot && stretch[index]!.tsRecv < endNs,
  );
}

/** Messages that come behind one with a higher id. */
function lateCount(lines: readonly Line[]): number {
  let highest = 0n;
  let count = 0;
  for (const { message } of lines) {
    if (message.isSnapshot) continue;
    if (message.last < highest) count++;
    else highest = message.last;
  }
  return count;
}

const textOf = ({ tsRecv, json }: StretchLine): string => `${tsRecv} ${json}`;

function finish(
  counts: Omit<MutatedStretch, 'lines' | 'messages' | 'gap'>,
  lines: readonly Line[],
  isChain: boolean,
): MutatedStretch {
  return {
    ...counts,
    lines: lines.map((line) => ({ tsRecv: line.tsRecv, line: line.broken ?? textOf(line) })),
    messages: lines.flatMap(({ message, broken }) => (broken === undefined ? [message] : [])),
    gap: holeIn(lines, isChain),
  };
}

/** The ids that nothing brings, or nothing in time. */
function holeIn(lines: readonly Line[], isChain: boolean): ExpectedGap | null {
  const received = lines.filter(
    ({ message, broken }) => !message.isSnapshot && broken === undefined,
  );
  const byId = received.toSorted((a, b) => Number(a.message.last - b.message.last));
  for (const [index, { message }] of byId.entries()) {
    const before = byId[index - 1]?.message;
    // It may have come twice.
    if (before === undefined || before.last === message.last) continue;
    const follows = isChain ? message.prev === before.last : message.first === before.last + 1n;
    if (!follows) return gapBetween(lines, before, message, isChain);
    // What comes too late is missed where it should have stood.
    const next = byId[index + 1];
    if (next !== undefined && message.tsRecv - next.message.tsRecv > WINDOW_NS) {
      return gapBetween(lines, before, next.message, isChain);
    }
  }
  return null;
}

function gapBetween(
  lines: readonly Line[],
  before: StreamMessage,
  after: StreamMessage,
  isChain: boolean,
): ExpectedGap {
  const place = lines.findIndex(({ message }) => message === after);
  const rowCounts = lines.map(({ message, broken }) =>
    broken === undefined ? message.rows.length : 1,
  );
  return {
    sequence_before: `${before.last}`,
    sequence_after: `${after.first}`,
    missing: isChain ? null : `${after.first - before.last - 1n}`,
    row: rowCounts.slice(0, place).reduce((sum, count) => sum + count, 0),
    ts_recv_after: `${after.tsRecv}`,
  };
}
