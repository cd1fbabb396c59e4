import { describe, expect, it } from 'vitest';
import { type CutGroup, RowGroupCutter } from '#src/pipeline/row-group-cutter.js';
import { createPrng } from '../prng.js';

interface Case {
  readonly ends: readonly boolean[];
  readonly rowGroupRows: number;
  readonly rowGroupRowsMax: number;
  readonly partRows: number;
}

/** Row counts of the groups when the rows come in pieces of the given sizes; `|` ends a part. */
function cut(of: Case, pieces: readonly number[]): string {
  const cutter = new RowGroupCutter({
    rowGroupRows: of.rowGroupRows,
    rowGroupRowsMax: of.rowGroupRowsMax,
    partRows: of.partRows,
    nextMessageEnd: (_slot, rowStart, rowEnd) => {
      const row = of.ends.indexOf(true, rowStart);
      return row === -1 || row >= rowEnd ? -1 : row;
    },
  });
  const groups: CutGroup[] = [];
  let rowStart = 0;
  for (const piece of pieces) {
    groups.push(...cutter.push({ slot: 0, rowStart, rowEnd: rowStart + piece }));
    rowStart += piece;
  }
  const last = cutter.finish();
  if (last !== null) groups.push(last);
  return groups.map(({ rowCount, endsPart }) => `${rowCount}${endsPart ? '|' : ''}`).join(' ');
}

const ends = (text: string): boolean[] => [...text].map((character) => character === 'L');

describe('RowGroupCutter', () => {
  it('ends a group at the first message end at or after the wanted rows', () => {
    const of = { ends: ends('.L..L.LL.L'), rowGroupRows: 4, rowGroupRowsMax: 100, partRows: 100 };
    expect(cut(of, [10])).toBe('5 5');
  });

  it('ends a group exactly at the wanted rows when a message ends there', () => {
    const of = { ends: ends('...L...L'), rowGroupRows: 4, rowGroupRowsMax: 100, partRows: 100 };
    expect(cut(of, [8])).toBe('4 4');
  });

  it('cuts a message that is longer than a group may be', () => {
    const of = { ends: ends('.........L'), rowGroupRows: 2, rowGroupRowsMax: 4, partRows: 100 };
    expect(cut(of, [10])).toBe('4 4 2');
  });

  it('ends a part at a message end only', () => {
    const of = { ends: ends('.L.L.....L.L'), rowGroupRows: 2, rowGroupRowsMax: 4, partRows: 6 };
    expect(cut(of, [12])).toBe('2 2 4 2| 2');
  });

  it('gives the same groups however the rows come', () => {
    const random = createPrng();
    for (let round = 0; round < 200; round++) {
      const rowCount = 1 + Math.floor(random.unit() * 200);
      const of: Case = {
        ends: Array.from({ length: rowCount }, () => random.unit() < 0.2),
        rowGroupRows: 1 + Math.floor(random.unit() * 20),
        rowGroupRowsMax: 21 + Math.floor(random.unit() * 20),
        partRows: 1 + Math.floor(random.unit() * 90),
      };
      const pieces: number[] = [];
      for (let left = rowCount; left > 0; left -= pieces.at(-1)!) {
        pieces.push(1 + Math.floor(random.unit() * left));
      }
      expect(cut(of, pieces)).toBe(cut(of, [rowCount]));
    }
  });
});
