import { describe, expect, test } from 'vitest';
import {
  CURSOR_DICTIONARY_COUNT,
  CURSOR_DICTIONARY_PTR,
  VALUE_TEXT,
} from '#src/abi/column-cursor.js';
import { ENCODING_PLAIN, ENCODING_RLE_DICTIONARY } from '#src/abi/encodings.js';
import { STATUS_CORRUPT, STATUS_TRUNCATED } from '#src/abi/status.js';
import { hybridBytes, levelBytes, textBytes } from '../oracle/page-decode.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS } from './both-builds.js';
import { CursorSandbox } from './page-cursor.js';

const WORDS = ['', 'a', 'buy', 'größe', '\u{1f4c8}', 'BTC-USDT-PERP', '日本', 'x'.repeat(70)];
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Rows as texts, null where there is none; or the -STATUS_ of what refused them. */
function readTexts(
  cursor: CursorSandbox,
  rowCount: number,
  prng: Prng,
  nullable: boolean,
): (string | null)[] | number {
  const { core } = cursor.sandbox;
  const { kernels, views } = core;
  const capacity = rowCount * 80;
  const text = cursor.sandbox.buffer(capacity);
  const offsets = cursor.sandbox.buffer((rowCount + 1) * 4);
  const validity = cursor.sandbox.buffer(Math.ceil(rowCount / 8));
  let at = 0;
  for (let row = 0; row < rowCount; ) {
    const count = Math.min(rowCount - row, prng.int(1, 90));
    const fitting = kernels.cursorTextRows(cursor.cursor, count, capacity - at);
    if (fitting === 0) throw new Error('the texts do not fit');
    const rows = Math.min(count, fitting);
    const status = kernels.cursorReadTexts(cursor.cursor, rows, offsets, text, at, row, validity);
    if (status < 0) return status;
    row += rows;
    at = views.i32[offsets / 4 + row]!;
  }
  return Array.from({ length: rowCount }, (_, row) => {
    const [from, to] = [views.i32[offsets / 4 + row]!, views.i32[offsets / 4 + row + 1]!];
    const isThere = !nullable || ((views.u8[validity + (row >> 3)]! >> (row & 7)) & 1) === 1;
    if (!isThere) return from === to ? null : 'a null with bytes';
    return new TextDecoder().decode(views.bytes(text + from, to - from).slice());
  });
}

function begun(
  module: WebAssembly.Module,
  page: { encoding: number; rowCount: number; values: number[] },
): CursorSandbox {
  const cursor = new CursorSandbox(module, { kind: VALUE_TEXT });
  expect(cursor.begin({ ...page, levels: null })).toBe(page.rowCount);
  return cursor;
}

