import { describe, expect, it } from 'vitest';
import { TEXT_PAD_BYTES, TextRows, type TextTarget } from '#src/core/text-rows.js';
import { integerOf, splitRows, stampOf, type TwinRow } from '../oracle/text-rows.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, Sandbox } from './both-builds.js';

type Kind = 'int64' | 'text' | 'stamp';

interface ReadOptions {
  readonly fieldCount: number;
  readonly kinds: readonly { field: number; kind: Kind }[];
  readonly delimiter?: string;
  readonly rowsMax?: number;
  readonly textBytesMax?: number;
}

interface ReadResult {
  /** By row, then by target; 'broken' for a line that is no row. */
  readonly rows: readonly (readonly (bigint | string | null)[] | 'broken')[];
  readonly invalid: number;
  readonly consumed: number;
  readonly emptyLines: number;
}

/** Takes a text apart with the kernel, run by run. */
function read(module: WebAssembly.Module, text: string, options: ReadOptions): ReadResult {
  const { fieldCount, kinds, delimiter = ',', rowsMax = 64, textBytesMax = 4_096 } = options;
  const sandbox = new Sandbox(module, 2 ** 20);
  const { core } = sandbox;
  const targets = kinds.map(({ field, kind }): TextTarget => {
    const isText = kind === 'text';
    return {
      field,
      kind,
      valuesPtr: sandbox.buffer(isText ? textBytesMax + 16 : rowsMax * 8),
      offsetsPtr: isText ? sandbox.buffer((rowsMax + 1) * 4) : 0,
      validityPtr: sandbox.buffer(rowsMax / 8),
      textBytesMax: isText ? textBytesMax : 0,
    };
  });
  const statePtr = sandbox.buffer(TextRows.byteLength(fieldCount, targets.length, rowsMax));
  const rows = new TextRows(core, statePtr, {
    fieldCount,
    lines: { delimiter: delimiter.charCodeAt(0) },
    targets,
    rowsMax,
  });
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const base = sandbox.buffer(bytes.length + 2 * TEXT_PAD_BYTES, { skew: text.length % 7 });
  const textPtr = base + TEXT_PAD_BYTES;
  core.views.u8.set(bytes, textPtr);
  rows.setText(textPtr, bytes.length);
  const found: ReadResult['rows'][number][] = [];
  let [invalid, emptyLines] = [0, 0];
  for (let count = rows.next(); ; count = rows.next()) {
    emptyLines += rows.passedCount;
    if (count === 0) break;
    for (let row = 0; row < count; row++) {
      const values = targets.map((target) => valueAt(core.views, target, row));
      found.push(rows.isBroken(row) ? 'broken' : values);
      if (rows.isBroken(row)) expect(values).toEqual(values.map(() => null));
    }
    for (const place of targets.keys()) invalid += rows.invalidCount(place);
  }
  expect(sandbox.trespasses()).toEqual([]);
  return { rows: found, invalid, consumed: rows.at - textPtr, emptyLines };
}

function valueAt(
  { u8, i32, i64 }: Sandbox['core']['views'],
  { kind, valuesPtr, offsetsPtr, validityPtr }: TextTarget,
  row: number,
): bigint | string | null {
  if (((u8[validityPtr + (row >> 3)]! >> (row & 7)) & 1) === 0) return null;
  if (kind !== 'text') return i64[valuesPtr / 8 + row]!;
  const start = valuesPtr + i32[offsetsPtr / 4 + row]!;
  const end = valuesPtr + i32[offsetsPtr / 4 + row + 1]!;
  return String.fromCharCode(...u8.slice(start, end));
}

/** What the kernel should give. */
function expected(text: string, options: ReadOptions): ReadResult {
  const twin = splitRows(text, options.delimiter ?? ',', options.fieldCount);
  let invalid = 0;
  const valueIn = (
    row: Extract<TwinRow, { fields: unknown }>,
    { field, kind }: { field: number; kind: Kind },
  ) => {
    const text = row.fields[field]!;
    if (text === null || kind === 'text') return text;
    const value = kind === 'int64' ? integerOf(text) : stampOf(text);
    if (value === null) invalid++;
    return value;
  };
  const rows = twin.rows.map((row) =>
    'broken' in row ? ('broken' as const) : options.kinds.map((target) => valueIn(row, target)),
  );
  return { rows, invalid, consumed: twin.consumed, emptyLines: twin.emptyLines };
}

function randomText(prng: Prng, length: number): string {
  const alphabet = prng.pick([
    '0123456789,,,\n',
    '01.-a,"\n\r',
    '"",,\n\r\n1',
    'abc,\n"',
    '0123456789012345678901234567890123456789,\n-',
  ]);
  let text = '';
  while (text.length < length) text += alphabet[prng.int(0, alphabet.length)]!;
  return text;
}

