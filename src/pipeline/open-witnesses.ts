import type { Core } from '../core/core.js';
import { witnessLayout } from '../dialects/tables.js';
import type { Arena } from '../memory/arena.js';
import { ChunkQueue } from './chunk-queue.js';
import { ComparedJudge, type ComparedJudgeParts } from './compared-judge.js';
import { ComparedWitnesses } from './compared-witnesses.js';
import type { DepthSlots } from './depth-slots.js';
import type { BookTask, HostCalls, MemoryMap } from './protocol.js';
import { WitnessById } from './witness-by-id.js';
import { WitnessByTime } from './witness-by-time.js';
import type { WitnessJudge } from './witness-judge.js';
import type { WitnessSpec } from './witness-specs.js';
import { WitnessMerger, WitnessStream } from './witness-stream.js';

/** What witness tables are read with. */
export interface WitnessSources {
  readonly core: Core;
  readonly arena: Arena;
  readonly rows: MemoryMap['rows'];
  readonly host: HostCalls;
  readonly task: BookTask;
  /** A slot of theirs was used. */
  readonly onSlotDone: (slot: number) => void;
}

/** Tables whose rows stand among the messages: they seed and mend the book. */
export function openPlaced(sources: WitnessSources): WitnessMerger {
  const { witnesses, ids } = sources.task.spec;
  const placed = witnesses.filter(({ match }) => match === 'placed');
  return new WitnessMerger(
    placed.map((spec) => openStream(sources, spec)),
    ids.sequence,
  );
}

/** Tables that the book is compared with beside them; null: there are none. */
export function openCompared(
  sources: WitnessSources,
  slots: DepthSlots,
  judging: ComparedJudgeParts & { readonly seeds: WitnessJudge },
): ComparedWitnesses | null {
  const { core, arena } = sources;
  const specs = sources.task.spec.witnesses.filter(({ match }) => match !== 'placed');
  if (specs.length === 0) return null;
  const opened = specs.map((spec) => {
    const stream = openStream(sources, spec);
    const judge = new ComparedJudge(judging, spec.kind);
    const parts = { ...judging, ...spec, core, arena, slots, stream, judge };
    return spec.match === 'by_id' ? new WitnessById(parts) : new WitnessByTime(parts);
  });
  return new ComparedWitnesses(opened);
}

function openStream(sources: WitnessSources, spec: WitnessSpec): WitnessStream {
  const { core, rows, host, task, onSlotDone } = sources;
  const { kind, table, levelCount } = spec;
  const chunks = new ChunkQueue(() => host.nextChunks({ job: task.job, table }));
  const source = { kind, layout: witnessLayout(levelCount), levelCount, chunks };
  return new WitnessStream(core, source, rows, onSlotDone);
}
