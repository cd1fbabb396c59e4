import {
  STATUS_BAD_ARGUMENT,
  STATUS_BAD_STATE,
  STATUS_BOOK_FULL,
  STATUS_CORRUPT,
  STATUS_NOT_EXACT,
  STATUS_OUTPUT_FULL,
  STATUS_TRUNCATED,
} from '../abi/status.js';
import { KernelError } from '../errors/errors.js';

const MEANING = new Map([
  [STATUS_BAD_ARGUMENT, 'an argument is misaligned or out of range'],
  [STATUS_OUTPUT_FULL, 'the output has no room left'],
  [STATUS_BOOK_FULL, "the book's block has no room left"],
  [STATUS_TRUNCATED, 'the input ends too early'],
  [STATUS_CORRUPT, 'the input contradicts its format'],
  [STATUS_NOT_EXACT, 'a value is not exact at this scale'],
  [STATUS_BAD_STATE, 'the block was not formatted by this core'],
]);

/** Passes a kernel's count through, or throws ERR_KERNEL for a status that its caller cannot mend. */
export function countOf(kernel: string, result: number): number {
  if (result >= 0) return result;
  const meaning = MEANING.get(-result) ?? 'unknown status';
  throw new KernelError('ERR_KERNEL', `${kernel} returned status ${-result}: ${meaning}.`, {
    details: { kernel, status: -result },
  });
}
