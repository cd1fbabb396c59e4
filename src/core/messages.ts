import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signatures of assembly/messages.ts. */
export interface MessageKernels {
  markMessages(
    key1Ptr: number,
    key2Ptr: number,
    rowCount: number,
    nextKey1: bigint,
    nextKey2: bigint,
    hasNext: number,
    flagsPtr: number,
  ): number;
  /** The row behind the first LAST row of [rowStart, rowEnd), or -1 when none ends there. */
  messageEnd(flagsPtr: number, rowStart: number, rowEnd: number): number;
}

/** The columns whose values tell one message from the next: MODEL section 2. */
export interface MessageKeys {
  /** Address of an int64 column, 8-byte aligned. */
  readonly key1Ptr: number;
  /** A second int64 column, or 0. */
  readonly key2Ptr: number;
  readonly rowCount: number;
}

/** The key of the row behind the last one; `key2` is not looked at without a second column. */
export interface NextKey {
  readonly key1: bigint;
  readonly key2: bigint;
}

/**
 * Sets FLAG_LAST in the flags (int32 at `flagsPtr`, 4-byte aligned) of each row whose key differs
 * from the next row's. Other flags stay; LAST must not be set before.
 * @param next key of the row behind the last one; null: there is none, the last row ends its message
 * @returns how many messages end in these rows
 */
export function markMessages(
  core: Core,
  { key1Ptr, key2Ptr, rowCount }: MessageKeys,
  next: NextKey | null,
  flagsPtr: number,
): number {
  const { kernels } = core;
  const ended = kernels.markMessages(
    key1Ptr,
    key2Ptr,
    rowCount,
    next?.key1 ?? 0n,
    next?.key2 ?? 0n,
    next === null ? 0 : 1,
    flagsPtr,
  );
  return countOf('markMessages', ended);
}
