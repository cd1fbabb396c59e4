import type { WitnessFinding } from '../audit/types.js';
import type { StreamPoint, Trust } from '../book/trust.js';
import { WITNESS_INVALID } from '../dialects/tables.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { BookWriter } from './book-writer.js';
import type { GapFindings, RowPlace } from './gap-findings.js';
import type { BookSpec } from './protocol.js';
import { limitsOf } from './witness-judge.js';
import type { WitnessRow, WitnessStream } from './witness-stream.js';

export interface ComparedJudgeParts {
  readonly views: MemoryViews;
  readonly spec: BookSpec;
  readonly writer: BookWriter;
  readonly trust: Trust;
  readonly findings: GapFindings;
  /** The last complete message. */
  readonly here: () => StreamPoint;
  /** Brings the book's state in line with `trust`. */
  readonly syncState: () => void;
}

/** What a row says of the book as it is. */
export interface Comparison {
  readonly agrees: boolean;
  /** The book is the row's as far as that reaches, also where it is not known. */
  readonly isWhole: boolean;
  /** They differ where the book is known. */
  readonly isDoubt: boolean;
}

/**
 * So long behind the last message, and before the next one or the last row, a row is that of no
 * message that may still be on its way.
 */
export const STILL_NS = 5_000_000_000n;

/** Counts and judges the rows of a witness table that never change the book: MODEL section 4. */
export class ComparedJudge {
  readonly finding: WitnessFinding;
  readonly #parts: ComparedJudgeParts;
  #isOutlived = false;

  constructor(parts: ComparedJudgeParts, kind: string) {
    this.#parts = parts;
    const counts = { compared: 0, agreed: 0, passed: 0, invalid: 0, thin: 0 };
    this.finding = { kind, ...counts, worst_ns: 0n };
  }

  /** A row agrees if what it says of the known range is so, and that is at least the best levels. */
  compare(row: WitnessRow): Comparison {
    const { writer, views } = this.#parts;
    const diff = writer.diff(row, limitsOf(row, views));
    if (diff === null) return { agrees: false, isWhole: false, isDoubt: true };
    const isWhole = diff.levels.length === 0;
    const isDoubt = diff.insideKnown > 0;
    const { knownBidPips, knownAskPips } = writer.head;
    const isKnown =
      views.i64[row.bidPtr / 8]! >= knownBidPips && views.i64[row.askPtr / 8]! <= knownAskPips;
    return { agrees: isWhole || (isKnown && !isDoubt), isWhole, isDoubt };
  }

  /** A row agreed with the book, or with a state of it that is no more. */
  agreed(row: WitnessRow): void {
    this.#count(row);
    this.finding.agreed++;
  }

  /** A row agrees with the book as it is, and was received before the message that comes next. */
  proves(row: WitnessRow, { isWhole }: Comparison): void {
    const { spec, writer, views, trust, findings, here, syncState } = this.#parts;
    // What it agrees with is the book before the loss.
    if (trust.isLossAhead) return;
    const { bid, ask } = limitsOf(row, views);
    // Two proofs add up; after a doubt only this one counts, and where levels beyond the known
    // range differ, only as far as both go.
    if (trust.live) {
      if (isWhole) writer.widenKnown(bid, ask);
    } else if (isWhole) writer.setKnown(bid, ask);
    else writer.narrowKnown(bid, ask);
    trust.proveHalf(here());
    // Where ids prove each loss, what disagrees later is still of the one that half a proof ended.
    if (!provesLosses(spec) || !trust.isHalfProven) findings.settled();
    syncState();
  }

  /**
   * No state of the book that the row could be agrees with it.
   * @param lastProof when the row was first compared
   * @param isDoubt false: only where the book is not known, or it was proven right since then
   */
  disagreed(
    row: WitnessRow,
    lastProof: StreamPoint | null,
    place: RowPlace,
    isDoubt: boolean,
  ): void {
    this.differed(row, lastProof);
    if (isDoubt) this.doubts(row, place);
  }

  /** Counts a row that no state of the book agrees with. */
  differed(row: WitnessRow, lastProof: StreamPoint | null): void {
    this.#count(row);
    const stretch = row.tsRecv - (lastProof?.tsRecv ?? row.tsRecv);
    if (stretch > this.finding.worst_ns) this.finding.worst_ns = stretch;
  }

  /** Such a row makes the book suspect, unless ids prove that nothing was lost. */
  doubts({ kind }: Pick<WitnessRow, 'kind'>, place: RowPlace): void {
    const { spec, trust, findings, here, syncState } = this.#parts;
    // Where the ids prove that nothing was lost since the last snapshot, the witness is wrong.
    if (provesLosses(spec) && !trust.isHalfProven) return;
    const reason = `a ${kind} row disagrees with the book`;
    if (!trust.has('witness_off')) {
      findings.suspected(trust.lastProof, here(), findings.originOf(place), reason);
    }
    trust.doubt('witness_off', here());
    syncState();
  }

  /**
   * Judges the rows behind the last message. Those that come STILL_NS behind it, and as long before
   * the last row, are compared with the book as it stays: where they differ, the changes have ended
   * and the market has not. No id tells of that.
   */
  async judgeLeft(stream: WitnessStream): Promise<void> {
    const { trust, writer } = this.#parts;
    const { finding } = this;
    const from = writer.head.lastTsRecv + STILL_NS;
    const waiting: { readonly row: WitnessRow; readonly found: Comparison }[] = [];
    for (let row = await stream.peek(); row !== null; row = await stream.peek()) {
      const { bidCount, tsRecv } = row;
      if (bidCount === WITNESS_INVALID) finding.invalid++;
      else if (bidCount < 0 || !trust.seeded || tsRecv <= from) finding.passed++;
      else {
        while (waiting.length > 0 && waiting[0]!.row.tsRecv + STILL_NS <= tsRecv) {
          const { row: still, found } = waiting.shift()!;
          if (found.agrees) this.agreed(still);
          else this.#outlived(still, found);
        }
        waiting.push({ row, found: this.compare(row) });
      }
      stream.advance();
    }
    finding.passed += waiting.length;
  }

  #outlived(row: WitnessRow, { isDoubt }: Comparison): void {
    const { trust, findings, here, syncState } = this.#parts;
    const last = here();
    this.differed(row, last);
    if (!isDoubt) return;
    if (!this.#isOutlived) {
      const reason = `the changes end, and ${row.kind} rows behind them disagree with the book`;
      const at = { tsRecv: row.tsRecv, sequence: null };
      findings.suspected(last, at, findings.originOf(null), reason);
    }
    this.#isOutlived = true;
    trust.outlived(last, { ...last, tsRecv: row.tsRecv });
    syncState();
  }

  #count({ bidCount, askCount, levelCount }: WitnessRow): void {
    this.finding.compared++;
    if (Math.min(bidCount, askCount) < levelCount) this.finding.thin++;
  }
}

function provesLosses({ policy }: BookSpec): boolean {
  return policy === 'chain' || policy === 'contiguous';
}
