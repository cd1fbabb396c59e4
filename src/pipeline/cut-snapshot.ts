import { FLAG_LAST } from '../abi/flags.js';
import { type LastSnapshot, rangeOf, type SnapshotSpan, spanOf } from './last-snapshot.js';
import type { Segment } from './protocol.js';
import type { SlotReject } from './row-doubts.js';
import type { SnapshotJoinParts } from './snapshot-join.js';
import type { MadeRow } from './synthetic-rows.js';

/** Rows of a snapshot as they were received. */
interface ReceivedRest {
  readonly segments: readonly Segment[];
  readonly tsRecv: bigint;
  /** 0 without ids. */
  readonly sequence: bigint;
  /** The first row says that there are no levels. */
  readonly isCleared: boolean;
  readonly refused: readonly SlotReject[];
}

/** So many rows above a snapshot are carried over to the next day for its rest, at most. */
const ABOVE_MAX = 4_096;

/**
 * A snapshot that files share: a recorder begins a new one every so many rows. Where the second is
 * of the next day, what comes of it there is no snapshot of its own, but goes on with it. Where one
 * of them cannot be read, the book is in doubt until a whole one comes.
 */
export class CutSnapshot {
  readonly #parts: SnapshotJoinParts;
  #last: Pick<LastSnapshot, 'tsRecv' | 'sequence' | 'span' | 'isInTable'> | null = null;
  /** The last one of the day before, until the first one of this day has come. */
  #begun: LastSnapshot | null = null;
  /** What cannot be read and may hold rows of the one that comes in; null: nothing. */
  #hole: { readonly reason: string; readonly isTold: boolean } | null = null;

  constructor(parts: SnapshotJoinParts) {
    this.#parts = parts;
  }

  /** A snapshot is the book from here on. */
  took({ tsRecv, sequence }: ReceivedRest, span: SnapshotSpan | null, isInTable: boolean): void {
    const { ids } = this.#parts.spec;
    this.#last = { tsRecv, sequence: ids.sequence ? sequence : null, span, isInTable };
  }

  /** @param isLast nothing was received behind the last snapshot. @returns null: there was none */
  last(isLast: boolean): LastSnapshot | null {
    if (this.#last === null) return null;
    return { ...this.#last, isLast, above: this.#rowsAbove(this.#last, isLast) };
  }

  #rowsAbove(
    { tsRecv, sequence }: Pick<LastSnapshot, 'tsRecv' | 'sequence'>,
    isLast: boolean,
  ): readonly MadeRow[] | null {
    const { recent } = this.#parts;
    if (recent === null || sequence === null) return isLast ? [] : null;
    const above = recent.above(sequence);
    const isKnown = above.joins && above.end - above.start <= ABOVE_MAX;
    return isKnown ? recent.rowsOf(above, tsRecv) : null;
  }

  /** The last one stands in the stream, where what comes behind it may be its rest. */
  get isInStream(): boolean {
    return this.#last?.isInTable === false;
  }

  /** The day goes on from one that ended with this snapshot. @param hasRest and begins with its rest */
  dayBegins(begun: LastSnapshot, hasRest: boolean): void {
    const { inTable } = this.#parts.spec.snapshots;
    if (hasRest || (inTable && begun.isInTable)) this.#begun = begun;
    if (begun.isLast) this.#last = begun;
  }

  /** Rows of the snapshot that comes in may be missing. @param isTold there is a finding of that */
  lacks(reason: string, isTold: boolean): void {
    this.#hole = { reason, isTold };
  }

  /** Such a snapshot is the book from here on, and its rows follow. */
  castHole({ segments, tsRecv, sequence }: ReceivedRest): void {
    const { applier, spec } = this.#parts;
    if (this.#hole === null) return;
    const point = { tsRecv, sequence: spec.ids.sequence ? sequence : null };
    const { slot, rowEnd } = segments.at(-1)!;
    const { reason, isTold } = this.#hole;
    const ids = { sequence_before: point.sequence, sequence_after: null, missing: null };
    const between = { before: tsRecv, after: tsRecv };
    if (!isTold) {
      const place = { slot, row: rowEnd - 1 };
      applier.findings.proven({ kind: 'hole', ...ids, reason }, between, place);
    }
    this.#hole = null;
    applier.trust.doubt('loss', point, point);
    applier.syncState();
  }

  /**
   * Takes the first snapshot of a day where it is the rest of the last one of the day before: adds
   * it to the book, and what stands above it once more. Where that is not known, its levels cannot
   * be told from changed ones: they are dropped, and the book is in doubt.
   * @returns whether it is such a rest
   */
  async takesRest(snapshot: ReceivedRest): Promise<boolean> {
    const begun = this.#begun;
    this.#begun = null;
    if (begun === null || begun.tsRecv !== snapshot.tsRecv) return false;
    if (begun.sequence !== null && begun.sequence !== snapshot.sequence) return false;
    const { applier, window, recent, slots } = this.#parts;
    const rows = this.#rowsBehind(begun);
    if (rows === null) {
      window.dropRows(snapshot.segments, 'stale');
      applier.trust.doubt('loss', applier.here);
      applier.syncState();
      return true;
    }
    const begunSpan = snapshot.isCleared ? null : begun.span;
    const span = recent === null ? null : spanOf(slots, snapshot.segments, begunSpan);
    if (span !== null) applier.setKnown(rangeOf(span));
    applier.doubts.castOwn(snapshot.refused);
    this.castHole(snapshot);
    await this.#write(snapshot.segments, rows);
    this.took(snapshot, span, begun.isInTable);
    return true;
  }

  /** What was received above the snapshot, on the day before and since; null: not known. */
  #rowsBehind({ above, sequence, tsRecv }: LastSnapshot): readonly MadeRow[] | null {
    const { recent } = this.#parts;
    if (above === null || recent === null || sequence === null) return above;
    const since = recent.above(above.at(-1)?.sequence ?? sequence);
    return since.joins ? [...above, ...recent.rowsOf(since, tsRecv)] : null;
  }

  async #write(segments: readonly Segment[], rows: readonly MadeRow[]): Promise<void> {
    const { applier, slots } = this.#parts;
    const { slot, rowEnd } = segments.at(-1)!;
    if (rows.length > 0) slots.unmark(slots.columns(slot), rowEnd - 1, FLAG_LAST);
    for (const segment of segments) await applier.apply(segment);
    const last = rows.length - 1;
    await applier.applyMade(
      rows.map((row, index) => (index === last ? { ...row, flags: row.flags | FLAG_LAST } : row)),
    );
  }
}
