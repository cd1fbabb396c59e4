import { FLAG_LAST } from '#src/abi/flags.js';
import {
  SEQ_BLOCK_BYTES,
  SEQUENCE_CHAIN,
  SEQUENCE_CONTIGUOUS,
  SEQUENCE_MONOTONIC,
} from '#src/abi/sequence.js';
import { findGaps, gapScratchBytes, type IdGap, SequenceScanner } from '#src/core/sequence.js';
import type { BenchMemory } from '../bench-memory.js';
import type { CaseMaker, KernelCase } from '../harness.js';
import { type MessageColumnValues, messageColumnValues } from './message-columns.js';

/** DESIGN section 3: between the 1.6 and 2.4 G ids/s of the prototype. */
const GAP_FLOOR = 2.0e9;
const GAP_EVERY_ROWS = 4_000;

function gapCase(memory: BenchMemory, valueCount: number): KernelCase {
  const { core } = memory;
  const ids = new BigInt64Array(valueCount);
  for (let row = 0; row < valueCount; row++) {
    ids[row] = BigInt(row + 7 * Math.floor(row / GAP_EVERY_ROWS));
  }
  const column = { idsPtr: memory.put(ids), rowCount: valueCount };
  const capacity = 1_024;
  const scratch = { ptr: memory.buffer(gapScratchBytes(capacity)), capacity };
  const twin = (): IdGap[] => {
    const gaps: IdGap[] = [];
    for (let row = 1; row < valueCount; row++) {
      const missing = ids[row]! - ids[row - 1]! - 1n;
      if (missing > 0n) gaps.push({ row, missing });
    }
    return gaps;
  };
  return {
    name: 'gapScan',
    valueCount,
    inputBytes: ids.byteLength,
    prepare: () => undefined,
    ours: () => findGaps(core, column, null, scratch),
    twin,
    outputs: () => ({ ours: null, twin: null }),
    floor: GAP_FLOOR,
    c: {
      name: 'gap_scan',
      input: [ids],
      count: valueCount,
      expected: () => {
        const gaps = twin().flatMap(({ row, missing }) => [BigInt(row), missing]);
        return new Uint8Array(BigInt64Array.from(gaps).buffer);
      },
    },
  };
}

/** Rows that break the policy (there are none), one row after the other. */
function scanTwin(values: MessageColumnValues, follows: (row: number, last: bigint) => boolean) {
  const { sequence, flags } = values;
  let last: bigint | null = null;
  let starts = true;
  for (let row = 0; row < flags.length; row++) {
    if (starts && last !== null && !follows(row, last)) return row;
    starts = (flags[row]! & FLAG_LAST) !== 0;
    if (starts) last = sequence[row]!;
  }
  return flags.length;
}

export const sequenceCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const values = messageColumnValues(valueCount);
  const columns = {
    sequencePtr: memory.put(values.sequence),
    firstPtr: memory.put(values.first),
    prevPtr: memory.put(values.prev),
    flagsPtr: memory.put(values.flags),
  };
  const blockPtr = memory.buffer(SEQ_BLOCK_BYTES);
  const scanCase = (
    name: string,
    policy: number,
    follows: (row: number, last: bigint) => boolean,
  ): KernelCase => ({
    name: `sequenceScan ${name}`,
    valueCount,
    inputBytes: (policy === SEQUENCE_MONOTONIC ? 12 : 20) * valueCount,
    prepare: () => undefined,
    ours: () => SequenceScanner.start(core, blockPtr, policy).scan(columns, 0, valueCount),
    twin: () => scanTwin(values, follows),
    outputs: () => ({ ours: null, twin: null }),
  });
  return [
    gapCase(memory, valueCount),
    scanCase('monotonic', SEQUENCE_MONOTONIC, (row, last) => values.sequence[row]! > last),
    scanCase('contiguous', SEQUENCE_CONTIGUOUS, (row, last) => values.first[row] === last + 1n),
    scanCase('chain', SEQUENCE_CHAIN, (row, last) => values.prev[row] === last),
  ];
};
