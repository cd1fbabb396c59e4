import { FLAG_SNAPSHOT, FLAG_SYNTHETIC, FLAG_WITNESS_OFF } from '../abi/flags.js';
import type { WitnessFinding } from '../audit/types.js';
import type { StreamPoint, Trust } from '../book/trust.js';
import { KNOWN_ALL_ASKS, KNOWN_ALL_BIDS } from '../core/book.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { BookWriter } from './book-writer.js';
import type { FirstSnapshot } from './first-snapshot.js';
import type { GapFindings, RowPlace } from './gap-findings.js';
import type { BookSpec } from './protocol.js';
import type { SyntheticLevel, SyntheticMessage } from './synthetic-rows.js';
import type { WitnessRow } from './witness-stream.js';

export interface WitnessJudgeParts {
  readonly views: MemoryViews;
  readonly spec: BookSpec;
  readonly writer: BookWriter;
  readonly trust: Trust;
  readonly findings: GapFindings;
  readonly firstSnapshot: FirstSnapshot;
  /** Brings the book's state in line with `trust`. */
  readonly syncState: () => void;
  /** Writes a message of our own behind the last one, and applies it. */
  readonly write: (message: SyntheticMessage) => Promise<void>;
}

/** Witness rows that agreed; `thin` of them have fewer levels on a side than their table. */
export interface AgreedRows {
  readonly count: number;
  readonly thin: number;
}

/** Compares the book with its witnesses, and seeds and mends it from them: MODEL section 4. */
export class WitnessJudge {
  readonly #parts: WitnessJudgeParts;
  readonly #findings = new Map<string, WitnessFinding>();
  #reseeds = 0;

  constructor(parts: WitnessJudgeParts) {
    this.#parts = parts;
  }

