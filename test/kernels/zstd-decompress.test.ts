import { isLoaded } from '@foxglove/wasm-zstd';
import { beforeAll, describe, expect, test } from 'vitest';
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT, STATUS_TRUNCATED } from '#src/abi/status.js';
import { ZSTD_WORKSPACE_BYTES } from '#src/abi/zstd.js';
import { DECOMPRESS_SLACK_BYTES } from '#src/core/decompress.js';
import { createPrng, type Prng } from '../prng.js';
import { formsOf, libraryReading, zstdContent, zstdFrame } from '../support/zstd-frames.js';
import { BUILDS, Sandbox } from './both-builds.js';

beforeAll(() => isLoaded);

const OUT_BYTES_MAX = 700_000;
const BEFORE_BYTES = 256;
const FILL = 0x5c;
const MAGIC_BYTES = 4;

/** Runs the kernel with the source's slack at the memory's end and canaries round output and workspace. */
class Bench {
  readonly #sandbox: Sandbox;
  readonly #outPtr: number;
  readonly #workspacePtr: number;

  constructor(module: WebAssembly.Module) {
    this.#sandbox = new Sandbox(module, 3 * 2 ** 20);
    this.#outPtr = this.#sandbox.buffer(BEFORE_BYTES + OUT_BYTES_MAX + DECOMPRESS_SLACK_BYTES);
    this.#workspacePtr = this.#sandbox.buffer(ZSTD_WORKSPACE_BYTES);
    expect(this.#sandbox.core.kernels.zstdInit(this.#workspacePtr)).toBe(0);
  }

  /** The bytes made, or the status. */
  run(source: Uint8Array, outBytes: number, prng: Prng): Uint8Array | number {
    const { kernels, views } = this.#sandbox.core;
    const sourcePtr = views.u8.length - DECOMPRESS_SLACK_BYTES - source.length;
    views.u8.set(source, sourcePtr);
    // What lies round the source must not matter.
    views.u8.fill(prng.pick([0, 1, 255, prng.u32()]), sourcePtr + source.length);
    views.u8.fill(prng.u32(), sourcePtr - 8, sourcePtr);
    const outPtr = this.#outPtr + BEFORE_BYTES + OUT_BYTES_MAX - outBytes;
    const before = views.bytes(outPtr - BEFORE_BYTES, BEFORE_BYTES);
    before.fill(FILL);
    const ptr = this.#workspacePtr;
    const result = kernels.zstdDecompressInto(sourcePtr, source.length, outPtr, outBytes, ptr);
    if (before.some((byte) => byte !== FILL)) throw new Error('bytes before the output changed');
    return result < 0 ? result : views.bytes(outPtr, result).slice();
  }

  get trespasses(): readonly number[] {
    return this.#sandbox.trespasses();
  }

  checksumOf(bytes: Uint8Array): Uint8Array {
    const ptr = this.#outPtr;
    this.#sandbox.core.views.u8.set(bytes, ptr);
    const hash = BigInt.asUintN(32, this.#sandbox.core.kernels.xxh64(ptr, bytes.byteLength));
    return new Uint8Array(Uint32Array.of(Number(hash)).buffer);
  }
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts));
const isSame = (found: Uint8Array | number, wanted: Uint8Array): boolean =>
  typeof found === 'object' && Buffer.compare(found, wanted) === 0;

const littleEndian = (value: number, byteLength: number): number[] =>
  Array.from({ length: byteLength }, (_, i) => (value >> (8 * i)) & 0xff);

/** What a compressor of the library uses; the rest of the format is in the other tests. */
const FORMS = [
  ...['block raw', 'block one byte', 'block compressed', 'no sequences'],
  ...['literals raw, format 0', 'literals own tree, format 0', 'literals own tree, format 1'],
  ...['literals own tree, format 2', 'literals own tree, format 3'],
  ...['literals last tree, format 3', 'weights coded'],
  ...['lengths default', 'lengths single', 'lengths own', 'lengths last'],
  ...['offsets default', 'offsets single', 'offsets own', 'offsets last'],
  ...['matches default', 'matches single', 'matches own', 'matches last'],
];

describe.each(BUILDS)('zstd ($build)', ({ build, module }) => {
  test('reads what the library wrote at each of its levels, all forms of the format', () => {
    const prng = createPrng();
    const bench = new Bench(module);
    const forms = new Map<string, number>();
    const rounds = build === 'release' ? 500 : 120;
    for (let i = 0; i < rounds; i++) {
      const most = i % 10 === 0 ? OUT_BYTES_MAX : prng.pick([10, 200, 5_000, 40_000]);
      const content = zstdContent(prng, prng.int(0, most));
      const frame = zstdFrame(content, prng.pick(i % 20 === 0 ? [12, 19, 22] : [-5, 1, 3, 6, 9]));
      const found = bench.run(frame, content.byteLength, prng);
      expect(isSame(found, content), `frame ${i}, seed ${prng.seed}`).toBe(true);
      for (const form of formsOf(frame)) forms.set(form, (forms.get(form) ?? 0) + 1);
    }
    expect(bench.trespasses).toEqual([]);
    if (build === 'debug') return;
    for (const form of FORMS) expect(forms.get(form) ?? 0, form).toBeGreaterThan(0);
  });

  test('refuses a frame that is cut anywhere, or announced longer or shorter than it is', () => {
    const prng = createPrng();
    const bench = new Bench(module);
    for (let i = 0; i < 14; i++) {
      const content = zstdContent(prng, prng.int(100, 2_500));
      const frame = zstdFrame(content, prng.pick([1, 3, 19]));
      const outBytes = content.byteLength;
      const note = `seed ${prng.seed}`;
      for (let cut = 0; cut < frame.byteLength; cut++) {
        expect(bench.run(frame.subarray(0, cut), outBytes, prng), `${note}, ${cut}`).toBeLessThan(
          0,
        );
      }
      for (const change of [-outBytes, -65, -1, 1, 16, 65]) {
        expect(bench.run(frame, outBytes + change, prng), `${note}, ${change}`).toBeLessThan(0);
      }
      for (const tail of [[0], [0x28], [1, 2, 3, 4, 5, 6]]) {
        const longer = joined(frame, Uint8Array.from(tail));
        expect(bench.run(longer, outBytes, prng), note).toBeLessThan(0);
      }
    }
    expect(bench.trespasses).toEqual([]);
  });

  test('makes of 20,000 mutated frames what the library makes, or refuses them', () => {
    const prng = createPrng();
    const bench = new Bench(module);
    const frames = Array.from({ length: 120 }, (_, i) => {
      const content = zstdContent(prng, prng.int(20, i % 12 === 0 ? 30_000 : 1_500));
      return { frame: zstdFrame(content, prng.pick([1, 3, 9, 19])), outBytes: content.byteLength };
    });
    const counts = { equal: 0, refused: 0, stricter: 0 };
    for (let i = 0; i < 20_000; i++) {
      const { frame, outBytes } = prng.pick(frames);
      const mutated = frame.slice();
      for (let changes = prng.int(1, 4); changes > 0; changes--) {
        const at = prng.int(0, prng.chance(0.5) ? Math.min(40, frame.length) : frame.length);
        if (prng.chance(0.5)) mutated[at]! ^= 1 << prng.int(0, 8);
        else mutated[at] = prng.pick([0, 1, 127, 128, 255, prng.u32()]);
      }
      const found = bench.run(mutated, outBytes, prng);
      const wanted = libraryReading(mutated, outBytes);
      const note = `mutation ${i}, seed ${prng.seed}`;
      if (typeof found === 'object') {
        expect(wanted !== null && isSame(found, wanted), note).toBe(true);
        counts.equal++;
      } else if (wanted === null) {
        counts.refused++;
      } else {
        // RFC 8878: a stream that is not used up is corrupt. The library's zstd does not look; and it
        // takes windows above 2^27 bytes.
        expect(found, note).toBe(-STATUS_CORRUPT);
        counts.stricter++;
      }
    }
    expect(bench.trespasses).toEqual([]);
    expect(counts.equal).toBeGreaterThan(1_000);
    expect(counts.refused).toBeGreaterThan(10_000);
    expect(counts.stricter).toBeLessThan(400);
  });

  test('reads frames one behind the other, skippable ones among them, each from its own start', () => {
    const prng = createPrng();
    const bench = new Bench(module);
    const contents = [900, 0, 70_000, 1].map((byteLength) => zstdContent(prng, byteLength));
    const skippable = Uint8Array.from([0x5e, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]);
    const frames = contents.flatMap((content) => [zstdFrame(content), skippable]);
    const whole = joined(...contents);
    expect(isSame(bench.run(joined(...frames), whole.byteLength, prng), whole)).toBe(true);
    expect(isSame(bench.run(new Uint8Array(), 0, prng), new Uint8Array())).toBe(true);
    expect(bench.run(skippable.subarray(0, 10), 0, prng)).toBe(-STATUS_TRUNCATED);
    // A match that goes back behind the start of its frame: one literal, three bytes from 2 before it.
    const match = Uint8Array.from([
      0x28, 0xb5, 0x2f, 0xfd, 0x20, 4, 0x45, 0, 0, 0x08, 0x61, 1, 0x54, 1, 2, 0, 5,
    ]);
    const first = zstdFrame(Uint8Array.from([1, 2, 3]));
    expect(libraryReading(match, 4)).toBeNull();
    expect(bench.run(match, 4, prng)).toBe(-STATUS_CORRUPT);
    expect(bench.run(joined(first, match), 7, prng)).toBe(-STATUS_CORRUPT);
  });

  test('reads literals of one byte, in each size of their count', () => {
    const prng = createPrng();
    const bench = new Bench(module);
    // [count, format of the count, bytes of the literals' header]
    for (const [count, format, headBytes] of [
      [5, 0, 1],
      [1_000, 1, 2],
      [70_000, 3, 3],
    ] as const) {
      const block = [
        ...littleEndian((count << (headBytes > 1 ? 4 : 3)) | (format << 2) | 1, headBytes),
        0x61,
        0,
      ];
      const header = littleEndian((block.length << 3) | 5, 3);
      const frame = Uint8Array.from([
        0x28,
        0xb5,
        0x2f,
        0xfd,
        0xa0,
        ...littleEndian(count, 4),
        ...header,
        ...block,
      ]);
      const content = new Uint8Array(count).fill(0x61);
      expect(libraryReading(frame, count)).toEqual(content);
      expect(isSame(bench.run(frame, count, prng), content), `${count}`).toBe(true);
    }
  });

  test('reads a tree whose weights are not coded', () => {
    const prng = createPrng();
    const bench = new Bench(module);
    // Two symbols of a bit each; their bits are read from the end, behind a 1 that marks it.
    const tree = [128, 0x10];
    const stream = [0b01010011, 1];
    const literals = [...littleEndian((4 << 14) | (8 << 4) | 2, 3), ...tree, ...stream];
    const block = [...literals, 0];
    const header = littleEndian((block.length << 3) | 5, 3);
    const frame = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 8, ...header, ...block]);
    const content = Uint8Array.of(0, 1, 0, 1, 0, 0, 1, 1);
    expect(libraryReading(frame, 8)).toEqual(content);
    expect(formsOf(frame)).toContain('weights direct');
    expect(bench.run(frame, 8, prng)).toEqual(content);
  });

