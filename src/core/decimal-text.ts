import {
  DECIMALS_BYTES,
  DECIMALS_MAX,
  DECIMALS_SCALE_LOST,
  DECIMALS_TOO_MANY,
} from '../abi/scale.js';
import type { Core } from './core.js';
import { countOf } from './kernel-error.js';
import type { ScaleRange } from './scale.js';

/** Raw signatures of assembly/decimal-text.ts. */
export interface DecimalTextKernels {
  decimalTextToPips(
    textPtr: number,
    offsetsPtr: number,
    rowCount: number,
    scale: number,
    outPtr: number,
    badBitmapPtr: number,
  ): number;
  decimalTextDecimals(
    textPtr: number,
    offsetsPtr: number,
    rowCount: number,
    outPtr: number,
  ): number;
}

/** A column of texts in the linear memory, as Arrow's utf8 has it. */
export interface TextColumn {
  /** Address of the text bytes. */
  readonly textPtr: number;
  /** Address of rowCount + 1 int32 offsets into them; 4-byte aligned. */
  readonly offsetsPtr: number;
  readonly rowCount: number;
}

/**
 * Turns decimal texts (`61837.63`, `-1`, `5.825e-05`) into int64 pips at `outPtr` (8-byte aligned,
 * apart from the texts). Bad, with 0 pips and a bit: empty, no number, more decimals than `scale`
 * (trailing zeros count for nothing), outside int64. The kernel only sets bits of the bitmap; the
 * caller clears its `ceil(rowCount / 8)` bytes. units/decimal says what is wrong with a text.
 * @returns how many rows are bad
 */
export function scaleTexts(
  core: Core,
  { textPtr, offsetsPtr, rowCount }: TextColumn,
  target: { readonly scale: number; readonly outPtr: number; readonly badBitmapPtr: number },
): number {
  const { scale, outPtr, badBitmapPtr } = target;
  const bad = core.kernels.decimalTextToPips(
    textPtr,
    offsetsPtr,
    rowCount,
    scale,
    outPtr,
    badBitmapPtr,
  );
  return countOf('decimalTextToPips', bad);
}

/**
 * What a column of decimal texts asks of a scale. Rows that are no number are passed over.
 * @param scratchPtr DECIMALS_BYTES (16) of the memory, 8-byte aligned, that the call may overwrite
 */
export function textsRange(core: Core, texts: TextColumn, scratchPtr: number): ScaleRange {
  const { textPtr, offsetsPtr, rowCount } = texts;
  core.views.bytes(scratchPtr, DECIMALS_BYTES).fill(0);
  const result = core.kernels.decimalTextDecimals(textPtr, offsetsPtr, rowCount, scratchPtr);
  countOf('decimalTextDecimals', result);
  const { i32 } = core.views;
  return {
    decimals: i32[(scratchPtr + DECIMALS_MAX) / 4]!,
    scaleMax: DECIMALS_TOO_MANY - 1 - i32[(scratchPtr + DECIMALS_SCALE_LOST) / 4]!,
  };
}
