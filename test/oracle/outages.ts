import type { Interval, Outage } from '#src/audit/outages.js';

/** An instrument's messages, and from how long on a time without one is a silence of it. */
export interface Messages {
  /** Days that follow one another make one list; ascending, one or more each. */
  readonly recordings: readonly (readonly bigint[])[];
  readonly limitNs: bigint;
}

/** Looks at every pair of neighbours among the messages of all instruments together. */
export function outagesPlainly(instruments: readonly Messages[], shortestNs: bigint): Outage[] {
  const all = instruments.flatMap(({ recordings }) => recordings.flat());
  const times = [...new Set(all)].sort((a, b) => (a < b ? -1 : 1));
  return times.slice(1).flatMap((toNs, index) => {
    const between = { fromNs: times[index]!, toNs };
    if (toNs - between.fromNs < shortestNs) return [];
    const around = instruments.flatMap(({ recordings, limitNs }) =>
      recordings.flatMap((messages) => {
        const interval = intervalAround(messages, between);
        return interval === null ? [] : [interval.toNs - interval.fromNs >= limitNs];
      }),
    );
    const silent = around.filter((isSilence) => isSilence).length;
    return silent < 2 ? [] : [{ ...between, instrumentCount: around.length }];
  });
}

/** The messages of one instrument next to a time; null: it was not recorded then. */
function intervalAround(messages: readonly bigint[], { fromNs, toNs }: Interval): Interval | null {
  const before = messages.findLast((message) => message <= fromNs);
  const after = messages.find((message) => message >= toNs);
  return before === undefined || after === undefined ? null : { fromNs: before, toNs: after };
}