  get findings(): WitnessFinding[] {
    return [...this.#findings.values()];
  }

  /** How often a seeded book was replaced. */
  get reseeds(): number {
    return this.#reseeds;
  }

  /**
   * @param place the row in front of which the witness stands
   * @returns a promise when rows are written, else null: all is done
   */
  use(witness: WitnessRow, place: RowPlace): Promise<void> | null {
    const { writer, spec } = this.#parts;
    const finding = this.#finding(witness.kind);
    // A snapshot may have passed it by.
    if (spec.ids.sequence && witness.sequence < writer.head.lastSequence) {
      finding.passed++;
      return null;
    }
    if (witness.bidCount < 0) {
      finding.invalid++;
      return null;
    }
    if (this.wantsSeed(witness)) {
      finding.passed++;
      return this.seed(witness);
    }
    const limits = limitsOf(witness, this.#parts.views);
    const diff = writer.diff(witness, limits);
    if (diff === null) {
      finding.passed++;
      return this.seed(witness);
    }
    finding.compared++;
    const { bidCount, askCount, levelCount } = witness;
    if (Math.min(bidCount, askCount) < levelCount) finding.thin++;
    if (diff.insideKnown === 0) finding.agreed++;
    else if (!this.#disagrees(witness, finding, place)) return null;
    return this.#merge(witness, limits, diff);
  }

  /** Whether the book had better be replaced by this row than compared with it. */
  wantsSeed({ tsRecv }: Pick<WitnessRow, 'tsRecv'>): boolean {
    const { writer, spec, trust } = this.#parts;
    const { crossState, crossSince } = writer.head;
    const isCrossed = crossState === 1 && spec.crossed === 'reseed';
    const crossedLong = isCrossed && tsRecv - crossSince >= spec.crossedAfterNs;
    return !trust.seeded || trust.has('loss') || trust.has('reset') || crossedLong;
  }

  /** `count` witnesses, `thin` of them, agreed with a live book, and no row had to be written. */
  agreed(kind: string, { count, thin }: AgreedRows, last: StreamPoint): void {
    const { trust, findings } = this.#parts;
    const finding = this.#finding(kind);
    finding.compared += count;
    finding.agreed += count;
    finding.thin += thin;
    trust.prove(last);
    findings.settled();
  }

  /** @returns whether the book is mended from the witness, and not only told about */
  #disagrees(witness: WitnessRow, finding: WitnessFinding, place: RowPlace): boolean {
    const { spec, trust, findings } = this.#parts;
    const stretch = witness.tsRecv - (trust.lastProof?.tsRecv ?? witness.tsRecv);
    if (stretch > finding.worst_ns) finding.worst_ns = stretch;
    // Where the ids prove that nothing was lost, it is the witness that is wrong.
    if (spec.policy === 'chain' || spec.policy === 'contiguous') return false;
    const reason = `a ${witness.kind} row disagrees with the book`;
    const origin = findings.originOf(place);
    findings.suspected(trust.lastProof, this.#pointOf(witness), origin, reason);
    return true;
  }

  /** Makes the levels inside the witness' span equal to it. */
  #merge(
    witness: WitnessRow,
    limits: { readonly bid: bigint; readonly ask: bigint },
    diff: { readonly levels: readonly SyntheticLevel[]; readonly insideKnown: number },
  ): Promise<void> | null {
    const { writer, trust, findings, syncState } = this.#parts;
    const agreed = diff.insideKnown === 0;
    // Two proofs add up; after a doubt only this one counts.
    if (agreed && trust.live) writer.widenKnown(limits.bid, limits.ask);
    else writer.setKnown(limits.bid, limits.ask);
    const point = this.#pointOf(witness);
    if (agreed) trust.prove(point);
    else trust.mended(point);
    findings.settled();
    syncState();
    const flags = FLAG_SYNTHETIC | (agreed ? 0 : FLAG_WITNESS_OFF);
    return diff.levels.length > 0 ? this.#write(witness, flags, false, diff.levels) : null;
  }

  /** Replaces the whole book by a witness row. */
  async seed(witness: WitnessRow): Promise<void> {
    const { writer, views, trust, findings, syncState, firstSnapshot } = this.#parts;
    if (trust.seeded) this.#reseeds++;
    const limits = limitsOf(witness, views);
    writer.setKnown(limits.bid, limits.ask);
    trust.prove(this.#pointOf(witness));
    findings.settled();
    syncState();
    const levels: SyntheticLevel[] = [];
    for (const isBid of [true, false]) {
      const count = isBid ? witness.bidCount : witness.askCount;
      let ptr = isBid ? witness.bidPtr : witness.askPtr;
      for (let level = 0; level < count; level++, ptr += witness.levelStride) {
        const pricePips = views.i64[ptr / 8]!;
        levels.push({ isBid, pricePips, qtyPips: views.i64[(ptr + witness.qtyOffset) / 8]! });
      }
    }
    await this.#write(witness, FLAG_SYNTHETIC | FLAG_SNAPSHOT, true, levels);
    firstSnapshot.written(this.#pointOf(witness));
  }

  #write(
    { tsRecv, tsEvent, sequence }: WitnessRow,
    flags: number,
    clear: boolean,
    levels: readonly SyntheticLevel[],
  ): Promise<void> {
    return this.#parts.write({ tsRecv, tsEvent, sequence, flags, clear, levels });
  }

  #pointOf({ tsRecv, sequence }: WitnessRow): StreamPoint {
    return { tsRecv, sequence: this.#parts.spec.ids.sequence ? sequence : null };
  }

  #finding(kind: string): WitnessFinding {
    let finding = this.#findings.get(kind);
    if (finding === undefined) {
      finding = { kind, compared: 0, agreed: 0, passed: 0, invalid: 0, thin: 0, worst_ns: 0n };
      this.#findings.set(kind, finding);
    }
    return finding;
  }
}

/** The prices that a witness row proves: to its worst level, or all where a side is shorter. */
export function limitsOf(
  witness: WitnessRow,
  views: MemoryViews,
): { readonly bid: bigint; readonly ask: bigint } {
  const { bidCount, askCount, levelCount, bidPtr, askPtr, levelStride } = witness;
  const priceAt = (ptr: number, level: number): bigint =>
    views.i64[(ptr + level * levelStride) / 8]!;
  return {
    bid: bidCount < levelCount ? KNOWN_ALL_BIDS : priceAt(bidPtr, bidCount - 1),
    ask: askCount < levelCount ? KNOWN_ALL_ASKS : priceAt(askPtr, askCount - 1),
  };
}
