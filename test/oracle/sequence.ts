// Plain twins of assembly/messages.ts and assembly/sequence.ts.
import { FLAG_LAST } from '#src/abi/flags.js';

export type Policy = 'none' | 'monotonic' | 'contiguous' | 'chain';

/** Flags of rows whose keys are given, the key of the row behind them as the last item. */
export function markedFlags(keys: readonly (string | null)[], baseFlags: number): number[] {
  return keys
    .slice(0, -1)
    .map((key, row) => (key === keys[row + 1] ? baseFlags : baseFlags | FLAG_LAST));
}

export function gapsOf(
  ids: readonly bigint[],
  previousId: bigint | null,
): { row: number; missing: bigint }[] {
  let previous = previousId;
  return ids.flatMap((id, row) => {
    const missing = previous === null ? 0n : id - previous - 1n;
    previous = id;
    return missing > 0n ? [{ row, missing }] : [];
  });
}

export interface OracleRow {
  readonly sequence: bigint;
  readonly first: bigint;
  readonly prev: bigint;
  readonly last: boolean;
}

/** Rows at which a message starts that breaks the policy, when the host accepts each of them. */
export function breaksOf(rows: readonly OracleRow[], policy: Policy, useFirst: boolean): number[] {
  let lastId: bigint | null = null;
  let starts = true;
  const breaks: number[] = [];
  rows.forEach((row, index) => {
    if (starts && lastId !== null) {
      const follows = {
        none: true,
        monotonic: row.sequence > lastId,
        contiguous: (useFirst ? row.first : row.sequence) === lastId + 1n,
        chain: row.prev === lastId,
      }[policy];
      if (!follows) breaks.push(index);
    }
    starts = row.last;
    if (row.last) lastId = row.sequence;
  });
  return breaks;
}
