import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appendToSpill, createSpill, spillSource } from '#src/io/file-spill.js';
import { temporaryFolder } from '../support/product.js';

describe('a temporary file', () => {
  test.skipIf(process.platform === 'win32')(
    'has no name, so that nothing stays however the process ends',
    async () => {
      const folder = temporaryFolder();
      const spill = await createSpill(folder);
      appendToSpill(spill.place, new Uint8Array(100));
      expect(readdirSync(folder)).toEqual([]);
      await spill.close();
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('gives back what was put into it, wherever it was put', async () => {
    const spill = await createSpill(temporaryFolder());
    const pieces = [0, 1, 7, 4_096, 70_000].map((byteLength, index) =>
      new Uint8Array(byteLength).map((_, at) => (at * 31 + index) & 0xff),
    );
    const offsets = pieces.map((piece) => appendToSpill(spill.place, piece));
    // Another thread gets the place as a copy.
    const source = spillSource(structuredClone(spill.place));
    expect(source.byteLength).toBe(pieces.reduce((sum, { length }) => sum + length, 0));
    for (const [index, piece] of pieces.entries()) {
      expect(await source.read(offsets[index]!, piece.length)).toEqual(piece);
      const shared = new Uint8Array(new SharedArrayBuffer(piece.length));
      await source.readInto(offsets[index]!, shared);
      expect(Uint8Array.from(shared)).toEqual(piece);
    }
    await spill.close();
  });

  test('says so when it ends early, or cannot be made', async () => {
    const folder = temporaryFolder();
    const spill = await createSpill(folder);
    appendToSpill(spill.place, new Uint8Array(10));
    const code = 'ERR_INPUT_UNREADABLE';
    await expect(spillSource(spill.place).read(5, 6)).rejects.toMatchObject({ code });
    await spill.close();
    await expect(createSpill(join(folder, 'none'))).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      details: { errno: 'ENOENT' },
    });
  });
});
