import { TEXT_PAD_BYTES, TextRows, type TextTarget } from '#src/core/text-rows.js';
import type { BenchMemory } from '../bench-memory.js';
import type { CaseMaker, KernelCase } from '../harness.js';
import { createUnitPrng } from '../prng.js';

const TEXT_BYTES_A_ROW = 32;

/** Lines of Tardis' incremental_book_L2, and of a capture of updates with four levels each. */
export const textRowsCases: CaseMaker = (memory, valueCount) => {
  const unit = createUnitPrng(16);
  const price = (): string => (61_000 + unit() * 1_000).toFixed(2);
  const stamp = (row: number): string => String(1_723_161_257_849_000 + row);
  const csv = Array.from({ length: valueCount }, (_, row) => {
    const side = unit() < 0.5 ? 'bid' : 'ask';
    const stamps = `${stamp(row)},${stamp(row + 1_271_000)}`;
    return `binance-futures,BTCUSDT,${stamps},false,${side},${price()},${(unit() * 9).toFixed(3)}`;
  });
  const capture = Array.from({ length: Math.ceil(valueCount / 4) }, (_, row) => {
    const levels = (): string => `["${price()}","1.250"],["${price()}","0.000"]`;
    const ids = `"U":${5_123_107_832_349 + row},"u":${5_123_107_832_350 + row},"pu":${row}`;
    const message = `"e":"depthUpdate","E":${stamp(row)},"T":${stamp(row)},"s":"BTCUSDT",${ids}`;
    const data = `{${message},"b":[${levels()}],"a":[${levels()}]}`;
    return `${stamp(row)}000 {"stream":"btcusdt@depth@0ms","data":${data}}`;
  });
  const csvOptions = { fieldCount: 8, lines: { delimiter: 44 }, stamp: 2, price: 6, valueCount };
  const captureOptions = {
    fieldCount: 11,
    lines: { stream: 'depth' as const },
    stamp: 1,
    price: 9,
  };
  return [
    rowsCase(memory, 'csvRows Tardis lines', csv, csvOptions, (line) => {
      const fields = line.split(',');
      return [{ stamp: fields[2]!, price: fields[6]! }];
    }),
    rowsCase(
      memory,
      'captureRows updates',
      capture,
      { ...captureOptions, valueCount: capture.length * 4 },
      (line) => {
        const { data } = JSON.parse(line.slice(line.indexOf('{')));
        // Stamps in µs are below 2^53.
        return [...data.b, ...data.a].map(([price]) => ({ stamp: String(data.E), price }));
      },
    ),
  ];
};

/** Puts a stamp as an integer and a price as text, as a decoder asks for them. */
function rowsCase(
  memory: BenchMemory,
  name: string,
  lines: readonly string[],
  options: Pick<ConstructorParameters<typeof TextRows>[2], 'fieldCount' | 'lines'> & {
    readonly stamp: number;
    readonly price: number;
    readonly valueCount: number;
  },
  fieldsOf: (line: string) => readonly { stamp: string; price: string }[],
): KernelCase {
  const { core } = memory;
  const { fieldCount, valueCount } = options;
  const rowsMax = Math.ceil(valueCount / 64) * 64;
  const text = new TextEncoder().encode(`${lines.join('\n')}\n`);
  const textPtr = memory.buffer(text.length + 2 * TEXT_PAD_BYTES) + TEXT_PAD_BYTES;
  core.views.u8.set(text, textPtr);
  const stampsPtr = memory.buffer(rowsMax * 8);
  const textsPtr = memory.buffer(rowsMax * TEXT_BYTES_A_ROW + TEXT_PAD_BYTES);
  const offsetsPtr = memory.buffer((rowsMax + 1) * 4);
  const target = (field: number, rest: Pick<TextTarget, 'kind' | 'valuesPtr'>): TextTarget => ({
    field,
    ...rest,
    offsetsPtr: rest.kind === 'text' ? offsetsPtr : 0,
    validityPtr: memory.buffer(rowsMax / 8),
    textBytesMax: rest.kind === 'text' ? rowsMax * TEXT_BYTES_A_ROW : 0,
  });
  const targets = [
    target(options.stamp, { kind: 'int64', valuesPtr: stampsPtr }),
    target(options.price, { kind: 'text', valuesPtr: textsPtr }),
  ];
  const statePtr = memory.buffer(TextRows.byteLength(fieldCount, targets.length, rowsMax));
  const rows = new TextRows(core, statePtr, {
    fieldCount,
    lines: options.lines,
    targets,
    rowsMax,
  });
  const twinStamps = new BigInt64Array(valueCount);
  let twinPrices = '';
  return {
    name,
    valueCount,
    inputBytes: text.length,
    prepare: () => undefined,
    ours: () => {
      rows.setText(textPtr, text.length);
      return rows.next();
    },
    twin: () => {
      let row = 0;
      const prices: string[] = [];
      for (const line of lines) {
        for (const { stamp, price } of fieldsOf(line)) {
          twinStamps[row++] = BigInt(stamp);
          prices.push(price);
        }
      }
      twinPrices = prices.join('');
      return row;
    },
    outputs: () => {
      const textBytes = core.views.i32[offsetsPtr / 4 + valueCount]!;
      const prices = new TextDecoder().decode(core.views.u8.slice(textsPtr, textsPtr + textBytes));
      return {
        ours: [core.views.i64At(stampsPtr, valueCount), prices],
        twin: [twinStamps, twinPrices],
      };
    },
  };
}
