import { FLAG_BAD_TS, FLAG_MAYBE_BAD_BOOK, FLAG_OFF_BOOK } from '#src/abi/flags.js';

// What docs/data-model.md says of trades outside the best prices; every state is looked at.

/** Best prices behind a message; 0: there is none. */
export interface Top {
  readonly tsRecv: bigint;
  readonly bidPips: bigint;
  readonly askPips: bigint;
  readonly flags: number;
}

export interface Trade {
  readonly tsRecv: bigint;
  readonly pricePips: bigint;
  readonly flags: number;
}

/** Both in order of their stamps; trades that come late count at the time of the one before. */
export function countOutside(tops: readonly Top[], trades: readonly Trade[], windowNs: bigint) {
  const counts = { compared: 0, outside: 0, passed: 0 };
  let time = -(2n ** 63n);
  for (const { tsRecv, pricePips, flags } of trades) {
    if ((flags & (FLAG_OFF_BOOK | FLAG_BAD_TS)) !== 0) {
      counts.passed++;
      continue;
    }
    if (tsRecv > time) time = tsRecv;
    // A state holds until the next one; of those at one time all are looked at but what was over
    // when the window began.
    const near = tops.filter((top, index) => {
      const next = tops[index + 1];
      const isOver = next !== undefined && next.tsRecv <= time - windowNs;
      return top.tsRecv <= time + windowNs && !isOver;
    });
    const isInside =
      tops.length > 0 &&
      tops.at(-1)!.tsRecv >= time &&
      near.length > 0 &&
      near[0]!.tsRecv <= time - windowNs;
    const isTrusted = near.every(
      (top) => (top.flags & FLAG_MAYBE_BAD_BOOK) === 0 && top.bidPips !== 0n && top.askPips !== 0n,
    );
    if (!isInside || !isTrusted) {
      counts.passed++;
      continue;
    }
    counts.compared++;
    const isBelow = near.every(({ bidPips }) => pricePips < bidPips);
    const isAbove = near.every(({ askPips }) => pricePips > askPips);
    if (isBelow || isAbove) counts.outside++;
  }
  return counts;
}
