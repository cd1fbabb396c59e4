import type { CaptureStream } from '../core/text-rows.js';

/** Columns of a capture's rows, by stream, in the order of the CAPTURE_ fields (abi/text-rows). */
export const CAPTURE_COLUMNS: Readonly<Record<CaptureStream, readonly string[]>> = {
  depth: [
    ...['local_ts', 'event_ts', 'transact_ts', 'symbol'],
    ...['first_update_id', 'last_update_id', 'prev_update_id', 'is_snapshot'],
    ...['side', 'price', 'qty'],
  ],
  trade: tradeColumns(),
  ticker: [
    ...['local_ts', 'event_ts', 'transact_ts', 'symbol', 'update_id'],
    ...['bid_price', 'bid_qty', 'ask_price', 'ask_qty'],
  ],
  aggTrade: tradeColumns(),
};

function tradeColumns(): string[] {
  const keys = ['local_ts', 'event_ts', 'transact_ts', 'symbol', 'trade_id'];
  return [...keys, 'price', 'qty', 'buyer_is_maker', 'order_type'];
}

/** Keys of the fields that one value of the message gives; those of levels come from lists. */
const KEYS: Readonly<Record<CaptureStream, readonly (readonly string[])[]>> = {
  depth: [[], ['E'], ['T'], ['s', 'symbol'], ['U'], ['u', 'lastUpdateId'], ['pu']],
  trade: [[], ['E'], ['T'], ['s'], ['t'], ['p'], ['q'], ['m'], ['X']],
  ticker: [[], ['E'], ['T'], ['s'], ['u'], ['b'], ['B'], ['a'], ['A']],
  aggTrade: [[], ['E'], ['T'], ['s'], ['a'], ['p'], ['q'], ['m']],
};

/** A time, and of a reply what was asked for; the message. */
const LINE =
  /^(?:(?:https?:\/\/\S+ -> )?\d{10,19}(?:\.\d+)?:?|\d{4}-\d\d-\d\dT[\d:.]+Z?) +\{.*\}\s*$/;
/** A recording begins with the address of its streams. */
const CONNECTION = /^wss:\/\/[^/]*binance\S* <-> \d/;

/** Whether a text's first line is `<time> <json>`, or that of a recording of Binance's streams. */
export function isCaptureLine(line: string): boolean {
  return LINE.test(line) || CONNECTION.test(line);
}

/** Whether a line is a whole message. */
export function isWholeMessage(line: string): boolean {
  if (!LINE.test(line)) return false;
  try {
    JSON.parse(line.slice(line.indexOf('{')));
    return true;
  } catch {
    // Cut off, or damaged: nothing of it is used.
    return false;
  }
}

/** What a message has for a field of its rows; empty: nothing. For messages, no hot path. */
export function captureField(line: string, stream: CaptureStream, field: number): string {
  if (field === 0) return /^(?:\S+ -> )?([^\s{]*?):?(?:[\s{]|$)/.exec(line)?.[1] ?? '';
  for (const key of KEYS[stream][field] ?? []) {
    const found = new RegExp(`"${key}"\\s*:\\s*(?:"([^"]*)"|([^",}\\]\\s]+))`).exec(line);
    if (found !== null) return found[1] ?? found[2] ?? '';
  }
  return '';
}
