import type { GapFinding } from '../audit/types.js';
import type { StreamPoint } from '../book/trust.js';
import type { BookSpec, Chunk } from './protocol.js';

/** A row of a slot, for findings that name a file and a row; null behind the last row of the input. */
export type RowPlace = { readonly slot: number; readonly row: number } | null;

/** The same row in the input, from 0; no file: a row that was made here, or none. */
export interface RowOrigin {
  readonly file: string;
  readonly row: number;
}

/** What is missing, or may be, in the order in which it was found: the table `gaps`. */
export class GapFindings {
  readonly gaps: GapFinding[] = [];
  readonly #spec: BookSpec;
  readonly #chunkOf: (slot: number) => Chunk | undefined;
  /** The last since the book was proven right; what else speaks for that loss adds its reason. */
  #open: GapFinding | null = null;

  constructor(spec: BookSpec, chunkOf: (slot: number) => Chunk | undefined) {
    this.#spec = spec;
    this.#chunkOf = chunkOf;
  }

  /** The ids prove a loss, or a new start. */
  proven(
    gap: Pick<GapFinding, 'kind' | 'sequence_before' | 'sequence_after' | 'missing' | 'reason'>,
    between: { readonly before: bigint | null; readonly after: bigint },
    place: RowPlace,
  ): void {
    this.provenAt(gap, between, this.originOf(place));
  }

  /** The same, of a row that is in no slot. */
  provenAt(
    gap: Parameters<GapFindings['proven']>[0],
    { before, after }: Parameters<GapFindings['proven']>[1],
    origin: RowOrigin,
  ): void {
    const times = { ts_recv_before: before, ts_recv_after: after };
    this.#open = { ...gap, proven: true, ...times, ...origin };
    this.gaps.push(this.#open);
  }

  /** Messages may be missing between the last proof and `here`, though no id says so. */
  suspected(
    lastProof: StreamPoint | null,
    here: StreamPoint,
    origin: RowOrigin,
    reason: string,
  ): void {
    if (this.#open !== null) {
      if (!this.#open.reason.includes(reason)) this.#open.reason += `; ${reason}`;
      return;
    }
    this.#open = {
      kind: 'gap',
      proven: false,
      sequence_before: lastProof?.sequence ?? null,
      sequence_after: here.sequence,
      missing: null,
      ts_recv_before: lastProof?.tsRecv ?? null,
      ts_recv_after: here.tsRecv,
      ...origin,
      reason,
    };
    this.gaps.push(this.#open);
  }

  /** The book is proven right again: a later suspicion is another one. */
  settled(): void {
    this.#open = null;
  }

  originOf(place: RowPlace): RowOrigin {
    const chunk = place === null ? undefined : this.#chunkOf(place.slot);
    if (place === null || chunk === undefined) return { file: '', row: 0 };
    const file = this.#spec.files[chunk.fileIndex] ?? '';
    return { file, row: chunk.fileRows?.[place.row] ?? chunk.fileRow + place.row };
  }
}
