import { textOfPips } from '../units/decimal.js';
import { formatInstantNs } from '../units/instant.js';
import type { BookMoment } from '../worker/book-at.js';
import { flagNames } from './flag-names.js';
import { formatCount, formatDurationNs } from './format.js';
import { oneLine } from './one-line.js';

/** Columns of a reader whose screen is not known. */
const WIDTH_DEFAULT = 80;
const BAR_MAX = 40;
/** Blanks and the line between bids and asks. */
const GAPS = 11;
const GREEN = '\u001b[32m';
const RED = '\u001b[31m';
const PLAIN = '\u001b[0m';

export interface BookTextOptions {
  /** Columns of the screen; null: not known. */
  readonly width: number | null;
  readonly colour: boolean;
}

/** A book for people: what is known of the moment, then its levels side by side with bars. */
export function renderBook(moment: BookMoment, options: BookTextOptions): string {
  const lines = [titleOf(moment), ...factsOf(moment).map((fact) => `  ${fact}`)].map(oneLine);
  const { bids, asks } = moment;
  if (bids.length + asks.length > 0) lines.push('', ...levelLines(moment, options));
  return lines.join('\n');
}

function titleOf({ exchange, symbol, atNs }: BookMoment): string {
  return `${exchange} ${symbol} at ${formatInstantNs(atNs)}`;
}

function factsOf(moment: BookMoment): string[] {
  const { last, state, atNs, from, rowsReplayed } = moment;
  if (last === null) return ['unseeded: nothing had been received'];
  const marks = flagNames(last.flags);
  const sequence = last.sequence === null ? '' : `, sequence ${last.sequence}`;
  const facts = [
    `${state}${state === 'unseeded' ? ': no snapshot had been seen, so there is no book' : ''}` +
      `${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`,
    `last message ${formatDurationNs(atNs - last.tsRecv)} before, of ${moment.dt}${sequence}`,
    `  received ${formatInstantNs(last.tsRecv)}, stamped ${formatInstantNs(last.tsEvent)}`,
  ];
  if (state !== 'unseeded') {
    const behind = `${formatCount(rowsReplayed)} rows`;
    facts.push(
      from === null
        ? `from the beginning and ${behind}`
        : `from keyframe ${from.keyframe} of ${from.dt} and ${behind} behind it`,
      `${formatCount(moment.bidCount)} bids, ${formatCount(moment.askCount)} asks, digest ` +
        moment.digest,
    );
  }
  return facts;
}

/** A level as it is drawn. */
interface Cell {
  readonly price: string;
  readonly qty: string;
  /** Of the largest quantity shown. */
  readonly share: number;
}

const NO_LEVEL: Cell = { price: '', qty: '', share: 0 };

function levelLines(moment: BookMoment, { width, colour }: BookTextOptions): string[] {
  const { bids, asks } = cellsOf(moment);
  const all = [...bids, ...asks];
  const priceWidth = Math.max(...all.map(({ price }) => price.length));
  const qtyWidth = Math.max(...all.map(({ qty }) => qty.length));
  const room = (width ?? WIDTH_DEFAULT) - 2 * (priceWidth + qtyWidth) - GAPS;
  const barWidth = Math.max(0, Math.min(BAR_MAX, Math.floor(room / 2)));
  const paint = (text: string, code: string): string =>
    colour && text !== '' ? `${code}${text}${PLAIN}` : text;
  return Array.from({ length: Math.max(bids.length, asks.length) }, (_, row) => {
    const [bid, ask] = [bids[row] ?? NO_LEVEL, asks[row] ?? NO_LEVEL];
    const halves = Math.round(bid.share * barWidth * 2);
    const bidBar = `${halves % 2 === 1 ? '▐' : ''}${'█'.repeat(halves >> 1)}`;
    const blanks = ' '.repeat(barWidth - bidBar.length);
    const askHalves = Math.round(ask.share * barWidth * 2);
    const askBar = `${'█'.repeat(askHalves >> 1)}${askHalves % 2 === 1 ? '▌' : ''}`;
    const left = `${bid.qty.padStart(qtyWidth)}  ${bid.price.padStart(priceWidth)}`;
    const right = `${ask.price.padStart(priceWidth)}  ${ask.qty.padStart(qtyWidth)}`;
    const line = `${blanks}${paint(bidBar, GREEN)}  ${left} │ ${right}  ${paint(askBar, RED)}`;
    return line.trimEnd();
  });
}

function cellsOf({ bids, asks, scales }: BookMoment): { bids: Cell[]; asks: Cell[] } {
  const levels = [...bids, ...asks];
  const prices = aligned(levels.map(({ pricePips }) => textOfPips(pricePips, scales.price)));
  const qtys = aligned(levels.map(({ qtyPips }) => textOfPips(qtyPips, scales.qty)));
  const largest = Math.max(...levels.map(({ qtyPips }) => Number(qtyPips)));
  const cells = levels.map(({ qtyPips }, k) => ({
    price: prices[k]!,
    qty: qtys[k]!,
    share: Number(qtyPips) / largest,
  }));
  return { bids: cells.slice(0, bids.length), asks: cells.slice(bids.length) };
}

/** All with as many decimals as the longest of them, so that points stand below each other. */
function aligned(texts: readonly string[]): string[] {
  const decimalsOf = (text: string): number => {
    const point = text.indexOf('.');
    return point < 0 ? 0 : text.length - point - 1;
  };
  const decimals = Math.max(...texts.map(decimalsOf));
  return texts.map((text) => {
    const point = decimals > 0 && !text.includes('.') ? '.' : '';
    return `${text}${point}${'0'.repeat(decimals - decimalsOf(text))}`;
  });
}
