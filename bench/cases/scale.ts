import { scaleDoubles, scaleFloats } from '#src/core/scale.js';
import type { BenchMemory } from '../bench-memory.js';
import type { CaseMaker, KernelCase } from '../harness.js';
import { createUnitPrng } from '../prng.js';

const SCALE = 8;
/** DESIGN section 3: the prototype's speed. */
const FLOOR = 1.25e9;

/**
 * Plain twin: takes what one division proves, and the shortest text for the rest; the number of
 * bad values.
 */
function scaleTwin(values: Float64Array, pips: BigInt64Array): number {
  const unit = 10 ** SCALE;
  let badCount = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const rounded = Math.round(value * unit);
    if (Math.abs(rounded) < 2 ** 51 && rounded / unit === value) {
      pips[i] = BigInt(rounded);
    } else {
      const [whole = '', fraction = ''] = String(value).split('.');
      if (fraction.length > SCALE || whole.includes('e')) badCount++;
      else pips[i] = BigInt(whole + fraction.padEnd(SCALE, '0'));
    }
  }
  return badCount;
}

function doublesCase(
  memory: BenchMemory,
  name: string,
  source: Float64Array,
  floor?: number,
): KernelCase {
  const { core } = memory;
  const sourcePtr = memory.put(source);
  const ptr = memory.buffer(source.byteLength);
  const bitmapPtr = memory.buffer(Math.ceil(source.length / 8));
  const twinPips = new BigInt64Array(source.length);
  return {
    name,
    valueCount: source.length,
    inputBytes: source.byteLength,
    prepare: () => core.views.u8.copyWithin(ptr, sourcePtr, sourcePtr + source.byteLength),
    ours: () => scaleDoubles(core, ptr, source.length, SCALE, bitmapPtr),
    twin: () => scaleTwin(source, twinPips),
    outputs: () => ({ ours: core.views.i64At(ptr, source.length), twin: twinPips }),
    ...(floor === undefined
      ? {}
      : {
          floor,
          c: {
            name: 'scale_f64',
            input: [source],
            count: source.length,
            param: SCALE,
            expected: () => core.views.bytes(ptr, source.byteLength).slice(),
          },
        }),
  };
}

function floatsCase(memory: BenchMemory, floats: Float32Array): KernelCase {
  const { core } = memory;
  const ptr = memory.put(floats);
  const outPtr = memory.buffer(8 * floats.length);
  const bitmapPtr = memory.buffer(Math.ceil(floats.length / 8));
  const twinPips = new BigInt64Array(floats.length);
  /** The shortest text of a float that has at most 7 digits, by the digits that read back. */
  const twin = (): number => {
    for (let i = 0; i < floats.length; i++) {
      const value = floats[i]!;
      let digits = 1;
      while (Math.fround(Number(value.toPrecision(digits))) !== value) digits++;
      twinPips[i] = BigInt(Math.round(Number(value.toPrecision(digits)) * 10 ** SCALE));
    }
    return 0;
  };
  return {
    name: 'scaleF32 prices',
    valueCount: floats.length,
    inputBytes: floats.byteLength,
    prepare: () => undefined,
    ours: () => scaleFloats(core, ptr, floats.length, SCALE, outPtr, bitmapPtr),
    twin,
    outputs: () => ({ ours: core.views.i64At(outPtr, floats.length), twin: twinPips }),
  };
}

export const scaleCases: CaseMaker = (memory, valueCount) => {
  const unit = createUnitPrng(1);
  const doubles = (make: () => number): Float64Array =>
    Float64Array.from({ length: valueCount }, make);
  const prices = doubles(() => Math.floor(6_000_000 + unit() * 100_000) / 100);
  const wholes = doubles(() => Math.floor(3e7 + unit() * 1e9));
  const exact = doubles(() => Math.floor(1e13 + unit() * 8e14) / 1e5 + 1e9);
  return [
    doublesCase(memory, 'scaleF64 prices', prices, FLOOR),
    doublesCase(memory, 'scaleF64 large whole', wholes),
    doublesCase(memory, 'scaleF64 above 2^52 pips', exact),
    floatsCase(
      memory,
      Float32Array.from(prices, (price) => price / 100),
    ),
  ];
};
