import { describe, expect, it } from 'vitest';
import { FLAG_LAST } from '#src/abi/flags.js';
import {
  SEQ_BLOCK_BYTES,
  SEQUENCE_CHAIN,
  SEQUENCE_CONTIGUOUS,
  SEQUENCE_MONOTONIC,
  SEQUENCE_NONE,
} from '#src/abi/sequence.js';
import { findGaps, gapScratchBytes, SequenceScanner } from '#src/core/sequence.js';
import { breaksOf, gapsOf, type OracleRow, type Policy } from '../oracle/sequence.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const INT64_MAX = 2n ** 63n - 1n;

describe.each(BUILDS)('gapScan ($build)', ({ module }) => {
  it('finds each gap and its size, however little scratch there is', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      for (const gapChance of [0, 0.01, 0.3, 1]) {
        let id = prng.i64() >> 8n;
        const ids = Array.from({ length }, () => {
          id += prng.chance(gapChance) ? BigInt(prng.int(-5, 30)) : 1n;
          return id;
        });
        const previousId = prng.chance(0.5) ? null : (ids[0] ?? 0n) - BigInt(prng.int(-2, 5));
        const sandbox = new Sandbox(module);
        const idsPtr = sandbox.put(BigInt64Array.from(ids), { skew: 8 });
        for (const capacity of [1, 2, 7, 2_000]) {
          const scratch = { ptr: sandbox.buffer(gapScratchBytes(capacity)), capacity };
          const found = findGaps(sandbox.core, { idsPtr, rowCount: length }, previousId, scratch);
          expect(found, `seed ${prng.seed}, length ${length}`).toEqual(gapsOf(ids, previousId));
        }
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
  });

  it('is not led astray by ids at the ends of int64', () => {
    const ids = [-INT64_MAX - 1n, INT64_MAX, -INT64_MAX - 1n, -1n, INT64_MAX, INT64_MAX - 1n, 5n];
    const column = [...ids, ...ids, ...ids, ...ids];
    const sandbox = new Sandbox(module);
    const idsPtr = sandbox.put(BigInt64Array.from(column));
    const scratch = { ptr: sandbox.buffer(gapScratchBytes(64)), capacity: 64 };
    expect(findGaps(sandbox.core, { idsPtr, rowCount: column.length }, null, scratch)).toEqual(
      gapsOf(column, null),
    );
  });
});

const POLICIES: [Policy, number][] = [
  ['none', SEQUENCE_NONE],
  ['monotonic', SEQUENCE_MONOTONIC],
  ['contiguous', SEQUENCE_CONTIGUOUS],
  ['chain', SEQUENCE_CHAIN],
];

/** A stream with gaps, repeats and falls; ids may also differ inside a message. */
function randomStream(prng: Prng, length: number, trouble: number): OracleRow[] {
  const rows: OracleRow[] = [];
  let id = BigInt(prng.int(0, 1_000));
  while (rows.length < length) {
    let [first, prev] = [id + 1n, id];
    if (prng.chance(trouble)) first += BigInt(prng.int(-3, 4));
    if (prng.chance(trouble)) prev += BigInt(prng.int(-3, 4));
    let sequence = first + BigInt(prng.int(0, 3));
    const count = prng.chance(0.1) ? prng.int(1, 40) : prng.int(1, 4);
    for (let i = 1; i <= count; i++) {
      if (prng.chance(trouble / 4)) sequence += BigInt(prng.int(-2, 3));
      rows.push({ sequence, first, prev, last: i === count });
    }
    id = sequence;
  }
  return rows.slice(0, length);
}

/** Rows at which the kernel stops, the host accepting each; the rows come in random slots. */
function scannedBreaks(
  module: WebAssembly.Module,
  rows: readonly OracleRow[],
  options: { policy: number; useFirst: boolean; prng: Prng },
): number[] {
  const { policy, useFirst, prng } = options;
  const sandbox = new Sandbox(module);
  const scanner = SequenceScanner.start(sandbox.core, sandbox.buffer(SEQ_BLOCK_BYTES), policy);
  const breaks: number[] = [];
  for (let slotStart = 0; slotStart < rows.length; ) {
    const slot = rows.slice(slotStart, slotStart + prng.int(1, 200));
    const put = (field: (row: OracleRow) => bigint): number =>
      sandbox.put(BigInt64Array.from(slot, field), { skew: 8 });
    const columns = {
      sequencePtr: put((row) => row.sequence),
      firstPtr: useFirst ? put((row) => row.first) : 0,
      prevPtr: policy === SEQUENCE_CHAIN ? put((row) => row.prev) : 0,
      flagsPtr: sandbox.put(Int32Array.from(slot, (row) => (row.last ? FLAG_LAST | 4 : 36))),
    };
    let row = scanner.scan(columns, 0, slot.length);
    while (row < slot.length) {
      breaks.push(slotStart + row);
      row = scanner.scan(columns, row, slot.length, true);
    }
    slotStart += slot.length;
    const ended = rows.slice(0, slotStart).findLast((candidate) => candidate.last);
    expect(scanner.lastId).toBe(ended?.sequence ?? null);
    expect(scanner.messageOpen).toBe(rows[slotStart - 1]?.last === false);
  }
  expect(sandbox.trespasses()).toEqual([]);
  return breaks;
}

describe.each(BUILDS)('sequenceScan ($build)', ({ module }) => {
  it.each(POLICIES)('stops at each message that breaks %s, and at no other', (name, policy) => {
    const prng = createPrng();
    for (const useFirst of [true, false]) {
      for (const trouble of [0, 0.02, 0.5]) {
        for (const length of [1, 2, 5, 9, 200, 700, 2_000]) {
          const rows = randomStream(prng, length, trouble);
          const note = `seed ${prng.seed}, length ${length}, trouble ${trouble}`;
          expect(scannedBreaks(module, rows, { policy, useFirst, prng }), note).toEqual(
            breaksOf(rows, name, useFirst),
          );
        }
      }
    }
  });

  it('compares with what the host sets, and not with a message that it drops', () => {
    const sandbox = new Sandbox(module);
    const blockPtr = sandbox.buffer(SEQ_BLOCK_BYTES);
    const scanner = SequenceScanner.start(sandbox.core, blockPtr, SEQUENCE_CONTIGUOUS);
    expect(scanner.lastId).toBeNull();
    scanner.lastId = 9n;
    const columns = {
      sequencePtr: sandbox.put(BigInt64Array.from([10n, 10n, 4n, 4n, 11n])),
      firstPtr: 0,
      prevPtr: 0,
      flagsPtr: sandbox.put(Int32Array.from([0, 128, 0, 128, 128])),
    };
    expect(scanner.scan(columns, 0, 5)).toBe(2);
    expect(scanner.lastId).toBe(10n);
    const behind = sandbox.core.kernels.messageEnd(columns.flagsPtr, 2, 5);
    expect(scanner.scan(columns, behind, 5)).toBe(5);
    expect(SequenceScanner.resume(sandbox.core, blockPtr).lastId).toBe(11n);
  });
});
