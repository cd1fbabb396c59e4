import { shareOf, type TapeOptions } from './options.js';
import { streamOf } from './random.js';

export type FaultKind = 'gap' | 'duplicate' | 'swap';

/** A fault to come: at the first message that starts at `row` or later of its day. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** Rows of the day before it, counted before any fault. */
  readonly row: number;
  /** gap: messages to lose; duplicate: messages between the two copies; swap: not used. */
  readonly messages: number;
  /** gap: no further message is lost once so many rows are, so that the next fault keeps its room. */
  readonly rowsMax: number;
}

const LANE_FAULTS = 2;
const MESSAGES_LOST_MAX = 20;
/** 0: the copy follows at once; else it comes a few messages later. */
const DUPLICATE_DELAYS = 4;

/**
 * The faults of one instrument and day. They depend on the seed and the counts only, not on the
 * layout, and change nothing of the market itself: the messages are those of the tape without them.
 */
export function planFaults(
  options: TapeOptions,
  symbolIndex: number,
  dayIndex: number,
): PlannedFault[] {
  const share = (total: number): number =>
    shareOf(shareOf(total, symbolIndex, options.symbols), dayIndex, options.days);
  const kinds: FaultKind[] = [
    ...new Array<FaultKind>(share(options.gaps)).fill('gap'),
    ...new Array<FaultKind>(share(options.duplicates)).fill('duplicate'),
    ...new Array<FaultKind>(share(options.swaps)).fill('swap'),
  ];
  if (kinds.length === 0) return [];
  const random = streamOf(options.seed, LANE_FAULTS, symbolIndex * options.days + dayIndex);
  shuffle(kinds, random.below.bind(random));
  const dayRows = shareOf(
    shareOf(options.events, symbolIndex, options.symbols),
    dayIndex,
    options.days,
  );
  // One stretch of rows for each fault, and one that stays whole at the day's end.
  const stretch = Math.floor(dayRows / (kinds.length + 1));
  return kinds.map((kind, i) => ({
    kind,
    row: i * stretch + 1 + random.below(Math.floor(stretch / 2)),
    messages: kind === 'gap' ? 1 + random.below(MESSAGES_LOST_MAX) : random.below(DUPLICATE_DELAYS),
    rowsMax: Math.floor(stretch / 4),
  }));
}

function shuffle(items: FaultKind[], below: (limit: number) => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}
