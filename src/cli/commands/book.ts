import { UsageError } from '../../errors/errors.js';
import { textOfPips } from '../../units/decimal.js';
import { toJson } from '../../units/json.js';
import { type BookMoment, bookAt } from '../../worker/book-at.js';
import { flagOf, textOf } from '../arguments.js';
import { renderBook } from '../book-text.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { flagNames } from '../flag-names.js';
import { INPUT_OPTIONS, inputOptionsOf, JSON_OPTION, textOption } from '../options.js';
import { parseCount, parseTimeNs } from '../parse.js';
import { printLine, showsColour, terminalWidth } from '../terminal.js';

const DEPTH_DEFAULT = 10;

export const bookCommand: Command = {
  name: 'book',
  describe: 'Show the book of an instrument at a moment, out of an output folder',
  positional: { name: 'input', describe: 'An output folder with the table depth', many: false },
  options: {
    at: textOption('The moment: ISO 8601 or ns, by ts_recv, UTC'),
    depth: textOption(`Levels a side (default: ${DEPTH_DEFAULT})`),
    exchange: INPUT_OPTIONS.exchange,
    symbol: INPUT_OPTIONS.symbol,
    json: JSON_OPTION,
  },
  examples: [
    ['book out --at 2026-04-01T09:30:00Z', 'Ten levels a side, with bars for the quantities'],
    ['book out --symbol BTC-USDT --at 2026-04-01T09:30:00.000000001 --depth 50', 'Of several'],
    ['book out --at 1775035800000000000 --json', 'Prices and quantities as decimal strings'],
    ['run data/lake -o out --tables all', 'Keyframes, which make it fast, are written on demand'],
  ],
  async execute(args) {
    const at = textOf(args, 'at');
    if (at === null) throw new UsageError('ERR_USAGE', 'book needs a moment: --at TIME.');
    const depth = textOf(args, 'depth');
    const moment = await bookAt({
      out: textOf(args, 'input') ?? '',
      atNs: parseTimeNs(at, '--at'),
      depth:
        depth === null ? DEPTH_DEFAULT : parseCount(depth, '--depth', 1, Number.MAX_SAFE_INTEGER),
      selection: inputOptionsOf(args).selection,
    });
    const text = flagOf(args, 'json')
      ? toJson(bookJson(moment), 2)
      : renderBook(moment, { width: terminalWidth(), colour: showsColour() });
    printLine(text);
    return EXIT.done;
  },
};

/** int64 and decimals are texts, as in all JSON of depthmill. */
function bookJson(moment: BookMoment) {
  const { exchange, symbol, dt, atNs, state, last, scales, from } = moment;
  const levels = (side: BookMoment['bids']) =>
    side.map(({ pricePips, qtyPips }) => ({
      price: textOfPips(pricePips, scales.price),
      qty: textOfPips(qtyPips, scales.qty),
    }));
  return {
    schema: 'depthmill-book/1',
    exchange,
    symbol,
    dt,
    at: atNs,
    state,
    marks: last === null ? [] : flagNames(last.flags),
    age_ns: last && atNs - last.tsRecv,
    last: last && { ts_recv: last.tsRecv, ts_event: last.tsEvent, sequence: last.sequence },
    scales,
    bid_levels: moment.bidCount,
    ask_levels: moment.askCount,
    digest: moment.digest,
    from: from && {
      dt: from.dt,
      keyframe: from.keyframe,
      known_bid: from.knownBidPips && textOfPips(from.knownBidPips, scales.price),
      known_ask: from.knownAskPips && textOfPips(from.knownAskPips, scales.price),
    },
    rows_replayed: moment.rowsReplayed,
    bids: levels(moment.bids),
    asks: levels(moment.asks),
  };
}
