import { rmSync } from 'node:fs';
import { bytesBelow } from './bytes-below.js';
import type { Contender, Contenders } from './contenders.js';

/** What was measured of a contender, round by round. */
export interface Measured extends Contender {
  readonly timesMs: number[];
  /** Bytes of the last output; 0 for who only reads. */
  outputBytes: number;
  rssBytesMax: number | null;
}

export interface MeasuredContenders {
  readonly ours: Measured;
  readonly again: Measured;
  readonly duckdb: readonly Measured[];
  readonly others: readonly Measured[];
}

/** All take turns, so that each pair saw the same machine; every second round from behind. */
export async function alternate(
  contenders: Contenders,
  out: string,
  rounds: { readonly warmUp: number; readonly timed: number },
): Promise<MeasuredContenders> {
  const measured = (contender: Contender): Measured => {
    return { ...contender, timesMs: [], outputBytes: 0, rssBytesMax: null };
  };
  const [ours, again] = [measured(contenders.ours), measured(contenders.again)];
  const duckdb = contenders.duckdb.map(measured);
  const others = contenders.others.map(measured);
  const all = [ours, ...duckdb, again, ...others];
  for (let round = -rounds.warmUp; round < rounds.timed; round++) {
    for (const contender of round % 2 === 0 ? all : all.toReversed()) {
      const { wallMs, rssBytesMax } = await contender.run(out);
      contender.outputBytes = bytesBelow(out);
      // Gone before the next one's turn, so that no one's dirty pages are written in it.
      rmSync(out, { recursive: true, force: true });
      if (round < 0) continue;
      contender.timesMs.push(wallMs);
      contender.rssBytesMax = larger(contender.rssBytesMax, rssBytesMax);
    }
  }
  return { ours, again, duckdb, others };
}

const larger = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

/** How many times as fast, event for event, `contender` was as `reference`, round by round. */
export function pairRatios(reference: Measured, contender: Measured): number[] {
  const speed = ({ timesMs, events }: Measured, round: number): number => events / timesMs[round]!;
  return contender.timesMs.map((_, round) => speed(contender, round) / speed(reference, round));
}
