import { CAPTURE_PRICE, CAPTURE_QTY } from '../abi/text-rows.js';
import type { CaptureStream } from '../core/text-rows.js';

/** Columns of a capture's rows, by stream, in the order of the CAPTURE_ fields (abi/text-rows). */
export const CAPTURE_COLUMNS: Readonly<Record<CaptureStream, readonly string[]>> = {
  depth: [
    ...['local_ts', 'event_ts', 'transact_ts', 'symbol'],
    ...['first_update_id', 'last_update_id', 'prev_update_id', 'is_snapshot'],
    ...['side', 'price', 'qty', 'line_ends'],
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

/**
 * What a line has for a field of one of its rows (from 0); empty: nothing. For what people read, no
 * hot path.
 */
export function captureField(
  line: string,
  stream: CaptureStream,
  { field, row }: { readonly field: number; readonly row: number },
): string {
  const ofLevel = stream === 'depth' ? [CAPTURE_PRICE, CAPTURE_QTY].indexOf(field) : -1;
  if (ofLevel !== -1) return levelText(line, row, ofLevel);
  if (field === 0) return /^(?:\S+ -> )?([^\s{]*?):?(?:[\s{]|$)/.exec(line)?.[1] ?? '';
  for (const key of KEYS[stream][field] ?? []) {
    const found = new RegExp(`"${key}"\\s*:\\s*(?:"([^"]*)"|([^",}\\]\\s]+))`).exec(line);
    if (found !== null) return found[1] ?? found[2] ?? '';
  }
  return '';
}

/** Price (0) or quantity (1) of a line's n-th level, bids before asks. */
function levelText(line: string, row: number, part: number): string {
  try {
    const outer = JSON.parse(line.slice(line.indexOf('{')));
    const { b, bids, a, asks } = outer.data ?? outer;
    const text = [...(b ?? bids ?? []), ...(a ?? asks ?? [])][row]?.[part];
    return text == null ? '' : String(text);
  } catch {
    return '';
  }
}
