import type { WitnessRows } from '../core/witness-rows.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { BookWriter } from './book-writer.js';
import type { ComparedJudgeParts } from './compared-judge.js';
import type { ComparedWitnesses } from './compared-witnesses.js';
import type { DepthOutput } from './depth-output.js';
import type { DepthSlots } from './depth-slots.js';
import type { FirstSnapshot } from './first-snapshot.js';
import type { RowOrigin } from './gap-findings.js';
import type { KeyframeWriter } from './keyframe-writer.js';
import type { BookSpec, Chunk } from './protocol.js';
import type { RecentRows } from './recent-rows.js';
import type { SyntheticRows } from './synthetic-rows.js';
import type { Uncrosser } from './uncrosser.js';
import type { WitnessJudge } from './witness-judge.js';
import type { WitnessMerger } from './witness-stream.js';

/** What a BookApplier works with: all of one instrument's day. */
export interface BookApplierParts {
  readonly views: MemoryViews;
  readonly spec: BookSpec;
  readonly slots: DepthSlots;
  readonly writer: BookWriter;
  readonly output: DepthOutput;
  readonly synthetic: SyntheticRows;
  readonly witnesses: WitnessMerger;
  /** Those that are compared beside the rows; null: there are none. Called once. */
  readonly openCompared: (
    judging: ComparedJudgeParts & { readonly seeds: WitnessJudge },
  ) => ComparedWitnesses | null;
  readonly witnessRows: WitnessRows;
  /** null: no keyframes are written. */
  readonly keyframes: KeyframeWriter | null;
  /** Told of refused rows; null: nobody asks. */
  readonly recent: RecentRows | null;
  readonly firstSnapshot: FirstSnapshot;
  /** Mends crossed books; null: they stay. */
  readonly uncrosser: Uncrosser | null;
  /** The chunk whose rows lie in a slot; undefined for rows that were made here. */
  readonly chunkOf: (slot: number) => Chunk | undefined;
  /**
   * Between messages: hands what is ready to the host, if it is much. A table of snapshots may make
   * more rows between two units of depth, or behind the last, than the memory holds.
   */
  readonly letGo: () => Promise<void> | null;
}

/** A message of which rows were applied, and more are to come. */
export interface OpenMessage {
  /** The slot last applied, where in it the message begins, and up to where it was applied. */
  readonly slot: number;
  readonly messageStart: number;
  readonly rowEnd: number;
  /** Its first row, in whichever slot that was. */
  readonly origin: RowOrigin;
}
