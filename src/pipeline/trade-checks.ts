import { STAMPS_BLOCK_BYTES } from '../abi/stamps.js';
import type { GapFinding, InstrumentAudit } from '../audit/types.js';
import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import { StampCounter } from '../core/stamps.js';
import { tradesLayout } from '../dialects/tables.js';
import type { InstrumentDay } from '../dialects/types.js';
import type { Arena } from '../memory/arena.js';
import { columnPlace } from '../memory/column-layout.js';
import { type FilePlace, refuseOverlap } from './file-overlaps.js';
import type { RowOrigin } from './gap-findings.js';
import { TimeChecks } from './time-checks.js';

/** Sources whose trade ids go up by one: Binance's own trades and aggregate trades. */
const COUNTED_BY_ONE: ReadonlySet<InstrumentDay['dialect']> = new Set([
  'binance-csv',
  'binance-capture',
  'flat',
]);

/** What the ids of a day's trades can tell. */
export function tradeIdsOf({
  dialect,
  exchange,
  tradeIds,
}: TradeCheckOptions['day']): Exclude<InstrumentAudit['trade_ids'], 'none'> {
  if (tradeIds === 'text') return 'text';
  return COUNTED_BY_ONE.has(dialect) && /^binance/i.test(exchange) ? 'counted' : 'uncounted';
}

export interface TradeCheckOptions {
  readonly day: Pick<InstrumentDay, 'dialect' | 'exchange' | 'tradeIds'>;
  readonly dayFromNs: bigint;
  readonly dayToNs: bigint;
  readonly latencyMaxNs: bigint;
}

/** A trade whose id is counted. */
export interface CountedTrade {
  readonly id: bigint;
  readonly tsRecv: bigint;
}

/** Rows of trades in a slot, and which rows of which file they are. */
export interface TradeRows {
  readonly slotPtr: number;
  readonly rowCount: number;
  readonly originOf: (row: number) => RowOrigin;
}

/**
 * Tells stamps of trades that cannot be believed, and, where ids go up by one, trades that are lost
 * or have the id of another. All trades are written, whatever is found; but a file that overlaps the one before it
 * is refused where no ids would tell.
 */
export class TradeChecks {
  readonly gaps: GapFinding[] = [];
  readonly times: TimeChecks;
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #stampsPtr: number;
  readonly #stamps: StampCounter;
  readonly #isCounted: boolean;
  readonly #offsets: Readonly<Record<'tsRecv' | 'tsEvent' | 'tradeId' | 'flags', number>>;
  readonly #mayOverlap: boolean;
  #last: FilePlace | null = null;
  #first: (CountedTrade & RowOrigin) | null = null;
  #before: CountedTrade | null = null;

  constructor(core: Core, arena: Arena, { day, ...times }: TradeCheckOptions) {
    this.#core = core;
    this.#arena = arena;
    this.#stampsPtr = arena.allocate(STAMPS_BLOCK_BYTES);
    this.#stamps = new StampCounter(core, this.#stampsPtr);
    this.#isCounted = tradeIdsOf(day) === 'counted';
    // Ids that go up by one tell of each trade that comes twice; planning looks at tables of ours.
    this.#mayOverlap = this.#isCounted || day.dialect === 'depthmill';
    this.times = new TimeChecks(core, { table: 'trades', ...times });
    const offset = (name: string): number => columnPlace(tradesLayout(), name).valuesOffset;
    this.#offsets = {
      tsRecv: offset('ts_recv'),
      tsEvent: offset('ts_event'),
      tradeId: offset('trade_id'),
      flags: offset('flags'),
    };
  }

  /** The day's first and last trade, in the order of its files; null: its ids are not counted. */
  get ends(): { readonly first: CountedTrade & RowOrigin; readonly last: CountedTrade } | null {
    return this.#first && this.#before && { first: this.#first, last: this.#before };
  }

  /** @throws InputError ERR_INPUT_OVERLAP: see refuseOverlap */
  check({ slotPtr, rowCount, originOf }: TradeRows): void {
    if (rowCount === 0) return;
    const { tsRecv, tsEvent, tradeId, flags } = this.#offsets;
    const tsRecvPtr = slotPtr + tsRecv;
    const columns = { tsRecvPtr, tsEventPtr: slotPtr + tsEvent, flagsPtr: slotPtr + flags };
    // No messages: each trade stands for itself.
    const facts = this.#stamps.add({ ...columns, flagsPtr: 0 }, rowCount);
    this.times.check({ columns, rowCount, facts, originOf });
    if (this.#isCounted) this.#checkIds(slotPtr + tradeId, tsRecvPtr, rowCount, originOf);
    if (this.#mayOverlap) return;
    const placeOf = (row: number): FilePlace => {
      const { file } = originOf(row);
      return { file, tsRecv: this.#core.views.i64[tsRecvPtr / 8 + row]! };
    };
    if (this.#last !== null) refuseOverlap(this.#last, placeOf(0));
    this.#last = placeOf(rowCount - 1);
  }

  /** Gives its memory back; what was found stays. */
  close(): void {
    this.#arena.free(this.#stampsPtr, STAMPS_BLOCK_BYTES);
  }

  #checkIds(
    idPtr: number,
    tsRecvPtr: number,
    rowCount: number,
    originOf: TradeRows['originOf'],
  ): void {
    const { kernels, views } = this.#core;
    const at = (row: number) => ({
      id: views.i64[idPtr / 8 + row]!,
      tsRecv: views.i64[tsRecvPtr / 8 + row]!,
    });
    const isBroken = countOf('idsBroken', kernels.idsBroken(idPtr, rowCount)) > 0;
    this.#first ??= { ...at(0), ...originOf(0) };
    for (let row = 0; row < (isBroken ? rowCount : 1); row++) {
      const here = at(row);
      if (this.#before !== null) this.#follows(this.#before, here, () => originOf(row));
      this.#before = here;
    }
    this.#before = at(rowCount - 1);
  }

  #follows(before: CountedTrade, here: CountedTrade, originOf: () => RowOrigin): void {
    if (here.id === before.id + 1n) return;
    if (here.id <= before.id) {
      const kind = here.id === before.id ? 'trade_id_twice' : 'trade_id_back';
      const reason = `trade id ${here.id} behind ${before.id}`;
      this.times.faults.add(kind, () => ({ table: 'trades', ...originOf(), reason }));
      return;
    }
    this.gaps.push(tradeGap(before, { ...here, ...originOf() }));
  }
}

/** Trades that are lost between two. */
export function tradeGap(before: CountedTrade, here: CountedTrade & RowOrigin): GapFinding {
  const { file, row } = here;
  return {
    kind: 'gap',
    proven: true,
    sequence_before: before.id,
    sequence_after: here.id,
    missing: here.id - before.id - 1n,
    ts_recv_before: before.tsRecv,
    ts_recv_after: here.tsRecv,
    file,
    row,
    reason: 'trade ids do not continue',
  };
}
