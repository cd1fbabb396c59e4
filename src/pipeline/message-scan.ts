import {
  SEQ_BLOCK_BYTES,
  SEQUENCE_CHAIN,
  SEQUENCE_CONTIGUOUS,
  SEQUENCE_MONOTONIC,
  SEQUENCE_NONE,
} from '../abi/sequence.js';
import type { Core } from '../core/core.js';
import { markMessages } from '../core/messages.js';
import { SequenceScanner } from '../core/sequence.js';
import type { MessageKey, SequencePolicy } from '../dialects/types.js';
import { invariant } from '../errors/errors.js';
import type { Arena } from '../memory/arena.js';
import type { DepthColumns } from './depth-slots.js';
import type { BookSpec } from './protocol.js';

const POLICIES: Readonly<Record<SequencePolicy, number>> = {
  chain: SEQUENCE_CHAIN,
  contiguous: SEQUENCE_CONTIGUOUS,
  monotonic: SEQUENCE_MONOTONIC,
  // Neither has ids that say anything about the message before.
  checksum: SEQUENCE_NONE,
  snapshot: SEQUENCE_NONE,
};

/** The columns that are equal in all rows of a message; 0: there is none, or no second one. */
export function messageKeyPtrs(messageKey: MessageKey, of: DepthColumns): [number, number] {
  if (messageKey === 'flags') return [0, 0];
  if (messageKey === 'recv') return [of.tsRecvPtr, 0];
  if (messageKey === 'sequence') return [of.sequencePtr, 0];
  if (messageKey === 'first_and_last') return [of.sequenceFirstPtr, of.sequencePtr];
  return [of.tsRecvPtr, of.sequencePtr];
}

/** Finds the messages of a stream of slots, and the first of them that does not follow the last. */
export class MessageScan {
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #spec: BookSpec;
  readonly #blockPtr: number;
  readonly #scanner: SequenceScanner;
  readonly #checks: boolean;

  constructor(core: Core, arena: Arena, spec: BookSpec) {
    this.#core = core;
    this.#arena = arena;
    this.#spec = spec;
    this.#blockPtr = arena.allocate(SEQ_BLOCK_BYTES);
    const policy = spec.ids.sequence ? POLICIES[spec.policy] : SEQUENCE_NONE;
    this.#checks = policy !== SEQUENCE_NONE;
    this.#scanner = SequenceScanner.start(core, this.#blockPtr, policy);
  }

  /** Id of the last message that passed. */
  get lastId(): bigint {
    const id = this.#scanner.lastId;
    invariant(id !== null, 'a message has passed before one breaks the order');
    return id;
  }

  /** The same where none may have passed: null then. */
  get lastIdIfAny(): bigint | null {
    return this.#scanner.lastId;
  }

  set lastId(id: bigint) {
    this.#scanner.lastId = id;
  }

  /**
   * Sets LAST in the flags of a slot's rows, from the keys of its messages. Our own tables carry
   * their flags already.
   * @param next the slot behind it, whose first row tells whether the last row ends a message
   */
  mark(columns: DepthColumns, rowCount: number, next: DepthColumns | null): void {
    const { messageKey } = this.#spec;
    if (messageKey === 'flags') return;
    const keysOf = (of: DepthColumns): [number, number] => messageKeyPtrs(messageKey, of);
    const [key1Ptr, key2Ptr] = keysOf(columns);
    const { i64 } = this.#core.views;
    const nextKeys = next === null ? null : keysOf(next);
    const nextKey =
      nextKeys === null
        ? null
        : { key1: i64[nextKeys[0] / 8]!, key2: nextKeys[1] === 0 ? 0n : i64[nextKeys[1] / 8]! };
    markMessages(this.#core, { key1Ptr, key2Ptr, rowCount }, nextKey, columns.flagsPtr);
  }

  /** The first row of the first message in [rowStart, rowEnd) that breaks the policy, or rowEnd. */
  scan(columns: DepthColumns, rowStart: number, rowEnd: number): number {
    if (!this.#checks) return rowEnd;
    const { sequencePtr, sequenceFirstPtr: firstPtr, sequencePrevPtr: prevPtr, flagsPtr } = columns;
    return this.#scanner.scan({ sequencePtr, firstPtr, prevPtr, flagsPtr }, rowStart, rowEnd);
  }

  free(): void {
    this.#arena.free(this.#blockPtr, SEQ_BLOCK_BYTES);
  }
}
