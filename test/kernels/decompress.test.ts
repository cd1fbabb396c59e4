import { describe, expect, test } from 'vitest';
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT, STATUS_TRUNCATED } from '#src/abi/status.js';
import { DECOMPRESS_SLACK_BYTES, SNAPPY_TAGS_BYTES } from '#src/core/decompress.js';
import { SNAPPY_TABLE_BYTES, snappyBytesMax } from '#src/core/snappy-compress.js';
import type { Decompressed } from '../oracle/decompress.js';
import { createPrng, type Prng } from '../prng.js';
import { BLOCK_CODECS, type Block, partsOf } from './block-streams.js';
import { BUILDS, Sandbox } from './both-builds.js';

const OUT_BYTES_MAX = 200_000;
const FILL = 0x5c;
/** So many bytes before the output are looked at. */
const BEFORE_BYTES = 256;
/** Below it a sandbox has nothing. */
const SANDBOX_START = 65_536;

/**
 * Runs a kernel where every trespass shows: the source's slack ends with the memory, so that a read
 * beyond it traps; the output begins at address 0, so that a read before it traps, or its slack ends
 * at a canary, whichever `outAtZero` says; what lies before it must stay as it is.
 */
class Bench {
  readonly #sandbox: Sandbox;
  readonly #outPtr: number;
  readonly #tagsPtr: number;

  constructor(module: WebAssembly.Module) {
    this.#sandbox = new Sandbox(module, 2 ** 20);
    this.#outPtr = this.#sandbox.buffer(BEFORE_BYTES + OUT_BYTES_MAX + DECOMPRESS_SLACK_BYTES);
    this.#tagsPtr = this.#sandbox.buffer(SNAPPY_TAGS_BYTES);
    this.#sandbox.core.kernels.snappyInit(this.#tagsPtr);
  }

