import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../cli/spawn-cli.js';
import {
  BAD,
  failureBeside,
  failureOf,
  GOOD,
  goodRows,
  publishedIn,
  START_NS,
} from '../support/failures.js';
import { lakeFixtureFile, writeLakeDeltas } from '../support/lake-fixture.js';
import { writeParquetFixture } from '../support/parquet-fixture.js';
import { temporaryFolder } from '../support/product.js';

describe('inputs that are not there', () => {
  it.each([
    ['a missing path', (root: string) => join(root, 'nowhere'), 'ERR_INPUT_NOT_FOUND'],
    ['a folder with nothing in it', (root: string) => root, 'ERR_INPUT_EMPTY'],
  ])('%s', async (_, inputOf, code) => {
    const input = inputOf(temporaryFolder());
    const out = join(temporaryFolder(), 'out');
    const failure = await failureOf(['run', input, '-o', out]);
    expect(failure).toMatchObject({ exitCode: 1, code });
    expect(failure.message).toContain(input);
    expect(publishedIn(out)).toEqual([]);
  });

  it('a file with zero rows', async () => {
    const root = temporaryFolder();
    const path = await writeLakeDeltas(join(root, 'lake'), BAD, []);
    const out = join(root, 'out');
    const failure = await failureOf(['run', path, '-o', out]);
    expect(failure).toMatchObject({ exitCode: 1, code: 'ERR_INPUT_NO_ROWS' });
    expect(publishedIn(out)).toEqual([]);
  });

  it('a selection that matches nothing', async () => {
    const root = temporaryFolder();
    await writeLakeDeltas(join(root, 'lake'), GOOD, goodRows(10));
    const out = join(root, 'out');
    for (const selection of [
      ['--symbol', 'NOPE'],
      ['--exchange', 'NOPE'],
      ['--from', '2030-01-01'],
    ]) {
      const failure = await failureOf(['run', join(root, 'lake'), '-o', out, ...selection]);
      expect(failure, selection.join(' ')).toMatchObject({
        exitCode: 1,
        code: 'ERR_INPUT_NO_MATCH',
      });
    }
    expect(publishedIn(out)).toEqual([]);
  });
});

/** Makes a file bad in one way. */
type Damage = (path: string) => void;

/** Replaces a number in the footer, which Thrift writes as a zigzag varint. */
function replaceInFooter(path: string, from: number, to: number): void {
  const bytes = readFileSync(path);
  const footerStart = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  let count = 0;
  for (let at = footerStart; at < bytes.length - 8; at++) {
    if (bytes.compare(varint(from), 0, 2, at, at + 2) !== 0) continue;
    varint(to).copy(bytes, at);
    count++;
  }
  if (count === 0) throw new Error(`the footer of ${path} does not say ${from}`);
  writeFileSync(path, bytes);
}

function varint(value: number): Buffer {
  const zigzag = value * 2;
  return Buffer.from([(zigzag & 0x7f) | 0x80, zigzag >> 7]);
}

