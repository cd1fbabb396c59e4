import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { memorySource } from '#src/io/memory-source.js';
import { type SurveyElsewhere, surveyText } from '#src/text/survey.js';
import { surveySegment } from '#src/text/survey-segment.js';
import type { TextFooter } from '#src/text/text-footer.js';
import { openTextReader } from '#src/text/text-reader.js';
import { createPrng, type Prng } from '../prng.js';
import { textTools } from './text-source.js';

const tools = textTools();

/** Surveys a text, in segments of so many bytes; null: in one. */
function survey(text: string | Uint8Array, segmentBytes: number | null): Promise<TextFooter> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return surveyText(
    memorySource('text.csv', bytes),
    tools,
    segmentBytes === null ? {} : { segmentBytes },
  );
}

/** Everything that a reader makes of a text: its rows, a column at a time. */
async function rowsOf(text: string, footer: TextFooter): Promise<string[][]> {
  const source = memorySource('text.csv', new TextEncoder().encode(text));
  const reader = openTextReader(source, footer, tools);
  const names = footer.columns.map(({ name }) => name);
  const rows = names.map((): string[] => []);
  await reader.readRowGroups([...footer.rowGroupRows.keys()], names, (columns, rowCount) => {
    for (const [place, { values, offsets, validity }] of columns.entries()) {
      const bytes = values.slice();
      const numbers = offsets === null ? new BigInt64Array(bytes.buffer) : null;
      for (let row = 0; row < rowCount; row++) {
        const isThere = validity === null || ((validity[row >> 3]! >> (row & 7)) & 1) === 1;
        const value =
          numbers === null
            ? new TextDecoder().decode(bytes.subarray(offsets![row], offsets![row + 1]))
            : String(numbers[row]);
        rows[place]!.push(isThere ? value : 'null');
      }
    }
  });
  await reader.close();
  return rows;
}

/** What a survey says of a text as a whole, whatever its blocks are. */
function factsOf({ rowCount, columns, text }: TextFooter): unknown {
  const { hasHeader, brokenCount, truncation } = text;
  const ranges = text.columns.map(({ kind, range, otherCounts }) => ({
    kind,
    range,
    others: otherCounts.reduce((sum, count) => sum + count, 0),
  }));
  const end = text.blockOffsets.at(-1);
  return { rowCount, columns, hasHeader, brokenCount, truncation, ranges, end };
}

/** Lines of prices and words, some of them quoted, some broken, some empty. */
function randomText(prng: Prng, quotes: 'none' | 'plain' | 'newlines'): string {
  const words = ['bid', 'ask', '', 'ü', quotes === 'none' ? 'x' : '"a,""b"'];
  if (quotes === 'newlines') words.push('"first\nsecond,1"', '"\n\n"');
  const end = prng.pick(['\n', '\r\n']);
  const isEnded = quotes === 'newlines' || prng.chance(0.8);
  const lines = Array.from({ length: prng.int(1, 400) }, () => {
    if (prng.chance(0.02)) return prng.pick(['', 'one field', '1,2,3,4,5']);
    const price = (prng.int(0, 1e6) / 100).toFixed(prng.int(0, 3));
    return `${prng.int(0, 1e9)},${prng.pick(words)},${price}`;
  });
  return `stamp,word,price${end}${lines.join(end)}${isEnded ? end : ''}`;
}

describe('a text that is surveyed in segments', () => {
  it.each(['none', 'plain', 'newlines'] as const)(
    'has the rows of one in one (%s)',
    async (quotes) => {
      const prng = createPrng();
      const note = `seed ${prng.seed}`;
      let segmented = 0;
      for (let round = 0; round < 150; round++) {
        const text = randomText(prng, quotes);
        const whole = await survey(text, null);
        const parts = await survey(text, prng.int(16, 600));
        expect(factsOf(parts), note).toEqual(factsOf(whole));
        expect(await rowsOf(text, parts), note).toEqual(await rowsOf(text, whole));
        if (parts.footerXxh64 !== whole.footerXxh64) segmented++;
      }
      // Where a segment would begin within quotes the text is read in one.
      expect(segmented, note).toBeGreaterThan(20);
    },
  );

  it('is the same wherever its segments are surveyed', async () => {
    const prng = createPrng();
    for (let round = 0; round < 20; round++) {
      const bytes = new TextEncoder().encode(randomText(prng, 'newlines'));
      const source = memorySource('text.csv', bytes);
      const elsewhere: SurveyElsewhere = async ({ path, shape, segment }) => {
        const task = structuredClone({ shape, segment });
        const found = await surveySegment(
          memorySource(path, bytes),
          textTools(),
          task.shape,
          task.segment,
        );
        return structuredClone(found);
      };
      const segmentBytes = prng.int(64, 600);
      const there = await surveyText(source, tools, { elsewhere, segmentBytes });
      expect(there).toEqual(await surveyText(source, tools, { segmentBytes }));
    }
  });

  it.each([
    ['a quote that is never closed', 'a,b\n1,2\n3,"4\n5,6\n7,8\n'],
    ['a line that is too long', `a,b\n1,2\n${'x'.repeat(2 ** 20)},3\n4,5\n`],
  ])('says of %s what is said of one in one', async (_, text) => {
    const message = await survey(text, null).catch((error: Error) => error.message);
    expect(message).toContain('cannot be read behind byte');
    await expect(survey(text, 8)).rejects.toThrow(message as string);
  });

  it('begins at a line that begins at its first byte', async () => {
    // Lines of 8 bytes, and segments of whole lines.
    const text = `abc,def\n${'123,456\n'.repeat(63)}`;
    const parts = await survey(text, 64);
    expect([...parts.text.blockOffsets]).toEqual([8, 64, 128, 192, 256, 320, 384, 448, 512]);
    expect(parts.rowCount).toBe(63);
  });

  it('is a capture too', async () => {
    const line = (id: number): string =>
      `17231612561722107${id} {"e":"depthUpdate","E":1723161256167,"s":"BTCUSDT","U":${id},"u":${id},"b":[["1.5","2"]],"a":[]}\n`;
    const text = Array.from({ length: 90 }, (_, index) => line(10 + index)).join('');
    const [whole, parts] = [await survey(text, null), await survey(text, 1_000)];
    expect(parts.rowGroupRows.length).toBeGreaterThan(5);
    expect(factsOf(parts)).toEqual(factsOf(whole));
    expect(await rowsOf(text, parts)).toEqual(await rowsOf(text, whole));
  });

  it('is one segment where it is packed', async () => {
    const packed = new Uint8Array(gzipSync('a,b\n1,2\n3,4\n'));
    expect(await survey(packed, 8)).toEqual(await survey(packed, null));
  });
});