describe.each(BUILDS)('texts ($build)', ({ module }) => {
  test.each([ENCODING_PLAIN, ENCODING_RLE_DICTIONARY])(
    'of encoding %i are read in pieces',
    (encoding) => {
      const prng = createPrng();
      for (const nullable of [false, true]) {
        for (const rowCount of [0, 1, 8, 9, 300]) {
          const present = Array.from({ length: rowCount }, () => !nullable || prng.chance(0.7));
          const codes = present.filter(Boolean).map(() => prng.int(0, WORDS.length));
          const words = codes.map((code) => utf8(WORDS[code]!));
          const isPlain = encoding === ENCODING_PLAIN;
          const values = isPlain ? textBytes(words) : [3, ...hybridBytes(prng, codes, 3)];
          const cursor = new CursorSandbox(module, { kind: VALUE_TEXT, nullable });
          if (!isPlain) {
            const entries = textBytes(WORDS.map(utf8));
            expect(cursor.dictionary(entries, WORDS.length)).toBe(WORDS.length);
          }
          const levels = nullable ? levelBytes(prng, present, 2) : [];
          expect(cursor.begin({ encoding, rowCount, levels, values })).toBe(rowCount);
          let next = 0;
          const wanted = present.map((isThere) => (isThere ? WORDS[codes[next++]!]! : null));
          const found = readTexts(cursor, rowCount, prng, nullable);
          expect(found, `seed ${prng.seed}`).toEqual(wanted);
          expect(cursor.sandbox.trespasses()).toEqual([]);
        }
      }
    },
  );

  test('that are cut are refused', () => {
    const prng = createPrng();
    const values = textBytes(WORDS.map(utf8));
    for (let length = 0; length < values.length; length++) {
      const page = { encoding: ENCODING_PLAIN, rowCount: 8, values: values.slice(0, length) };
      const cursor = begun(module, page);
      expect(readTexts(cursor, 8, prng, false), `${length} bytes`).toBe(-STATUS_TRUNCATED);
      expect(cursor.sandbox.trespasses()).toEqual([]);
    }
  });

  test('are UTF-8, each of them by itself, in pages and in dictionaries', () => {
    const prng = createPrng();
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const isUtf8 = (bytes: Uint8Array): boolean => {
      try {
        decoder.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const texts = [
      ...[
        'c080',
        'c1bf',
        'e08080',
        'e09fbf',
        'eda080',
        'edbfbf',
        'f0808080',
        'f4908080',
        'f5808080',
      ],
      ...['80', 'bf', 'c3', 'e282', 'f09f93', 'c3c3', 'e28228', 'ff', '6161616161616161c3'],
      ...['c3b6', 'e0a080', 'ed9fbf', 'ee8080', 'efbfbf', 'f0908080', 'f48fbfbf', '00', '7f'],
    ].map((hex) => new Uint8Array(Buffer.from(hex, 'hex')));
    for (let i = 0; i < 400; i++) {
      const noise = Uint8Array.from({ length: prng.int(1, 20) }, () =>
        prng.chance(0.6)
          ? prng.int(32, 127)
          : prng.pick([0xc3, 0xb6, 0xe2, 0x82, 0xac, 0xf0, 0x9f]),
      );
      texts.push(noise);
    }
    for (const text of texts) {
      const at = `${Buffer.from(text).toString('hex')}, seed ${prng.seed}`;
      const bytes = textBytes([utf8('ö'), text]);
      const cursor = begun(module, { encoding: ENCODING_PLAIN, rowCount: 2, values: bytes });
      const found = readTexts(cursor, 2, prng, false);
      const isGood = isUtf8(text);
      if (isGood) expect(found, at).toHaveLength(2);
      else expect(found, at).toBe(-STATUS_CORRUPT);
      const dictionary = new CursorSandbox(module, { kind: VALUE_TEXT });
      expect(dictionary.dictionary(bytes, 2), at).toBe(isGood ? 2 : -STATUS_CORRUPT);
    }
  });

  test('of a dictionary that claims more entries than it has bytes for are refused', () => {
    // As many entries as bytes: their offsets alone would run over the room for the dictionary.
    const bytes = textBytes(Array.from({ length: 40 }, () => utf8('0123456789')));
    for (const count of [41, 100, bytes.length]) {
      const cursor = new CursorSandbox(module, { kind: VALUE_TEXT });
      expect(cursor.dictionary(bytes, count)).toBe(-STATUS_TRUNCATED);
      expect(cursor.sandbox.trespasses()).toEqual([]);
    }
  });

  test('have codes of the dictionary, and nothing but runs behind the last', () => {
    const prng = createPrng();
    const dictionary = textBytes(WORDS.map(utf8));
    const read = (values: number[]): unknown => {
      const cursor = new CursorSandbox(module, { kind: VALUE_TEXT });
      cursor.dictionary(dictionary, WORDS.length);
      const page = { encoding: ENCODING_RLE_DICTIONARY, rowCount: 5, levels: null, values };
      const status = cursor.begin(page);
      return status < 0 ? status : readTexts(cursor, 5, prng, false);
    };
    const buys = ['buy', 'buy', 'buy', 'buy', 'buy'];
    expect(read([8, 10, 2])).toEqual(buys);
    expect(read([8, 10, 2, 0, 0, 0])).toEqual(buys);
    expect(read([8, 10, 2, 4, 1])).toEqual(buys);
    expect(read([8, 10, 8])).toBe(-STATUS_CORRUPT);
    expect(read([8, 10, 2, 4])).toBe(-STATUS_TRUNCATED);
    expect(read([33, 10, 2, 0, 0, 0, 0])).toBe(-STATUS_CORRUPT);
    const none = new CursorSandbox(module, { kind: VALUE_TEXT });
    none.set(CURSOR_DICTIONARY_PTR, 0);
    none.set(CURSOR_DICTIONARY_COUNT, 0);
    none.begin({ encoding: ENCODING_RLE_DICTIONARY, rowCount: 1, levels: null, values: [1, 2, 0] });
    expect(readTexts(none, 1, prng, false)).toBe(-STATUS_CORRUPT);
  });
});
