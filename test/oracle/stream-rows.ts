/** What ids there are: first, last and previous; first and last; last alone; none. */
export type StreamPolicy = 'chain' | 'contiguous' | 'monotonic' | 'snapshot';

/** One row of a stream of changes that may hold snapshots. Times in ns, ids 0 where there are none. */
export interface StreamRow {
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  readonly first: bigint;
  /** Of a snapshot's row: the snapshot's id. */
  readonly last: bigint;
  readonly prev: bigint;
  readonly isBid: boolean;
  readonly pricePips: bigint;
  /** 0 removes the level; with a price of 0, in a snapshot: it has no levels. */
  readonly qtyPips: bigint;
  readonly isSnapshot: boolean;
}

/** Rows that were sent as one. */
export interface StreamMessage extends Omit<StreamRow, 'isBid' | 'pricePips' | 'qtyPips'> {
  readonly rows: readonly StreamRow[];
}

/**
 * The messages of a stream: rows that follow one another with the same ids, or without ids with the
 * same receipt time; a snapshot is one of its own, and so is the next one with another stamp.
 */
export function* messagesOfStream(
  rows: Iterable<StreamRow>,
  policy: StreamPolicy,
): Generator<StreamMessage> {
  const keyOf = (row: StreamRow): string => {
    if (row.isSnapshot) return `snapshot ${row.tsRecv} ${row.last}`;
    if (policy === 'snapshot') return `${row.tsRecv}`;
    return policy === 'monotonic' ? `${row.last}` : `${row.first} ${row.last}`;
  };
  let open: StreamRow[] = [];
  for (const row of rows) {
    if (open.length > 0 && keyOf(open[0]!) !== keyOf(row)) {
      yield { ...open[0]!, rows: open };
      open = [];
    }
    open.push(row);
  }
  if (open.length > 0) yield { ...open[0]!, rows: open };
}

/**
 * The same where changes and snapshots are tables of their own: a snapshot stands before the first
 * message that was received no earlier. A copy of a message that only a snapshot parted from it
 * stands right behind it there, and is one with it.
 */
export function* messagesApart(
  rows: readonly StreamRow[],
  policy: StreamPolicy,
): Generator<StreamMessage> {
  const of = (isSnapshot: boolean) =>
    messagesOfStream(
      rows.filter((row) => row.isSnapshot === isSnapshot),
      policy,
    );
  const snapshots = [...of(true)];
  for (const message of of(false)) {
    while (snapshots.length > 0 && snapshots[0]!.tsRecv <= message.tsRecv) yield snapshots.shift()!;
    yield message;
  }
  yield* snapshots;
}
