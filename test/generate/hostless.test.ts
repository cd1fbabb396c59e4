import { afterAll, describe, expect, test } from 'vitest';
import { instantiateCore } from '#src/core/core.js';
import { compileCore } from '#src/core/load-node.js';
import { resolveTapeOptions, type TapeOptions } from '#src/generate/options.js';
import { Tape } from '#src/generate/tape.js';
import { placeTapeMemory, tapeMemoryBytes } from '#src/generate/tape-memory.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';
import { VERSION } from '#src/units/version.js';
import { MemoryOutput } from './memory-output.js';
import { filesOf, TapeFolder } from './tape-folder.js';

const folder = new TapeFolder();
afterAll(() => folder.remove());

const START = 65_536;

function tapeInMemory(options: TapeOptions, output: MemoryOutput, debug = false): Tape {
  const memory = createSharedMemory(START + tapeMemoryBytes(options));
  const core = instantiateCore(compileCore({ debug }), memory);
  return new Tape(options, {
    core,
    memory: placeTapeMemory(core, options, START),
    output,
    version: VERSION,
    onProgress: () => undefined,
  });
}

describe.each(['depthmill', 'lake'] as const)('a tape in %s layout', (layout) => {
  const wanted = { events: 120_000, seed: 3n, layout, rowGroupRows: 3_000, gaps: 4, swaps: 2 };
  const options = resolveTapeOptions(wanted);

  test.each(['release', 'debug'])('is the same without Node (%s build)', async (build) => {
    const output = new MemoryOutput();
    const tape = tapeInMemory(options, output, build === 'debug');
    await tape.write();
    const onDisk = await folder.generate(wanted);
    const files = filesOf(onDisk.out);
    files.delete('truth.json');
    expect([...output.files.keys()].sort()).toEqual([...files.keys()]);
    for (const [path, bytes] of files) {
      expect(output.files.get(path)!.equals(bytes), path).toBe(true);
    }
    expect(tape.truth).toEqual(onDisk.truth);
  });

  test('ends with the error of a sink that fails', async () => {
    for (const bytesMax of [0, 100_000, 600_000]) {
      const tape = tapeInMemory(options, new MemoryOutput(bytesMax));
      await expect(tape.write()).rejects.toThrow('the memory is full');
    }
  });
});