const DAMAGES: readonly (readonly [name: string, damage: Damage, codes: readonly string[]])[] = [
  [
    'a file that is not Parquet',
    (path) => writeFileSync(path, 'timestamp,price,size\n1,2,3\n'.repeat(100)),
    ['ERR_PARQUET_NOT_PARQUET'],
  ],
  [
    'an empty file',
    (path) => writeFileSync(path, ''),
    ['ERR_PARQUET_NOT_PARQUET', 'ERR_PARQUET_TRUNCATED'],
  ],
  [
    'a truncated file',
    (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
    ['ERR_PARQUET_TRUNCATED'],
  ],
  [
    'a footer longer than its file',
    (path) => {
      const bytes = readFileSync(path);
      bytes.writeUInt32LE(0x7fff_ffff, bytes.length - 8);
      writeFileSync(path, bytes);
    },
    ['ERR_PARQUET_FOOTER', 'ERR_PARQUET_TRUNCATED'],
  ],
  [
    'a footer that promises a row more than there is',
    (path) => replaceInFooter(path, 1_000, 1_001),
    ['ERR_PARQUET_ROW_COUNT', 'ERR_PARQUET_CORRUPT', 'ERR_PARQUET_FOOTER'],
  ],
  [
    'a page that is not what it was',
    (path) => {
      const bytes = readFileSync(path);
      bytes.fill(0xff, 40, 400);
      writeFileSync(path, bytes);
    },
    ['ERR_PARQUET_CORRUPT', 'ERR_PARQUET_ROW_COUNT'],
  ],
];

describe('files that are broken', () => {
  it.each(DAMAGES)('%s, alone: the run fails and leaves nothing', async (_, damage, codes) => {
    const root = temporaryFolder();
    const path = await writeLakeDeltas(join(root, 'lake'), BAD, goodRows(1_000));
    damage(path);
    const out = join(root, 'out');
    const { exitCode, stdout, stderr } = await runCli(['run', path, '-o', out, '--json']);
    expect(exitCode, `${stdout}${stderr}`).toBe(1);
    expect(
      codes.some((code) => stdout.includes(code)),
      stdout,
    ).toBe(true);
    expect(stdout).toContain('1.snappy.parquet');
    expect(publishedIn(out).filter((file) => file.endsWith('.parquet'))).toEqual([]);
  });

  it.each(DAMAGES)('%s, beside a good one: it fails alone', async (_, damage, codes) => {
    const root = temporaryFolder();
    damage(await writeLakeDeltas(join(root, 'lake'), BAD, goodRows(1_000)));
    const failure = await failureBeside(root);
    expect(codes).toContain(failure.code);
    expect(failure.message).toContain('symbol=BAD');
  });

  it('--fail-fast stops at the bad file', async () => {
    const root = temporaryFolder();
    const path = await writeLakeDeltas(join(root, 'lake'), BAD, goodRows(1_000));
    writeFileSync(path, 'no Parquet at all');
    await writeLakeDeltas(join(root, 'lake'), GOOD, goodRows(500));
    const out = join(root, 'out');
    const failure = await failureOf(['run', join(root, 'lake'), '-o', out, '--fail-fast']);
    expect(failure).toMatchObject({ exitCode: 1, code: 'ERR_PARQUET_NOT_PARQUET' });
  });
});

describe('columns that are wrong', () => {
  it('a missing column: the message lists what was found and what was expected', async () => {
    const root = temporaryFolder();
    const path = lakeFixtureFile(join(root, 'lake'), 'book_delta_v2', BAD);
    await writeParquetFixture(path, [
      { name: 'timestamp', type: 'int64', values: [START_NS] },
      { name: 'receipt_timestamp', type: 'int64', values: [START_NS] },
      { name: 'sequence_number', type: 'int64', values: [1n] },
      { name: 'side_is_bid', type: 'bool', values: [true] },
      { name: 'cost', type: 'double', values: [1] },
      { name: 'size', type: 'double', values: [1] },
    ]);
    const failure = await failureBeside(root);
    expect(failure.code).toBe('ERR_INPUT_SCHEMA');
    for (const word of ['symbol=BAD', 'cost', 'sequence_number', 'price']) {
      expect(failure.message).toContain(word);
    }
  });

  it('a column of another type', async () => {
    const root = temporaryFolder();
    const path = lakeFixtureFile(join(root, 'lake'), 'book_delta_v2', BAD);
    await writeParquetFixture(path, [
      { name: 'timestamp', type: 'int64', values: [START_NS] },
      { name: 'receipt_timestamp', type: 'int64', values: [START_NS] },
      { name: 'sequence_number', type: 'double', values: [1] },
      { name: 'side_is_bid', type: 'bool', values: [true] },
      { name: 'price', type: 'double', values: [1] },
      { name: 'size', type: 'double', values: [1] },
    ]);
    const failure = await failureBeside(root);
    expect(failure.code).toBe('ERR_INPUT_SCHEMA');
    expect(failure.message).toContain('sequence_number');
  });

  it('a file of no known kind', async () => {
    const root = temporaryFolder();
    const path = join(root, 'weather.parquet');
    await writeParquetFixture(path, [{ name: 'rain', type: 'double', values: [0.5] }]);
    const failure = await failureOf(['run', path, '-o', join(root, 'out')]);
    expect(failure.exitCode).toBe(1);
    expect(['ERR_INPUT_DIALECT', 'ERR_INPUT_SCHEMA']).toContain(failure.code);
    expect(failure.message).toContain('rain');
  });
});
