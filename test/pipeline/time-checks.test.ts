import { describe, expect, it } from 'vitest';
import { FLAG_BAD_TS } from '#src/abi/flags.js';
import { STAMPS_BLOCK_BYTES } from '#src/abi/stamps.js';
import { StampCounter } from '#src/core/stamps.js';
import { TimeChecks } from '#src/pipeline/time-checks.js';
import { BUILDS, Sandbox } from '../kernels/both-builds.js';
import { createPrng } from '../prng.js';

const HOUR = 3_600_000_000_000n;
const DAY = 24n * HOUR;
const START = 1_767_225_600_000_000_000n;
const SECOND = 1_000_000_000n;

/** Rows of this table that are marked, looked at in chunks of at most `chunkRows`. */
function marked(times: readonly bigint[], chunkRows: number, events = times): number[] {
  const sandbox = new Sandbox(BUILDS[0].module);
  const { core } = sandbox;
  const put = (values: ArrayBufferView) => sandbox.put(values);
  const stamps = new StampCounter(core, sandbox.buffer(STAMPS_BLOCK_BYTES));
  const checks = new TimeChecks(core, {
    table: 'depth',
    dayFromNs: START,
    dayToNs: START + DAY,
    latencyMaxNs: HOUR,
  });
  const rows: number[] = [];
  for (let from = 0; from < times.length; from += chunkRows) {
    const recv = times.slice(from, from + chunkRows);
    const columns = {
      tsRecvPtr: put(BigInt64Array.from(recv)),
      tsEventPtr: put(BigInt64Array.from(events.slice(from, from + chunkRows))),
      flagsPtr: put(new Int32Array(recv.length)),
    };
    const originOf = (row: number) => ({ file: 'f', row: from + row });
    const facts = stamps.add(columns, recv.length);
    checks.check({ columns, rowCount: recv.length, facts, originOf });
    const flags = core.views.i32At(columns.flagsPtr, recv.length);
    for (const [row, flag] of flags.entries()) {
      if ((flag & FLAG_BAD_TS) !== 0) rows.push(from + row);
    }
  }
  const listed = new Set(checks.faults.listed.map(({ row }) => row));
  expect([...listed].toSorted((a, b) => a - b)).toEqual(rows);
  return rows;
}

const seconds = (from: bigint, count: number): bigint[] =>
  Array.from({ length: count }, (_, i) => from + BigInt(i) * SECOND);

describe('stamps that cannot be believed', () => {
  it('are those of a message that a jump leads to, outside the day', () => {
    const good = seconds(START + HOUR, 50);
    const bad = START + DAY;
    expect(marked([...good, bad, bad], 7)).toEqual([50, 51]);
    expect(marked([...good, bad, ...seconds(START + 2n * HOUR, 5)], 7)).toEqual([50]);
    expect(marked([START - DAY, ...good], 7)).toEqual([0]);
  });

  it('are not those of a recording that runs on over midnight', () => {
    expect(marked(seconds(START + DAY - 30n * SECOND, 90), 16)).toEqual([]);
  });

  it('mark one message behind an outage, and not the rest of the file', () => {
    const before = seconds(START + DAY - 10n * SECOND, 20);
    const after = seconds(START + DAY + 3n * HOUR, 40);
    expect(marked([...before, after[0]!, ...after], 16)).toEqual([20, 21]);
  });

  it('are those whose clocks are too far apart', () => {
    const recv = seconds(START, 10);
    const events = recv.map((stamp, row) => (row === 4 ? stamp - HOUR - 1n : stamp - HOUR));
    expect(marked(recv, 3, events)).toEqual([4]);
  });

  it('are the same wherever rows are cut into chunks', () => {
    const prng = createPrng();
    let at = START + DAY - 2n * HOUR;
    const stamps = Array.from({ length: 400 }, () => {
      const step = prng.pick([0n, SECOND, 60n * SECOND, HOUR, HOUR + 1n, -2n * HOUR, 5n * HOUR]);
      at += prng.chance(0.8) ? SECOND : step;
      return prng.chance(0.05) ? START + BigInt(prng.int(-5, 10)) * DAY : at;
    });
    const whole = marked(stamps, 400);
    expect(whole.length).toBeGreaterThan(0);
    for (const chunkRows of [1, 7, 64]) {
      expect(marked(stamps, chunkRows), `seed ${prng.seed}`).toEqual(whole);
    }
  });
});
