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
 * A chunk is the first of its file. Where shards are missing in front of it, or the file before
 * breaks off, that is a loss, though the ids may not be such that prove it. Where they are, they
 * do: nothing is doubted here, and of missing shards nothing is said twice.
 */
export async function fileBegins(
  { slot, fileIndex }: Chunk,
  { spec, slots, applier, received }: FileBeginsParts,
): Promise<void> {
  const hole = spec.holesBefore[fileIndex] ?? null;
  const idsProve = spec.policy === 'chain' || spec.policy === 'contiguous';
  if (hole === null || (idsProve && hole.kind === 'hole')) return;
  if (!idsProve) await received.closeWindow();
  const { doubts, findings, here } = applier;
  const { kind, reason, origin } = hole;
  const isFirst = applier.depthParts.rowCount === 0;
  const { tsRecvPtr, sequencePtr } = slots.columns(slot);
  const gap = {
    kind,
    sequence_before: isFirst ? null : here.sequence,
    sequence_after: sequencePtr === 0 ? null : slots.i64(sequencePtr, 0),
    missing: null,
    reason,
  };
  const after = slots.i64(tsRecvPtr, 0);
  const between = { before: isFirst ? null : here.tsRecv, after };
  findings.provenAt(gap, between, origin ?? findings.originOf({ slot, row: 0 }));
  if (!idsProve) doubts.lossBefore({ fileIndex, tsRecv: after });
}
