import type { Core } from '../core/core.js';
import { invariant } from '../errors/errors.js';
import type { MemorySpan } from './write-types.js';

/** Fills the output spans of a row group from the first to the last; what it writes may be split. */
export class SpanWriter {
  readonly #core: Core;
  readonly #spans: readonly MemorySpan[];
  #spanIndex = 0;
  #used = 0;
  #marked: { ptr: number; byteLength: number }[] = [];

  constructor(core: Core, spans: readonly MemorySpan[]) {
    this.#core = core;
    this.#spans = spans;
  }

  /**
   * Where the next bytes will stand, if `byteLength` of them fit into the span: they may be written
   * there and then announced by {@link commit}. Null where the span ends earlier.
   */
  place(byteLength: number): number | null {
    const span = this.#spans[this.#spanIndex];
    if (span === undefined || span.byteLength - this.#used < byteLength) return null;
    return span.ptr + this.#used;
  }

  /** Counts bytes that were written where {@link place} said; no more than it was asked for. */
  commit(byteLength: number): void {
    const span = this.#spans[this.#spanIndex]!;
    this.#mark(span.ptr + this.#used, byteLength);
    this.#advance(span, byteLength);
  }

  /** Copies bytes that lie in the shared memory. */
  copy(ptr: number, byteLength: number): void {
    this.#split(byteLength, (to, done, count) =>
      this.#core.kernels.copyBytes(ptr + done, to, count),
    );
  }

  /** Copies bytes of the JS heap. */
  put(bytes: Uint8Array): void {
    this.#split(bytes.byteLength, (to, done, count) =>
      this.#core.views.u8.set(bytes.subarray(done, done + count), to),
    );
  }

  /** The spans written since the last call. */
  takeSpans(): MemorySpan[] {
    const spans = this.#marked;
    this.#marked = [];
    return spans;
  }

  #split(byteLength: number, copyTo: (to: number, done: number, count: number) => void): void {
    for (let done = 0; done < byteLength; ) {
      const span = this.#spans[this.#spanIndex];
      invariant(span !== undefined, 'the output spans are smaller than rowGroupBytesMax');
      const count = Math.min(byteLength - done, span.byteLength - this.#used);
      const to = span.ptr + this.#used;
      copyTo(to, done, count);
      this.#mark(to, count);
      this.#advance(span, count);
      done += count;
    }
  }

  #advance(span: MemorySpan, byteLength: number): void {
    this.#used += byteLength;
    if (this.#used < span.byteLength) return;
    this.#spanIndex++;
    this.#used = 0;
  }

  #mark(ptr: number, byteLength: number): void {
    if (byteLength === 0) return;
    const last = this.#marked.at(-1);
    if (last !== undefined && last.ptr + last.byteLength === ptr) last.byteLength += byteLength;
    else this.#marked.push({ ptr, byteLength });
  }
}
