import { describe, expect, it } from 'vitest';
import { CAPTURE_FIELDS, CAPTURE_TEXT_BYTES_MAX } from '#src/abi/text-rows.js';
import { type CaptureStream, TEXT_PAD_BYTES, TextRows } from '#src/core/text-rows.js';
import { CAPTURE_COLUMNS } from '#src/text/capture-lines.js';
import { captureRowsOf } from '../oracle/capture-rows.js';
import type { TwinRow } from '../oracle/text-rows.js';
import { createPrng } from '../prng.js';
import { BUILDS, Sandbox } from './both-builds.js';

const STREAMS: readonly CaptureStream[] = ['depth', 'trade', 'ticker', 'aggTrade'];

/** Rows of a text's lines as the kernel finds them, every field as text. */
function read(
  module: WebAssembly.Module,
  text: string,
  stream: CaptureStream,
  rowsMax = 64,
): TwinRow[] {
  const sandbox = new Sandbox(module, 2 ** 20);
  const { core } = sandbox;
  const fieldCount = CAPTURE_FIELDS;
  const textBytesMax = rowsMax * CAPTURE_TEXT_BYTES_MAX;
  const targets = CAPTURE_COLUMNS[stream].map((_name, field) => ({
    field,
    kind: 'text' as const,
    valuesPtr: sandbox.buffer(textBytesMax + 16),
    offsetsPtr: sandbox.buffer((rowsMax + 1) * 4),
    validityPtr: sandbox.buffer(rowsMax / 8),
    textBytesMax,
  }));
  const statePtr = sandbox.buffer(TextRows.byteLength(fieldCount, targets.length, rowsMax));
  const rows = new TextRows(core, statePtr, { fieldCount, lines: { stream }, targets, rowsMax });
  const bytes = new TextEncoder().encode(text);
  const textPtr = sandbox.buffer(bytes.length + 2 * TEXT_PAD_BYTES) + TEXT_PAD_BYTES;
  core.views.u8.set(bytes, textPtr);
  rows.setText(textPtr, bytes.length);
  const found: TwinRow[] = [];
  for (let count = rows.next(); count > 0; count = rows.next()) {
    const { u8, i32 } = core.views;
    for (let row = 0; row < count; row++) {
      const fields = targets.map(({ valuesPtr, offsetsPtr, validityPtr }) => {
        if (((u8[validityPtr + (row >> 3)]! >> (row & 7)) & 1) === 0) return null;
        const [start, end] = [i32[offsetsPtr / 4 + row]!, i32[offsetsPtr / 4 + row + 1]!];
        return new TextDecoder().decode(u8.slice(valuesPtr + start, valuesPtr + end));
      });
      found.push(rows.isBroken(row) ? { broken: true } : { fields });
    }
  }
  expect(sandbox.trespasses()).toEqual([]);
  expect(rows.at - textPtr).toBe(text.lastIndexOf('\n') + 1);
  return found;
}

const T = '1723161255088156767';
const SECONDS = '1626992741.081672';
const ASKED = 'https://fapi.binance.com/fapi/v1/depth?symbol=SUSHIUSDT';
const DEPTH = `{"stream":"ethusdt@depth@0ms","data":{"e":"depthUpdate","E":17,"T":16,"s":"ETHUSDT","U":5123107832349,"u":5123107837896,"pu":5123107832175,"b":[["200.00","10.229"],["707.81","0.170"]],"a":[["2681.63","43"]]}}`;
const SPOT = `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":17,"s":"BTCUSDT","U":5,"u":9,"b":[],"a":[["61837.64000000","1.5"]]}}`;
const SNAPSHOT = `{"lastUpdateId":50093239218,"bids":[["61837.63","3.7"],["61837.62","0.6",[]]],"asks":[["61837.64","1"]]}`;
const TRADE = `{"stream":"ethusdt@trade","data":{"e":"trade","E":1,"T":2,"s":"ETHUSDT","t":4308068523,"p":"2681.62","q":"1.000","X":"MARKET","m":true}}`;
const TICKER = `{"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63","B":"3.7","a":"61837.64","A":"1.5"}}`;
const AGG = `{"e":"aggTrade","E":1,"s":"BTCUSDT","a":26129,"p":"0.01633102","q":"4.70443515","f":27781,"l":27781,"T":2,"m":true,"M":true}`;

