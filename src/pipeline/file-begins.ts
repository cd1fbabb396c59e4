import type { BookApplier } from './book-applier.js';
import type { DepthSlots } from './depth-slots.js';
import type { BookSpec, Chunk } from './protocol.js';
import type { ReceivedRows } from './received-rows.js';

interface FileBeginsParts {
  readonly spec: BookSpec;
  readonly slots: DepthSlots;
  readonly applier: BookApplier;
  readonly received: ReceivedRows;
}

/**
 * A chunk is the first of its file. Where shards are missing in front of it, that is a loss, though
 * the ids may not be such that prove it; where they are, they do, and nothing is said twice.
 */
export async function fileBegins(
  { slot, fileIndex }: Chunk,
  { spec, slots, applier, received }: FileBeginsParts,
): Promise<void> {
  const reason = spec.holesBefore[fileIndex] ?? null;
  if (reason === null || spec.policy === 'chain' || spec.policy === 'contiguous') return;
  await received.closeWindow();
  const { trust, findings, here } = applier;
  const isFirst = applier.depthParts.rowCount === 0;
  const { tsRecvPtr, sequencePtr } = slots.columns(slot);
  const gap = {
    kind: 'hole',
    sequence_before: isFirst ? null : here.sequence,
    sequence_after: sequencePtr === 0 ? null : slots.i64(sequencePtr, 0),
    missing: null,
    reason,
  } as const;
  const after = slots.i64(tsRecvPtr, 0);
  findings.proven(gap, { before: isFirst ? null : here.tsRecv, after }, { slot, row: 0 });
  trust.doubt('loss', here, here);
  applier.syncState();
}
