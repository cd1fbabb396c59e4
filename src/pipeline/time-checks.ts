import { FLAG_BAD_TS, FLAG_LAST } from '../abi/flags.js';
import { RowFaultList } from '../audit/row-faults.js';
import type { Core } from '../core/core.js';
import type { StampColumns, StampFacts } from '../core/stamps.js';
import type { RowOrigin } from './gap-findings.js';

export interface TimeCheckOptions {
  readonly table: 'depth' | 'trades';
  /** First ns of the input's UTC day, and of the next one. */
  readonly dayFromNs: bigint;
  readonly dayToNs: bigint;
  /** What the two clocks may be apart. */
  readonly latencyMaxNs: bigint;
}

/** Rows of a slot, one or more, and what their stamps are like. */
export interface StampRows {
  readonly columns: StampColumns;
  readonly rowCount: number;
  readonly facts: StampFacts;
  /** The input's row that a row of the slot is. */
  readonly originOf: (row: number) => RowOrigin;
}

/**
 * Tells stamps that cannot be believed, and marks their rows BAD_TS (MODEL section 5): those whose
 * clocks are further apart than a message can be late, and those outside the day of their file. A
 * recording may run on into the next day, so a row outside counts only if a jump of more than the
 * same limit leads to it and none goes on from it: behind an outage one message is marked, and not the
 * rest of the recording. The rows of one table come in their order.
 */
export class TimeChecks {
  readonly faults = new RowFaultList();
  readonly #core: Core;
  readonly #options: TimeCheckOptions;
  /** ts_recv of the last row that is believed. */
  #before: bigint | null = null;
  /** ts_recv of the row behind it that a jump leads to; rows that go on from there are believed. */
  #behindJump: bigint | null = null;
  /** The row before, if its message goes on. */
  #open: { readonly tsEvent: bigint; readonly origin: RowOrigin } | null = null;

  constructor(core: Core, options: TimeCheckOptions) {
    this.#core = core;
    this.#options = options;
  }

  /** Rows of a slot, one or more. */
  check(rows: StampRows): void {
    if (rows.facts.apartMaxNs > this.#options.latencyMaxNs) this.#markApart(rows);
    this.#checkDay(rows);
  }

  /** Rows of one message have one event time; messages end where LAST is set. */
  checkMessages({ columns, rowCount, facts, originOf }: StampRows): void {
    const { views } = this.#core;
    const { tsEventPtr, flagsPtr } = columns;
    const event = (row: number): bigint => views.i64[tsEventPtr / 8 + row]!;
    const isLast = (row: number): boolean => (views.i32[flagsPtr / 4 + row]! & FLAG_LAST) !== 0;
    if (this.#open !== null && this.#open.tsEvent !== event(0)) {
      this.#mixed(this.#open.origin, this.#open.tsEvent, event(0));
    }
    if (facts.mixedCount > 0) {
      for (let row = 0; row + 1 < rowCount; row++) {
        if (isLast(row) || event(row) === event(row + 1)) continue;
        this.#mixed(originOf(row), event(row), event(row + 1));
      }
    }
    const last = rowCount - 1;
    this.#open = isLast(last) ? null : { tsEvent: event(last), origin: originOf(last) };
  }

  #mixed(origin: RowOrigin, found: bigint, next: bigint): void {
    const reason = `ts_event ${found} and, in the next row of the same message, ${next}`;
    const { table } = this.#options;
    this.faults.add('mixed_message', () => ({ table, ...origin, reason }));
  }

  #markApart({ columns, rowCount, originOf }: StampRows): void {
    const { views } = this.#core;
    const { tsRecvPtr, tsEventPtr } = columns;
    for (let row = 0; row < rowCount; row++) {
      const recv = views.i64[tsRecvPtr / 8 + row]!;
      const event = views.i64[tsEventPtr / 8 + row]!;
      if (distance(recv, event) <= this.#options.latencyMaxNs) continue;
      const reason = `ts_recv ${recv} and ts_event ${event} are further apart than --latency-max`;
      this.#markBad('clocks_apart', columns, row, originOf, reason);
    }
  }

  #checkDay({ columns, rowCount, facts, originOf }: StampRows): void {
    const { views } = this.#core;
    const { dayFromNs, dayToNs, latencyMaxNs } = this.#options;
    const { tsRecvPtr } = columns;
    const recvAt = (row: number): bigint => views.i64[tsRecvPtr / 8 + row]!;
    const isWithin = facts.recvMin >= dayFromNs && facts.recvMax < dayToNs;
    if (isWithin || this.#goesOn(recvAt(0), facts)) {
      this.#believe(recvAt(rowCount - 1));
      return;
    }
    for (let row = 0; row < rowCount; row++) {
      const recv = recvAt(row);
      const isOutside = recv < dayFromNs || recv >= dayToNs;
      if (isOutside && !this.#followsWithin(recv, latencyMaxNs)) {
        const reason = `ts_recv ${recv} lies outside the day of its file, and a jump leads there`;
        this.#markBad('outside_day', columns, row, originOf, reason);
        this.#behindJump = recv;
      } else this.#believe(recv);
    }
  }

  #believe(recv: bigint): void {
    this.#before = recv;
    this.#behindJump = null;
  }

  /** Rows with the stamp of the one behind the jump are of the same message, and prove nothing. */
  #followsWithin(recv: bigint, limitNs: bigint): boolean {
    if (this.#before !== null && distance(recv, this.#before) <= limitNs) return true;
    const jump = this.#behindJump;
    return jump !== null && recv !== jump && distance(recv, jump) <= limitNs;
  }

  /** No jump leads to any of these rows: the recording ran on into the next day. */
  #goesOn(firstRecv: bigint, { stepMaxNs }: StampFacts): boolean {
    const { latencyMaxNs } = this.#options;
    if (this.#before === null || stepMaxNs > latencyMaxNs) return false;
    return distance(this.#before, firstRecv) <= latencyMaxNs;
  }

  #markBad(
    kind: 'outside_day' | 'clocks_apart',
    { flagsPtr }: StampColumns,
    row: number,
    originOf: (row: number) => RowOrigin,
    reason: string,
  ): void {
    this.#core.views.i32[flagsPtr / 4 + row]! |= FLAG_BAD_TS;
    const { table } = this.#options;
    this.faults.add(kind, () => ({ table, ...originOf(row), reason }));
  }
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}