const MESSAGES = [DEPTH, SPOT, SNAPSHOT, TRADE, TICKER, AGG];

describe.each(BUILDS)('captureRows ($build)', ({ module }) => {
  it.each([
    ['updates of futures and of spot', [`${T} ${DEPTH}`, `${T} ${SPOT}`]],
    ['a snapshot', [`${T} ${SNAPSHOT}`]],
    ['trades, aggregates and tickers', [`${T} ${TRADE}`, `${T} ${AGG}`, `${T} ${TICKER}`]],
    [
      'raw streams',
      [DEPTH, TRADE, TICKER].map((text) => `${T} ${JSON.stringify(JSON.parse(text).data)}`),
    ],
    ['blanks', [`${T}   ${DEPTH.replaceAll(':', ' : ').replaceAll(',', ' , ')}  `, '', '   ']],
    ['CR LF', [`${T} ${DEPTH}\r`, '\r']],
    [
      'an update and a snapshot without levels',
      [
        `${T} ${SPOT.replace(/"a":\[.*\]\]/, '"a":[]')}`,
        `${T} {"lastUpdateId":7,"bids":[],"asks":[]}`,
      ],
    ],
    ['one side alone', [`${T} ${SPOT.replace('"b":[],', '')}`]],
    [
      'levels as numbers',
      [
        `${T} {"lastUpdateId":7,"bids":[[1.50,2],[3,4.0]],"asks":[]}`
          .replaceAll('.50', '.5')
          .replaceAll('.0', ''),
      ],
    ],
    [
      'the top of a book',
      [
        `${T} ${DEPTH.replace('@depth@', '@depth20@')}`,
        `${T} {"stream":"btcusdt@depth5","data":${SNAPSHOT}}`,
      ],
    ],
    [
      'snapshots that are wrapped as their recorder does it, their symbols named or not',
      [
        `${T} {"stream":"btcusdt@depthSnapshot","generated":true,"data":${SNAPSHOT}}`,
        `${T} {"stream":"ethusdt@depthSnapshot","data":${SNAPSHOT.replace('{', '{"symbol":"ETHUSD_PERP",')}}`,
        `${T} {"stream":"@depthSnapshot","data":${SNAPSHOT}}`,
        `${T} {"stream":"a1_b@depthSnapshot@1000ms","data":{"lastUpdateId":7,"bids":[],"asks":[]}}`,
        `${T} {"stream":"btcusdt@depthSnapshots","data":${SNAPSHOT}}`,
        `${T} {"stream":"btcusdt@depthSnapshot","data":{"lastUpdateId":7}}`,
        `${T} {"stream":"btcusdt@depthSnapshot","data":${SNAPSHOT.slice(0, -9)}`,
      ],
    ],
    [
      'ISO times',
      [
        `2019-11-19T00:00:04.7234590Z ${DEPTH}`,
        `2019-11-19T00:00:04.7234590Z{"a":1}`,
        `2019-11-19T00:00:04.7234590Z`,
        `2019-11-19T00:00:05Z  ${TRADE}`,
      ],
    ],
    [
      'other events',
      [
        `${T} {"stream":"btcusdt@markPrice","data":{"e":"markPriceUpdate","p":"1"}}`,
        `${T} {"e":"kline","k":{"b":[["1","2"]]}}`,
        `${T} {"result":null,"id":1}`,
      ],
    ],
    [
      'recordings with seconds, addresses and connections',
      [
        'wss://fstream.binance.com/stream?streams=sushiusdt@depth@100ms <-> 1626992740.179554',
        `${SECONDS}: ${DEPTH}`,
        `${SECONDS} ${TRADE}`,
        `17: ${TICKER}`,
        `${ASKED}&limit=1000 -> ${SECONDS}: ${SNAPSHOT}`,
        `${ASKED} -> ${SECONDS}: ${SNAPSHOT}`,
        `${ASKED} -> ${SECONDS}: ${SNAPSHOT.replace('{', '{"symbol":"ETHUSD_PERP",')}`,
        `https://fapi.binance.com/fapi/v1/time -> ${SECONDS}: {"serverTime":1}`,
        `https://fapi.binance.com/fapi/v1/depth?symbol=&limit=5 -> ${SECONDS}: ${SNAPSHOT}`,
        `https://fapi.binance.com/fapi/v1/depth -> ${SECONDS}: ${SNAPSHOT}`,
      ],
    ],
    [
      'damaged lines of recordings',
      [
        `${ASKED} ${SECONDS}: ${SNAPSHOT}`,
        `${ASKED} -> ${SNAPSHOT}`,
        `${SECONDS}:${DEPTH}`,
        `1626992741.: ${DEPTH}`,
        `.081672: ${DEPTH}`,
        `1626992741.08.1: ${DEPTH}`,
        `${SECONDS}:: ${DEPTH}`,
      ],
    ],
    [
      'damaged lines',
      [
        'nonsense',
        DEPTH,
        `${T}${DEPTH}`,
        `${T} ${DEPTH.slice(0, -1)}`,
        `${T} ${DEPTH.slice(0, 100)}`,
        `${T} ${DEPTH}}`,
        `${T} ${TRADE.slice(0, -3)}`,
        `${T} ${TICKER.replace(',"b"', '"b"')}`,
        `${T} ${DEPTH.replace('"U"', '"V"')}`,
        `${T} ${DEPTH.replace('"10.229"]', ']')}`,
        `${T} {"lastUpdateId":7,"bids":{},"asks":[]}`,
      ],
    ],
    ['a line without its end', [`${T} ${TRADE}`, `${T} ${DEPTH}`].map((text) => text)],
  ])('%s', (_what, lines) => {
    const text = `${lines.join('\n')}\n`;
    for (const stream of STREAMS) {
      expect(read(module, text, stream), stream).toEqual(captureRowsOf(text, stream));
    }
    const open = text.slice(0, -1);
    for (const stream of STREAMS) {
      expect(read(module, open, stream), stream).toEqual(captureRowsOf(open, stream));
    }
  });

  it('counts a damaged line once, whatever was cut off', () => {
    for (const message of MESSAGES) {
      const line = `${T} ${message}`;
      for (let cut = 1; cut < line.length; cut++) {
        const text = `${line.slice(0, cut)}\n`;
        const broken = STREAMS.flatMap((stream) => read(module, text, stream)).filter(
          (row) => 'broken' in row,
        );
        expect(broken.length, text).toBe(1);
      }
    }
  });

  it('goes on where a run was full', () => {
    const prng = createPrng();
    for (let round = 0; round < 50; round++) {
      const lines = Array.from({ length: 30 }, () => `${T} ${prng.pick(MESSAGES)}`);
      const text = `${lines.join('\n')}\n`;
      for (const stream of STREAMS) {
        const note = `seed ${prng.seed}, round ${round}, ${stream}`;
        expect(read(module, text, stream, 8), note).toEqual(captureRowsOf(text, stream));
      }
    }
  });

  it('never writes or reads where it should not, whatever the bytes are', () => {
    const prng = createPrng();
    for (let round = 0; round < 500; round++) {
      const bytes = [...`${T} ${prng.pick(MESSAGES)}\n`.repeat(3)];
      for (let change = prng.int(1, 6); change > 0; change--) {
        bytes[prng.int(0, bytes.length)] = prng.pick([...'"{}[],:\\ \n0a']);
      }
      const text = bytes.join('');
      for (const stream of STREAMS) read(module, text, stream);
    }
  });

  it('refuses a field that is longer than any value', () => {
    const long = '9'.repeat(CAPTURE_TEXT_BYTES_MAX + 1);
    for (const text of [DEPTH.replace('200.00', long), DEPTH.replace('ETHUSDT', long)]) {
      expect(read(module, `${T} ${text}\n`, 'depth')).toEqual([{ broken: true }]);
    }
    const trade = `${T} ${TRADE.replace('2681.62', long)}\n`;
    expect(read(module, trade, 'trade')).toEqual([{ broken: true }]);
  });
});