describe.each(BUILDS)('csvRows ($build)', ({ module }) => {
  it('finds the same fields as the plain reader in random text', () => {
    const prng = createPrng();
    for (let round = 0; round < 1_500; round++) {
      const text = randomText(prng, prng.int(0, 200));
      const fieldCount = prng.int(1, 5);
      const kinds = Array.from({ length: prng.int(1, 4) }, () => ({
        field: prng.int(0, fieldCount),
        kind: prng.pick(['int64', 'text'] as const),
      }));
      const options = { fieldCount, kinds, rowsMax: prng.pick([8, 16, 64]) };
      const note = `seed ${prng.seed}, round ${round}: ${JSON.stringify(text)}`;
      expect(read(module, text, options), note).toEqual(expected(text, options));
    }
  });

  it('reads plain rows of every width', () => {
    for (let width = 0; width < 70; width++) {
      const rows = Array.from({ length: 20 }, (_, row) => ['x'.repeat(width), String(row), 'y']);
      const text = rows.map((row) => `${row.join(',')}\n`).join('');
      const kinds = [
        { field: 0, kind: 'text' as const },
        { field: 1, kind: 'int64' as const },
      ];
      const options = { fieldCount: 3, kinds };
      expect(read(module, text, options)).toEqual(expected(text, options));
    }
  });

  it.each([
    ['a tab between fields', 'a\tb\n1\t2\n', '\t'],
    ['a semicolon', 'a;b\n1;2,5\n', ';'],
    ['CR LF', 'a,b\r\n1,2\r\n', ','],
    ['quotes with delimiters, newlines and quotes in them', '"a,1\n""x""",b\r\n"",""\n', ','],
    ['something behind a closing quote', '"a"b,c\nd,e\n', ','],
    ['a quote inside of a field', 'a"b,c"\nd,e\n', ','],
    ['lines with too few and too many fields', 'a\nb,c,d\ne,f\n', ','],
    ['a line without its end', 'a,b\nc,d', ','],
    ['a quote that is never closed', 'a,b\n"c,d\ne,f\n', ','],
  ])('%s', (_what, text, delimiter) => {
    const kinds = [0, 1].map((field) => ({ field, kind: 'text' as const }));
    const options = { fieldCount: 2, kinds, delimiter };
    expect(read(module, text, options)).toEqual(expected(text, options));
  });

  it('takes integers to the last one of int64, and nothing else for one', () => {
    const fields = [
      ...['0', '-0', '00', '7', '12345678', '123456789', '1723161256172210766'],
      ...['9223372036854775807', '9223372036854775808', '-9223372036854775808'],
      ...['-9223372036854775809', '9999999999999999999', '10000000000000000000', '-', '+1', '1.0'],
      ...['1e3', ' 1', '1 ', '0x10', 'NaN', '12345678a', 'a2345678', '1234567:', '1234567/'],
    ];
    const text = fields.map((field) => `${field},\n`).join('');
    const options = { fieldCount: 2, kinds: [{ field: 0, kind: 'int64' as const }] };
    expect(read(module, text, options)).toEqual(expected(text, options));
  });

  it('takes random integers digit by digit', () => {
    const prng = createPrng();
    const fields = Array.from({ length: 500 }, () =>
      String(BigInt.asIntN(prng.int(1, 65), prng.i64())),
    );
    const text = fields.map((field) => `x,${field}\n`).join('');
    const options = { fieldCount: 2, kinds: [{ field: 1, kind: 'int64' as const }] };
    const { rows } = read(module, text, options);
    expect(
      rows.map((row) => String(row[0])),
      `seed ${prng.seed}`,
    ).toEqual(fields);
  });

  it('takes seconds with decimals and ISO times to the nanosecond', () => {
    const fields = [
      ...['1649290077.520031', '1646003667.8790731', '1617645008.5937147', '1617646255.1731331'],
      ...['9223372035.999999999', '9223372036.0', '1649290077.5200311234', '1649290077.', '.5'],
      ...['1649290077', '164929007.5', '16492900777.5', '1649290077.5a', 'a649290077.5'],
      ...['2021-04-05T17:50:09.539527+00:00', '2021-04-05T18:10:56.183Z', '2021-04-05 18:10:56'],
      ...['2021-04-05T18:10:56.1+05:30', '2021-04-05T18:10:56-0130', '2024-02-29T00:00:00Z'],
      ...['2023-02-29T00:00:00Z', '2100-02-29T00:00:00Z', '2021-13-01T00:00:00Z', '2021-04-31'],
      ...['2021-04-05T24:00:00Z', '2021-04-05T18:60:00Z', '2021-04-05T18:10:56.', '2021-04-05T18'],
      ...['2021-04-05T18:10:56ZZ', '2021-04-05T18:10:56+24:00', '2021-04-05T18:10:56+5'],
      ...['2001-01-01T00:00:00Z', '2261-12-31T23:59:59.999999999Z', '2000-12-31T23:59:59Z'],
    ];
    const text = fields.map((field) => `${field},\n`).join('');
    const options = { fieldCount: 2, kinds: [{ field: 0, kind: 'stamp' as const }] };
    expect(read(module, text, options)).toEqual(expected(text, options));
  });

  it('reads every day of the calendar', () => {
    const days: string[] = [];
    for (let ms = Date.UTC(2001, 0); ms < Date.UTC(2109, 0); ms += 86_400_000) {
      days.push(new Date(ms).toISOString());
    }
    for (let start = 0; start < days.length; start += 10_000) {
      const text = days
        .slice(start, start + 10_000)
        .map((day) => `${day},\n`)
        .join('');
      const options = { fieldCount: 2, kinds: [{ field: 0, kind: 'stamp' as const }] };
      expect(read(module, text, options)).toEqual(expected(text, options));
    }
  });

  it('stops where a text has no room, and goes on there', () => {
    const text = ['abcdefgh', 'ij', 'klmnopq', 'r', 'stuvwxyz'].map((t) => `${t},1\n`).join('');
    const kinds = [
      { field: 0, kind: 'text' as const },
      { field: 1, kind: 'int64' as const },
    ];
    for (const textBytesMax of [8, 9, 10, 16, 17]) {
      const options = { fieldCount: 2, kinds, textBytesMax };
      expect(read(module, text, options)).toEqual(expected(text, options));
    }
  });

  it('refuses arguments that cannot be', () => {
    const sandbox = new Sandbox(module);
    const ptr = sandbox.buffer(256);
    expect(sandbox.core.kernels.csvRows(ptr + 4, 1)).toBe(-1);
    expect(sandbox.core.kernels.csvRows(ptr, -1)).toBe(-1);
    expect(sandbox.core.kernels.csvRows(ptr, 1)).toBe(-1);
  });
});
