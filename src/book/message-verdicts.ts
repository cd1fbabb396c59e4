import type { MessageIds } from './refused-messages.js';

/** A message that waits: its ids, its stamp, and whatever the caller needs to find its rows. */
export interface HeldMessage<Rows> extends MessageIds {
  readonly tsRecv: bigint;
  readonly rows: Rows;
}

/** What becomes of a message, in the order in which it is to be done. */
export type Verdict<Rows> =
  | {
      readonly kind: 'apply';
      readonly message: HeldMessage<Rows>;
      readonly late: boolean;
      /** A hole that a snapshot has healed stands in front of it. */
      readonly isBehindHole?: true;
    }
  | {
      /** Lost in front of a message, but part of the snapshot that the book goes on from. */
      readonly kind: 'hole';
      readonly message: HeldMessage<Rows>;
      readonly sequenceBefore: bigint;
      readonly missing: bigint | null;
      /** ts_recv of the message with that id; null: it came before the snapshot. */
      readonly tsBefore: bigint | null;
    }
  | {
      readonly kind: 'gap';
      readonly message: HeldMessage<Rows>;
      readonly late: boolean;
      readonly sequenceBefore: bigint;
      readonly missing: bigint | null;
    }
  | { readonly kind: 'reset'; readonly message: HeldMessage<Rows>; readonly sequenceBefore: bigint }
  | { readonly kind: 'drop'; readonly message: HeldMessage<Rows>; readonly why: DropReason };

/**
 * `duplicate`: applied before. `stale`: came after its place in the stream was given up. `covered`:
 * part of the snapshot that the stream goes on from.
 */
export type DropReason = 'duplicate' | 'stale' | 'covered';