  run(
    kernel: (typeof BLOCK_CODECS)[number]['kernel'],
    { source, outBytes }: Block,
    prng: Prng,
    outAtZero = false,
  ): Decompressed {
    const { kernels, views } = this.#sandbox.core;
    const decompress = kernel(kernels, this.#tagsPtr);
    const memoryBytes = views.u8.length;
    const sourcePtr = memoryBytes - DECOMPRESS_SLACK_BYTES - source.length;
    views.u8.set(source, sourcePtr);
    // What lies behind the source must not matter.
    views.u8.fill(prng.pick([0, 1, 255, prng.u32()]), memoryBytes - DECOMPRESS_SLACK_BYTES);
    if (outAtZero && outBytes < SANDBOX_START - DECOMPRESS_SLACK_BYTES) {
      const result = decompress(sourcePtr, source.length, 0, outBytes);
      return result < 0 ? result : views.bytes(0, result).slice();
    }
    const outPtr = this.#outPtr + BEFORE_BYTES + OUT_BYTES_MAX - outBytes;
    const before = views.bytes(outPtr - BEFORE_BYTES, BEFORE_BYTES);
    before.fill(FILL);
    const result = decompress(sourcePtr, source.length, outPtr, outBytes);
    if (before.some((byte) => byte !== FILL)) throw new Error('bytes before the output changed');
    if (this.#sandbox.trespasses().length > 0) throw new Error('bytes behind the slack changed');
    return result < 0 ? result : views.bytes(outPtr, result).slice();
  }
}

const asText = (result: Decompressed): string =>
  typeof result === 'number' ? `status ${-result}` : Buffer.from(result).toString('hex', 0, 2_000);

function expectSame(found: Decompressed, wanted: Decompressed, note: () => string): void {
  const isSame =
    typeof found === 'number' || typeof wanted === 'number'
      ? found === wanted
      : Buffer.compare(found, wanted) === 0;
  if (!isSame) expect.fail(`${note()}: found ${asText(found)}, wanted ${asText(wanted)}`);
}

const CASES = BUILDS.flatMap((build) => BLOCK_CODECS.map((codec) => ({ ...build, ...codec })));

describe.each(CASES)('$codec ($build)', ({ module, kernel, oracle, blockOf }) => {
  test('reads blocks of all elements, lengths and offsets', () => {
    const prng = createPrng();
    const bench = new Bench(module);
    for (let i = 0; i < 400; i++) {
      const size = i % 20 === 0 ? prng.int(20_000, 150_000) : prng.int(1, 3_000);
      const block = blockOf(partsOf(prng, size, prng.pick([0, 0.02, 0.3, 1])), prng);
      const wanted = oracle(block.source, block.outBytes);
      expect(typeof wanted, `block ${i}, seed ${prng.seed}`).toBe('object');
      const found = bench.run(kernel, block, prng, i % 2 === 0);
      expectSame(found, wanted, () => `block ${i}, seed ${prng.seed}`);
    }
  });

  test('reads copies of each offset and length, near the end and far from it', () => {
    const prng = createPrng();
    const bench = new Bench(module);
    let blocks = 0;
    for (let offset = 1; offset <= 70; offset++) {
      for (let length = 1; length <= 70; length++) {
        for (const behind of [0, 200]) {
          const literal = Uint8Array.from({ length: offset + 3 }, () => prng.u32());
          const after = { literal: new Uint8Array(behind).fill(7) };
          const parts = [{ literal }, { offset, length }, ...(behind > 0 ? [after] : [])];
          const block = blockOf(parts, prng);
          const wanted = oracle(block.source, block.outBytes);
          const found = bench.run(kernel, block, prng);
          expectSame(found, wanted, () => `offset ${offset}, length ${length}, ${behind} behind`);
          blocks++;
        }
      }
    }
    expect(blocks).toBe(70 * 70 * 2);
  });

  test('refuses a block that is cut anywhere, or announced longer or shorter than it is', () => {
    const prng = createPrng();
    const bench = new Bench(module);
    for (const [size, longChance] of [
      [60, 0],
      [700, 0.02],
      [2_000, 0.3],
    ] as const) {
      const { source, outBytes } = blockOf(partsOf(prng, size, longChance), prng);
      for (let cut = 0; cut < source.length; cut++) {
        const block = { source: source.subarray(0, cut), outBytes };
        const found = bench.run(kernel, block, prng, cut % 2 === 0);
        expectSame(found, -STATUS_TRUNCATED, () => `cut at ${cut}, seed ${prng.seed}`);
      }
      for (const change of [-outBytes, -65, -64, -17, -16, -1, 1, 16, 17, 64, 65]) {
        if (outBytes + change < 0) continue;
        const block = { source, outBytes: outBytes + change };
        const wanted = oracle(source, outBytes + change);
        expect(typeof wanted).toBe('number');
        expectSame(bench.run(kernel, block, prng), wanted, () => `${change} bytes more`);
      }
    }
  });

  test('gives its verdict and bytes on 20,000 mutated blocks', () => {
    const prng = createPrng();
    const bench = new Bench(module);
    const blocks = Array.from({ length: 120 }, () =>
      blockOf(partsOf(prng, prng.int(10, 1_200), prng.pick([0, 0.05, 0.4])), prng),
    );
    // Large enough for a second survey of the order.
    blocks.push(blockOf(partsOf(prng, 20_000, 0.01), prng));
    const counts = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const original = i % 400 === 0 ? blocks.at(-1)! : prng.pick(blocks);
      const block = mutated(original, prng);
      const wanted = oracle(block.source, block.outBytes);
      const found = bench.run(kernel, block, prng, prng.chance(0.5));
      expectSame(found, wanted, () => `mutation ${i}, seed ${prng.seed}`);
      const verdict = typeof wanted === 'number' ? `status ${-wanted}` : 'read';
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    }
    for (const verdict of ['read', `status ${STATUS_CORRUPT}`, `status ${STATUS_TRUNCATED}`]) {
      expect(counts.get(verdict), verdict).toBeGreaterThan(500);
    }
  });

  test('takes no negative lengths', () => {
    const decompress = kernel(new Sandbox(module, 2 ** 20).core.kernels, 80_000);
    expect(decompress(65_536, -1, 70_000, 10)).toBe(-STATUS_BAD_ARGUMENT);
    expect(decompress(65_536, 10, 70_000, -1)).toBe(-STATUS_BAD_ARGUMENT);
    expect(decompress(65_536, 10, 70_000, 2 ** 31 - 1)).toBe(-STATUS_BAD_ARGUMENT);
  });
});

function mutated({ source, outBytes }: Block, prng: Prng): Block {
  const bytes = Array.from(source);
  for (let changes = prng.int(1, 4); changes > 0; changes--) {
    const at = prng.int(0, bytes.length);
    const kind = prng.int(0, 6);
    if (kind === 0) bytes.splice(at, prng.int(1, 4));
    else if (kind === 1) bytes.splice(at, 0, prng.int(0, 256));
    else if (kind === 2) bytes.splice(at, 0, ...bytes.slice(at, at + prng.int(1, 20)));
    else if (kind === 3) bytes[at] = prng.pick([0, 1, 2, 3, 0xf0, 0xfc, 0xff, 0x0f]);
    else bytes[at] = (bytes[at] ?? 0) ^ (1 << prng.int(0, 8));
    if (bytes.length === 0) bytes.push(prng.int(0, 256));
  }
  const change = prng.chance(0.1) ? prng.int(-Math.min(outBytes, 20), 20) : 0;
  return { source: Uint8Array.from(bytes), outBytes: outBytes + change };
}

const CONTENTS: Readonly<Record<string, (prng: Prng, i: number) => number>> = {
  noise: (prng) => prng.u32(),
  zeros: () => 0,
  period: (_prng, i) => i % 7,
  integers: (prng, i) => (i % 8 < 2 ? prng.u32() : i % 8),
  text: (prng) => prng.int(97, 101),
};

describe.each(BUILDS)('snappy there and back ($build)', ({ module }) => {
  test.each(Object.keys(CONTENTS))('%s', (name) => {
    const prng = createPrng();
    for (const byteLength of [0, 1, 15, 16, 17, 64, 65, 1_000, 65_535, 65_537, 200_000]) {
      const sandbox = new Sandbox(module);
      const { kernels, views } = sandbox.core;
      const content = Uint8Array.from({ length: byteLength }, (_, i) => CONTENTS[name]!(prng, i));
      const ptr = sandbox.put(content);
      const table = sandbox.buffer(SNAPPY_TABLE_BYTES);
      const compressed = sandbox.buffer(snappyBytesMax(byteLength) + DECOMPRESS_SLACK_BYTES);
      const compressedBytes = kernels.snappyCompressInto(ptr, byteLength, compressed, table);
      const out = sandbox.buffer(byteLength + DECOMPRESS_SLACK_BYTES, { skew: 3 });
      const tags = sandbox.buffer(SNAPPY_TAGS_BYTES);
      kernels.snappyInit(tags);
      const result = kernels.snappyDecompressInto(
        compressed,
        compressedBytes,
        out,
        byteLength,
        tags,
      );
      const note = `${byteLength} bytes, seed ${prng.seed}`;
      expect(result, note).toBe(byteLength);
      expect(Buffer.compare(views.bytes(out, byteLength), content), note).toBe(0);
      expect(sandbox.trespasses(), note).toEqual([]);
    }
  });
});
