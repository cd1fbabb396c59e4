import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from '../support/instruments.js';
import type { InstrumentJson } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const CAPTURE = 'captures/usdm/ethusdt_20240808.gz';

/** The recording's lines as if they were another symbol's. */
function renamed(line: string, symbol: string): string {
  return line.replaceAll('ETHUSDT', symbol).replaceAll('ethusdt@', `${symbol.toLowerCase()}@`);
}

/** A reply of the REST interface, which names no symbol, as a stream of its own. */
function wrapped(line: string, symbol: string): string {
  if (!line.includes('"lastUpdateId"')) return line;
  const at = line.indexOf('{');
  const name = `${symbol.toLowerCase()}@depthSnapshot`;
  return `${line.slice(0, at)}{"stream":"${name}","generated":true,"data":${line.slice(at)}}`;
}

describe.skipIf(!hasSharedData)('a capture of two symbols that take turns', () => {
  it('gives each the book that it has alone', { timeout: 120_000 }, async () => {
    const lines = gunzipSync(readFileSync(sharedData(CAPTURE)))
      .toString()
      .trimEnd()
      .split('\n');
    const both = lines.flatMap((line) =>
      ['ETHUSDT', 'ABCUSDT'].map((symbol) => wrapped(renamed(line, symbol), symbol)),
    );
    const root = temporaryFolder();
    const file = join(root, 'both.gz');
    writeFileSync(file, gzipSync(`${both.join('\n')}\n`));
    const auditOf = async (input: string): Promise<readonly InstrumentJson[]> => {
      const { stdout } = await depthmillDone(['audit', input, '--json']);
      return (JSON.parse(stdout) as { instruments: InstrumentJson[] }).instruments;
    };
    const [alone] = await auditOf(sharedData(CAPTURE));
    const instruments = await auditOf(file);
    expect(instruments.map(({ symbol }) => symbol)).toEqual(['ABCUSDT', 'ETHUSDT']);
    for (const { exchange, symbol, dt, ...found } of instruments) {
      const { exchange: _exchange, symbol: _symbol, dt: _dt, ...expected } = alone!;
      expect(found, `${exchange} ${symbol} ${dt}`).toEqual(expected);
    }
    const { flatFolder } = INSTRUMENTS[1]!;
    const [flat] = await auditOf(sharedData(`flat/${flatFolder}`));
    expect(instruments[0]!.digest).toBe(flat!.digest);
  });
});
