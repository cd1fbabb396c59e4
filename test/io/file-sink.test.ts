import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileSink, PARTIAL_SUFFIX } from '#src/io/file-sink.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'depthmill-sink-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a file sink', () => {
  test('writes in order and shows nothing before it is published', async () => {
    const path = join(folder, 'out.bin');
    const sink = await FileSink.create(path);
    await sink.write([bytes('ab'), bytes(''), bytes('c')]);
    // More chunks than one system call takes.
    await sink.write(Array.from({ length: 1500 }, (_, i) => bytes(`${i % 10}`)));
    await sink.close();
    expect(existsSync(path)).toBe(false);
    await sink.publish();
    const wanted = `abc${'0123456789'.repeat(150)}`;
    expect(readFileSync(path, 'utf8')).toBe(wanted);
    expect(sink.byteLength).toBe(wanted.length);
    await sink.abort();
    expect(readdirSync(folder)).toEqual(['out.bin']);
  });

  test('writes views of a shared memory', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(100)).fill(7);
    const sink = await FileSink.create(join(folder, 'shared.bin'));
    await sink.write([shared.subarray(10, 20)]);
    await sink.publish();
    expect(readFileSync(sink.name)).toEqual(Buffer.alloc(10, 7));
  });

  // A power cut cannot be tried here: whether the system was asked to write is what can be seen.
  test.each([
    [undefined, 1],
    [{ sync: true }, 1],
    [{ sync: false }, 0],
  ])('is forced to disk before it is published, given %j: %i times', async (options, times) => {
    const handle = await open(join(folder, 'other'), 'w');
    const calls = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
    await handle.close();
    try {
      const sink = await FileSink.create(join(folder, 'out.bin'), options);
      await sink.write([bytes('whole')]);
      await sink.close();
      expect(calls).toHaveBeenCalledTimes(times);
      await sink.publish();
      expect(calls).toHaveBeenCalledTimes(times);
      expect(readFileSync(sink.name, 'utf8')).toBe('whole');
    } finally {
      calls.mockRestore();
    }
  });

  test('leaves nothing behind when aborted', async () => {
    const sink = await FileSink.create(join(folder, 'out.bin'));
    await sink.write([bytes('half')]);
    await sink.abort();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('replaces what a killed run left', async () => {
    const path = join(folder, 'out.bin');
    writeFileSync(path + PARTIAL_SUFFIX, 'longer than what comes now');
    const sink = await FileSink.create(path);
    await sink.write([bytes('new')]);
    await sink.publish();
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  test.runIf(existsSync('/dev/full'))(
    'says when the disk is full, and publishes nothing',
    async () => {
      const path = join(folder, 'out.bin');
      symlinkSync('/dev/full', path + PARTIAL_SUFFIX);
      const sink = await FileSink.create(path);
      const writing = sink.write([bytes('x'.repeat(10_000))]);
      await expect(writing).rejects.toMatchObject({
        name: 'OutputError',
        code: 'ERR_OUTPUT_NO_SPACE',
        details: { path, errno: 'ENOSPC' },
      });
      await sink.abort();
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('says when the folder is not there', async () => {
    const path = join(folder, 'missing', 'out.bin');
    await expect(FileSink.create(path)).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      details: { path, errno: 'ENOENT' },
    });
  });
});
