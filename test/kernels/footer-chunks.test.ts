import { describe, expect, it } from 'vitest';
import type { Core } from '#src/core/core.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import type { FooterTools } from '#src/parquet/footer-kernel.js';
import { craftedThrift, fileAround } from '../parquet/crafted-footer.js';
import { footerBases, mutatedFooter } from '../parquet/footer-mutations.js';
import { createPrng } from '../prng.js';
import { BUILDS, Sandbox } from './both-builds.js';

// The oracle is the reader without a kernel (src/parquet/footer-row-groups.ts): judged by
// hyparquet, and what reads every footer that the kernel does not take.

const REGION_BYTES = 2 ** 20;
const MUTATIONS = 4_000;

/** Tools that count what the kernel took. */
function countingTools(sandbox: Sandbox, byteLength = REGION_BYTES) {
  const { core } = sandbox;
  const taken = { count: 0 };
  const footerChunks: Core['kernels']['footerChunks'] = (...given) => {
    const read = core.kernels.footerChunks(...given);
    if (read >= 0) taken.count++;
    return read;
  };
  const counting = Object.create(core, {
    kernels: { value: { ...core.kernels, footerChunks } },
    views: { get: () => core.views },
  }) as Core;
  const tools: FooterTools = { core: counting, ptr: sandbox.buffer(byteLength), byteLength };
  return { tools, taken };
}

/** The footer, or the error's message. */
const outcome = (bytes: Uint8Array, tools: FooterTools | null) =>
  readFooter(memorySource('x.parquet', bytes), tools).catch((error: Error) => error.message);

const INT64 = 2;
const columns = [
  { name: 'a', type: INT64 },
  { name: 'b', type: INT64 },
];

describe.each(BUILDS)('footerChunks ($build)', ({ module }) => {
  it('gives what the reader without it gives, whatever the footer says', async () => {
    const sandbox = new Sandbox(module);
    const { tools, taken } = countingTools(sandbox);
    const prng = createPrng();
    const bases = footerBases();
    for (let count = 0; count < MUTATIONS; count++) {
      const base = bases[count % 2]!;
      const thrift = count < 2 ? base.thrift : mutatedFooter(base, prng);
      const bytes = fileAround(thrift, base.dataBytes);
      const hint = `seed ${prng.seed}, mutation ${count}`;
      expect(await outcome(bytes, tools), hint).toEqual(await outcome(bytes, null));
    }
    expect(taken.count).toBeGreaterThan(MUTATIONS / 100);
    expect(sandbox.trespasses()).toEqual([]);
  }, 60_000);

  it('takes every cut of a plain footer as the reader without it does', async () => {
    const sandbox = new Sandbox(module);
    const { tools, taken } = countingTools(sandbox);
    const [{ thrift, dataBytes }] = footerBases() as [ReturnType<typeof footerBases>[0]];
    for (let length = 0; length <= thrift.byteLength; length++) {
      const bytes = fileAround(thrift.subarray(0, length), dataBytes);
      expect(await outcome(bytes, tools), `cut at ${length}`).toEqual(await outcome(bytes, null));
    }
    expect(taken.count).toBeGreaterThan(0);
    expect(sandbox.trespasses()).toEqual([]);
  });

  it('leaves to the reader without it what is out of order, nested, or too large', async () => {
    const sandbox = new Sandbox(module);
    const chunk = (offset: number) => ({ offset, byteLength: 10 });
    const group = (...offsets: number[]) => [{ rowCount: 5, chunks: offsets.map(chunk) }];
    const nested = { name: 'g', type: null, children: columns };
    const plain = craftedThrift(columns, group(4, 14));
    const cases: [string, Uint8Array, number, number][] = [
      ['plain', plain, REGION_BYTES, 1],
      ['out of order', craftedThrift(columns, group(14, 4)), REGION_BYTES, 0],
      ['overlapping', craftedThrift(columns, group(4, 13)), REGION_BYTES, 0],
      ['nested', craftedThrift([nested], group(4, 14)), REGION_BYTES, 0],
      ['room for the digest alone', craftedThrift(columns, group(4, 14)), 65_536, 1],
    ];
    for (const [name, thrift, byteLength, expected] of cases) {
      const { tools, taken } = countingTools(sandbox, byteLength);
      const bytes = fileAround(thrift);
      expect(await outcome(bytes, tools), name).toEqual(await outcome(bytes, null));
      expect(taken.count, name).toBe(expected);
    }
    const many = Array.from({ length: 900 }, () => ({ rowCount: 0, chunks: [chunk(4), chunk(4)] }));
    const { tools, taken } = countingTools(sandbox, 65_536);
    const bytes = fileAround(
      craftedThrift(
        columns,
        many.map((of) => ({ ...of, rowCount: 0 })),
      ),
    );
    expect(await outcome(bytes, tools)).toEqual(await outcome(bytes, null));
    expect(taken.count).toBe(0);
    expect(sandbox.trespasses()).toEqual([]);
  });

  it('refuses addresses that are not aligned, and counts below 0', () => {
    const { core } = new Sandbox(module);
    const call = (...given: Parameters<Core['kernels']['footerChunks']>) =>
      core.kernels.footerChunks(...given);
    expect(call(65_536, 0, 0, 0, 65_536, 65_536, 65_536, 0)).toBe(0);
    expect(call(65_536, -1, 0, 0, 65_536, 65_536, 65_536, 0)).toBe(-1);
    expect(call(65_536, 0, -1, 0, 65_536, 65_536, 65_536, 0)).toBe(-1);
    expect(call(65_536, 0, 0, 0, 65_540, 65_536, 65_536, 0)).toBe(-1);
    expect(call(65_536, 0, 1, 0, 65_536, 65_536, 65_536, 0)).toBe(-5);
  });
});