  test('compares checksums and sizes, and takes no dictionary', () => {
    const prng = createPrng();
    const bench = new Bench(module);
    const content = zstdContent(prng, 3_000);
    const frame = zstdFrame(content);
    const checked = joined(frame, bench.checksumOf(content));
    checked[MAGIC_BYTES]! |= 4;
    expect(isSame(bench.run(checked, 3_000, prng), content)).toBe(true);
    expect(libraryReading(checked, 3_000)).toEqual(content);
    for (let byte = 1; byte <= 4; byte++) {
      const wrong = checked.slice();
      wrong[wrong.length - byte]! ^= 0x10;
      expect(bench.run(wrong, 3_000, prng)).toBe(-STATUS_CORRUPT);
      expect(bench.run(checked.subarray(0, checked.length - byte), 3_000, prng)).toBeLessThan(0);
    }
    for (const [flag, idBytes] of [1, 2, 4].entries()) {
      const withId = (id: number): Uint8Array => {
        const bytes = joined(
          frame.subarray(0, 5),
          new Uint8Array(idBytes).fill(id),
          frame.subarray(5),
        );
        bytes[MAGIC_BYTES]! |= flag + 1;
        return bytes;
      };
      expect(isSame(bench.run(withId(0), 3_000, prng), content)).toBe(true);
      expect(bench.run(withId(7), 3_000, prng)).toBe(-STATUS_CORRUPT);
    }
    const reserved = frame.slice();
    reserved[MAGIC_BYTES]! |= 8;
    expect(bench.run(reserved, 3_000, prng)).toBe(-STATUS_CORRUPT);
  });

  test('takes no negative lengths and no misaligned workspace', () => {
    const { kernels } = new Sandbox(module, 2 ** 20).core;
    expect(kernels.zstdInit(65_540)).toBe(-STATUS_BAD_ARGUMENT);
    const decompress = kernels.zstdDecompressInto;
    expect(decompress(65_536, -1, 70_000, 10, 80_000)).toBe(-STATUS_BAD_ARGUMENT);
    expect(decompress(65_536, 10, 70_000, -1, 80_000)).toBe(-STATUS_BAD_ARGUMENT);
    expect(decompress(65_536, 10, 70_000, 2 ** 31 - 1, 80_000)).toBe(-STATUS_BAD_ARGUMENT);
    expect(decompress(65_536, 10, 70_000, 10, 80_004)).toBe(-STATUS_BAD_ARGUMENT);
  });
});
