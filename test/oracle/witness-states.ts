// What MODEL section 4 "Witness" and docs/data-model.md say of witnesses that are compared beside the
// stream, in the plainest words: every pair is looked at. Written from those pages alone.

/** A state of the book behind a message, or a row of a witness: it holds until the next one. */
export interface TimedState {
  readonly time: bigint;
  /** Equal texts are equal states. */
  readonly best: string;
}

export interface IdState {
  readonly id: bigint;
  readonly best: string;
}

export interface Agreement {
  readonly compared: number;
  readonly agreed: number;
}

const TOLERANCE_NS = 100_000_000n;

/** By id: the last row up to a message's last id and above the message's before is the book. */
export function agreementById(states: readonly IdState[], rows: readonly IdState[]): Agreement {
  let [compared, agreed, next] = [0, 0, 0];
  for (const { id, best } of states) {
    let last: IdState | null = null;
    for (; next < rows.length && rows[next]!.id <= id; next++) last = rows[next]!;
    if (last === null) continue;
    compared++;
    if (last.best === best) agreed++;
  }
  return { compared, agreed };
}

/** By time; both lists in order, no two states at one time. */
export function agreementByTime(
  states: readonly TimedState[],
  rows: readonly TimedState[],
): Agreement {
  const timeOf = (list: readonly TimedState[], index: number): bigint | null =>
    list[index]?.time ?? null;
  const lastTime = states.at(-1)!.time;
  const isNear = (state: number, row: number): boolean => {
    const stateEnd = timeOf(states, state + 1) ?? lastTime;
    const rowEnd = timeOf(rows, row + 1);
    const begins = rows[row]!.time <= stateEnd + TOLERANCE_NS;
    return begins && (rowEnd === null || rowEnd >= states[state]!.time - TOLERANCE_NS);
  };
  let [compared, agreed] = [0, 0];
  for (const [index, state] of states.entries()) {
    const before = timeOf(states, index - 1);
    const fresh = rows.filter(
      ({ time }) => time <= state.time && (before === null || time > before),
    );
    if (fresh.length === 0) continue;
    const row = rows.indexOf(fresh.at(-1)!);
    const { time, best } = rows[row]!;
    const isRow = rows.some((other, at) => isNear(index, at) && other.best === state.best);
    const isState = states.some(
      (other, at) => other.time <= time + TOLERANCE_NS && isNear(at, row) && other.best === best,
    );
    // At the end of the stream a state that agrees may still have come.
    if (!isRow && !isState && time + TOLERANCE_NS >= lastTime) continue;
    compared++;
    if (isRow || isState) agreed++;
  }
  return { compared, agreed };
}
