import { WINDOW_NS } from '../book/message-order.js';
import { InputError } from '../errors/errors.js';
import { formatInstantNs } from '../units/instant.js';

/** A row of a file, and when it was received. */
export interface FilePlace {
  readonly file: string;
  readonly tsRecv: bigint;
}

/**
 * Refuses a file that begins before the one before it has ended, for rows that have no ids which
 * tell what both hold: they would be taken twice.
 *
 * @throws InputError ERR_INPUT_OVERLAP where that is more than what may come out of order
 */
export function refuseOverlap(last: FilePlace, first: FilePlace): void {
  if (first.file === last.file || first.tsRecv >= last.tsRecv - WINDOW_NS) return;
  throw new InputError(
    'ERR_INPUT_OVERLAP',
    `${first.file} begins at ${formatInstantNs(first.tsRecv)}, before ${last.file} ends` +
      ` (${formatInstantNs(last.tsRecv)}), and no ids tell which rows both hold; read together` +
      ' those would count twice. Name one of the two, or run them apart.',
    { details: { path: first.file, other: last.file } },
  );
}
