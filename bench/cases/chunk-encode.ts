import { DICTIONARY_ENTRIES } from '#src/abi/dictionary.js';
import { PAGE_ROWS } from '#src/abi/limits.js';
import {
  encodeRowGroup,
  encodeScratchBytes,
  rowGroupBytesMax,
} from '#src/parquet/encode-row-group.js';
import { encodeScratch } from '#src/parquet/encode-scratch.js';
import type { WriteColumn } from '#src/parquet/write-types.js';
import type { CaseMaker } from '../harness.js';
import { pricesOf } from './page-columns.js';

const COLUMN: WriteColumn = {
  name: 'price_pips',
  type: 'int64',
  nullable: false,
  encoding: 'auto',
  statistics: true,
};

/** A whole chunk: survey, choice, dictionary, pages, checksums, index; and its host's part. */
export const chunkEncodeCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const values = pricesOf(valueCount);
  const slotPtr = memory.put(values);
  const scratchBytes = encodeScratchBytes(valueCount);
  const scratch = { ptr: memory.buffer(scratchBytes), byteLength: scratchBytes };
  const outBytes = rowGroupBytesMax([COLUMN], valueCount);
  const out = [{ ptr: memory.buffer(outBytes), byteLength: outBytes }];
  const segments = Array.from({ length: Math.ceil(valueCount / PAGE_ROWS) }, (_, i) => ({
    slotPtr,
    rowStart: i * PAGE_ROWS,
    rowCount: Math.min(PAGE_ROWS, valueCount - i * PAGE_ROWS),
  }));
  const places = [{ valuesOffset: 0, validityOffset: -1 }];
  const request = {
    columns: [COLUMN],
    places,
    segments,
    rowCount: valueCount,
    codec: 'none',
    out,
  } as const;
  const entriesPtr = encodeScratch(scratch, valueCount).dictionaryPtr + DICTIONARY_ENTRIES;
  let entries = new Set<bigint>();
  return [
    {
      name: 'chunk encode prices',
      valueCount,
      inputBytes: valueCount * 8,
      prepare: () => undefined,
      ours: () => encodeRowGroup(core, scratch, request).chunks[0]!.nullCount,
      twin: () => {
        entries = new Set(values);
        return 0;
      },
      outputs: () => ({
        ours: core.views.i64At(entriesPtr, entries.size).slice(),
        twin: BigInt64Array.from(entries),
      }),
    },
  ];
};
