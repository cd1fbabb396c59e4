import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { discoverInputs } from '#src/io/file-discover.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'depthmill-discover-'));
});
afterEach(async () => rm(root, { recursive: true, force: true }));

async function touch(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), 'x');
  }
}

async function found(...inputs: string[]): Promise<string[]> {
  const files = await discoverInputs(inputs.map((input) => join(root, input)));
  return files.map((file) => file.path.slice(root.length + 1));
}

describe('folders', () => {
  test('are searched to any depth, in natural order, for Parquet and text by their names', async () => {
    await touch('b/10.snappy.parquet', 'b/2.snappy.parquet', 'b/1.snappy.parquet', 'a/x.pq');
    await touch('b/manifest.json', 'b/notes.txt', 'c/d/e.parq', 'c/f.csv', 'c/g.csv.gz');
    expect(await found('.')).toEqual([
      'a/x.pq',
      'b/1.snappy.parquet',
      'b/2.snappy.parquet',
      'b/10.snappy.parquet',
      'c/d/e.parq',
      'c/f.csv',
      'c/g.csv.gz',
    ]);
  });

  test('hide dot files and outputs that were never finished', async () => {
    await touch('a.parquet', '.b.parquet', '.hidden/c.parquet', 'd.parquet.partial');
    await touch('e.partial/part-0000.parquet');
    expect(await found('.')).toEqual(['a.parquet']);
  });

  test('follow links, and end where a link leads back up', async () => {
    await touch('data/a.parquet');
    await symlink(join(root, 'data'), join(root, 'data', 'again'));
    await symlink(join(root, 'data', 'a.parquet'), join(root, 'data', 'b.parquet'));
    expect(await found('data')).toEqual(['data/a.parquet']);
  });
});

describe('paths', () => {
  test('keep the order of the inputs and count once', async () => {
    await touch('z.parquet', 'a.parquet', 'plain');
    expect(await found('z.parquet', '.', 'plain')).toEqual(['z.parquet', 'a.parquet', 'plain']);
  });

  test('may hold spaces, quotes, brackets and stars', async () => {
    const odd = ["it's here/a b.parquet", 'x[1]/{a,b}*.parquet', 'symbol=BTC%2FUSDT/1.parquet'];
    await touch(...odd);
    for (const path of odd) expect(await found(path)).toEqual([path]);
  });

  test('carry size and time of change', async () => {
    await touch('a.parquet');
    const [file] = await discoverInputs([join(root, 'a.parquet')]);
    expect(file?.byteLength).toBe(1);
    expect(file?.mtimeNs).toBeGreaterThan(1_600_000_000_000_000_000n);
  });
});

describe('patterns', () => {
  test('match within names, over folders, sets and alternatives', async () => {
    await touch('a/1.parquet', 'a/2.parquet', 'a/10.parquet', 'b/1.parquet', 'b/c/1.parquet');
    expect(await found('a/*.parquet')).toEqual(['a/1.parquet', 'a/2.parquet', 'a/10.parquet']);
    expect(await found('?/1.parquet')).toEqual(['a/1.parquet', 'b/1.parquet']);
    expect(await found('**/1.parquet')).toEqual(['a/1.parquet', 'b/1.parquet', 'b/c/1.parquet']);
    expect(await found('a/[!2]*.parquet')).toEqual(['a/1.parquet', 'a/10.parquet']);
    expect(await found('{a,b}/2.parquet')).toEqual(['a/2.parquet']);
  });

  test('that match a folder take the files below it', async () => {
    await touch('dt=2024-08-08/1.parquet', 'dt=2024-08-09/1.parquet', 'dt=2024-09-01/1.parquet');
    expect(await found('dt=2024-08-*')).toEqual([
      'dt=2024-08-08/1.parquet',
      'dt=2024-08-09/1.parquet',
    ]);
  });
});

describe('lists', () => {
  test('hold one input a line, with comments', async () => {
    await touch('a.parquet', 'b.parquet', 'c/d.parquet');
    const text = `# mine\n${root}/b.parquet\r\n\n${root}/c\n`;
    await writeFile(join(root, 'list.txt'), text);
    const files = await discoverInputs([`@${root}/list.txt`]);
    expect(files.map((file) => file.path)).toEqual([`${root}/b.parquet`, `${root}/c/d.parquet`]);
  });

  test('come from standard input by -, in pieces that cut characters', async () => {
    await touch('é.parquet');
    const bytes = new TextEncoder().encode(`${root}/é.parquet\n`);
    async function* stdin(): AsyncGenerator<Uint8Array> {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    const files = await discoverInputs(['-'], { stdin: stdin() });
    expect(files.map((file) => file.path)).toEqual([`${root}/é.parquet`]);
  });

  test('do not nest', async () => {
    await writeFile(join(root, 'list.txt'), '@other\n');
    await expect(discoverInputs([`@${root}/list.txt`])).rejects.toMatchObject({
      code: 'ERR_INPUT_NOT_FOUND',
    });
  });
});

describe('what is not there', () => {
  test.each([
    ['a path', () => 'nowhere.parquet', 'ERR_INPUT_NOT_FOUND'],
    ['a path below a file', () => 'file/below.parquet', 'ERR_INPUT_NOT_FOUND'],
    ['an empty folder', () => 'empty', 'ERR_INPUT_EMPTY'],
    ['a folder without tables', () => 'texts', 'ERR_INPUT_EMPTY'],
    ['a pattern without a match', () => 'file*.parquet', 'ERR_INPUT_EMPTY'],
    ['a pattern in a folder that is not there', () => 'nowhere/*.parquet', 'ERR_INPUT_EMPTY'],
  ])('%s is an error', async (_what, input, code) => {
    await touch('file', 'texts/a.txt');
    await mkdir(join(root, 'empty'));
    await expect(found(input())).rejects.toMatchObject({ code });
  });

  test('a list, standard input or no input at all is one too', async () => {
    await writeFile(join(root, 'list.txt'), '\n# nothing\n');
    const codeOf = async (inputs: string[]): Promise<string> =>
      discoverInputs(inputs).then(
        () => 'none',
        (error) => error.code,
      );
    expect(await codeOf([`@${root}/nowhere`])).toBe('ERR_INPUT_NOT_FOUND');
    expect(await codeOf([`@${root}/list.txt`])).toBe('ERR_INPUT_EMPTY');
    expect(await codeOf(['-'])).toBe('ERR_INPUT_NOT_FOUND');
    expect(await codeOf([])).toBe('ERR_INPUT_EMPTY');
  });
});
