import type { BookApplier } from './book-applier.js';
import type { DepthSlots } from './depth-slots.js';
import { refuseOverlap } from './file-overlaps.js';
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
 * do: nothing is doubted here, and of missing shards nothing is said twice. Only the rest of a
 * snapshot has no ids of its own: where one stands in front of them, the book is in doubt.
 *
 * @throws InputError ERR_INPUT_OVERLAP where it begins before the file before it has ended, and no
 *   ids tell which rows both hold
 */
export async function fileBegins(chunk: Chunk, parts: FileBeginsParts): Promise<void> {
  const { slot, fileIndex } = chunk;
  const { spec, slots, applier, received } = parts;
  if (chunk.fileIndex > 0) refuseWhatIsTwice(chunk, parts);
  const hole = spec.holesBefore[fileIndex] ?? null;
  const idsProve = spec.policy === 'chain' || spec.policy === 'contiguous';
  const breaksSnapshot = hole?.kind === 'hole' && received.endsWithSnapshot;
  if (hole === null || (idsProve && hole.kind === 'hole' && !breaksSnapshot)) return;
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
  if (received.lacksRows(reason)) return;
  if (!idsProve || breaksSnapshot) doubts.lossBefore({ fileIndex, tsRecv: after });
}

/** Where ids have an order, they tell what two files both hold: it is dropped, and counted. */
function refuseWhatIsTwice(
  { slot, fileIndex }: Chunk,
  { spec, slots, applier }: FileBeginsParts,
): void {
  const hasOrder = spec.ids.sequence && spec.policy !== 'snapshot' && spec.policy !== 'checksum';
  if (hasOrder || spec.messageKey === 'flags' || applier.depthParts.rowCount === 0) return;
  const tsRecv = slots.i64(slots.columns(slot).tsRecvPtr, 0);
  const first = { file: spec.files[fileIndex]!, tsRecv };
  refuseOverlap({ file: spec.files[fileIndex - 1]!, tsRecv: applier.here.tsRecv }, first);
}
