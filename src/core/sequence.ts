import {
  SEQ_BLOCK_BYTES,
  SEQ_FIRST_PTR,
  SEQ_FLAGS_PTR,
  SEQ_HAS_LAST,
  SEQ_LAST_ID,
  SEQ_MESSAGE_OPEN,
  SEQ_POLICY,
  SEQ_PREV_PTR,
  SEQ_SEQUENCE_PTR,
} from '../abi/sequence.js';
import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signatures of assembly/sequence.ts. */
export interface SequenceKernels {
  gapScan(
    idsPtr: number,
    rowCount: number,
    previousId: bigint,
    outIndexPtr: number,
    outSizePtr: number,
    outCapacity: number,
  ): number;
  sequenceScan(blockPtr: number, rowStart: number, rowEnd: number, acceptFirst: number): number;
}

/** Addresses of a slot's columns for row 0; int64 8-byte, flags (int32) 4-byte aligned. */
export interface SequenceColumns {
  readonly sequencePtr: number;
  /** 0: the source has no first ids. */
  readonly firstPtr: number;
  /** Needed by SEQUENCE_CHAIN only, else 0. */
  readonly prevPtr: number;
  readonly flagsPtr: number;
}

/**
 * Follows the ids of one instrument's messages from slot to slot under a policy. Its state lies in
 * SEQ_BLOCK_BYTES of the linear memory that the caller owns; it may be handed to another thread
 * between two scans (give the same `blockPtr` to {@link SequenceScanner.resume} there).
 */
export class SequenceScanner {
  readonly #core: Core;
  readonly #blockPtr: number;

  private constructor(core: Core, blockPtr: number) {
    this.#core = core;
    this.#blockPtr = blockPtr;
  }

  /**
   * Starts a stream.
   * @param blockPtr SEQ_BLOCK_BYTES, 8-byte aligned; overwritten
   * @param policy SEQUENCE_... of src/abi/sequence.ts
   */
  static start(core: Core, blockPtr: number, policy: number): SequenceScanner {
    core.views.bytes(blockPtr, SEQ_BLOCK_BYTES).fill(0);
    core.views.i32[(blockPtr + SEQ_POLICY) / 4] = policy;
    return new SequenceScanner(core, blockPtr);
  }

  /** Goes on with a stream that was started over the same block. */
  static resume(core: Core, blockPtr: number): SequenceScanner {
    return new SequenceScanner(core, blockPtr);
  }

  /** Id of the last message that ended; null before the first. */
  get lastId(): bigint | null {
    const { i32, i64 } = this.#core.views;
    if (i32[(this.#blockPtr + SEQ_HAS_LAST) / 4] === 0) return null;
    return i64[(this.#blockPtr + SEQ_LAST_ID) / 8]!;
  }

  /** Sets what the next message is compared with, for instance after a snapshot; null: nothing. */
  set lastId(id: bigint | null) {
    const { i32, i64 } = this.#core.views;
    i32[(this.#blockPtr + SEQ_HAS_LAST) / 4] = id === null ? 0 : 1;
    i64[(this.#blockPtr + SEQ_LAST_ID) / 8] = id ?? 0n;
  }

  /** True while the last row that was scanned did not end its message. */
  get messageOpen(): boolean {
    return this.#core.views.i32[(this.#blockPtr + SEQ_MESSAGE_OPEN) / 4] === 1;
  }

  /**
   * Scans rows [rowStart, rowEnd) of a slot, which follow the rows scanned before.
   *
   * Stops at the first message start that breaks the policy: the caller classifies it (gap,
   * duplicate, out of order, reset) and calls again, either from that row with `acceptFirst`, or
   * from behind that message when it drops it (`messageEnd` finds it; `lastId` stays).
   * @returns the row of that message's first row, or `rowEnd`
   */
  scan(columns: SequenceColumns, rowStart: number, rowEnd: number, acceptFirst = false): number {
    const { i32 } = this.#core.views;
    i32[(this.#blockPtr + SEQ_SEQUENCE_PTR) / 4] = columns.sequencePtr;
    i32[(this.#blockPtr + SEQ_FIRST_PTR) / 4] = columns.firstPtr;
    i32[(this.#blockPtr + SEQ_PREV_PTR) / 4] = columns.prevPtr;
    i32[(this.#blockPtr + SEQ_FLAGS_PTR) / 4] = columns.flagsPtr;
    const { kernels } = this.#core;
    const row = kernels.sequenceScan(this.#blockPtr, rowStart, rowEnd, acceptFirst ? 1 : 0);
    return countOf('sequenceScan', row);
  }
}

/** One hole in a column of ids. */
export interface IdGap {
  /** Row of the id behind the hole, from 0. */
  readonly row: number;
  /** How many ids are missing: 1 or more. */
  readonly missing: bigint;
}

/** Bytes of scratch that one round of {@link findGaps} wants for `capacity` gaps. */
export const gapScratchBytes = (capacity: number): number => 12 * capacity;

/**
 * Finds each id (int64 at `idsPtr`, 8-byte aligned) that is more than 1 above the one before it.
 * Ids that fall or repeat are no gaps; a jump below them counts from them.
 * @param previousId id before the first one; null: there is none
 * @param scratch memory for the gaps of one round, 8-byte aligned; more gaps take more rounds
 */
export function findGaps(
  core: Core,
  ids: { readonly idsPtr: number; readonly rowCount: number },
  previousId: bigint | null,
  scratch: { readonly ptr: number; readonly capacity: number },
): IdGap[] {
  const { idsPtr, rowCount } = ids;
  if (rowCount === 0) return [];
  const { capacity, ptr: sizePtr } = scratch;
  const indexPtr = sizePtr + 8 * capacity;
  const idAt = (row: number): bigint => core.views.i64[idsPtr / 8 + row]!;
  const gaps: IdGap[] = [];
  let rowStart = 0;
  let previous = previousId ?? idAt(0);
  for (;;) {
    const rowsPtr = idsPtr + 8 * rowStart;
    const left = rowCount - rowStart;
    const { kernels } = core;
    const found = countOf(
      'gapScan',
      kernels.gapScan(rowsPtr, left, previous, indexPtr, sizePtr, capacity),
    );
    const rows = core.views.i32At(indexPtr, found);
    const sizes = core.views.i64At(sizePtr, found);
    rows.forEach((row, i) => {
      gaps.push({ row: rowStart + row, missing: BigInt.asUintN(64, sizes[i]!) });
    });
    if (found < capacity) return gaps;
    const lastRow = rowStart + rows[found - 1]!;
    previous = idAt(lastRow);
    rowStart = lastRow + 1;
  }
}
