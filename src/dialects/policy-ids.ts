import { InputError } from '../errors/errors.js';
import type { RecognisedFile } from './types.js';

/**
 * What speaks against a policy that was asked for (`--policy`): the ids that it follows are not
 * there, and the audit would say that it proves what nobody looks at.
 *
 * @param file of a day, with the ids that the others of its stream have (withIdsOfStream)
 * @returns ERR_INPUT_SCHEMA; null: nothing does
 */
export function policyWithoutIds({ path, table, rows, policy }: RecognisedFile): InputError | null {
  if (table !== 'depth' || rows === null) return null;
  const isWhole =
    policy === 'chain'
      ? rows.sequence !== null && rows.sequencePrev !== null
      : (policy !== 'contiguous' && policy !== 'monotonic') || rows.sequence !== null;
  if (isWhole) return null;
  const found = [rows.sequence, rows.sequenceFirst, rows.sequencePrev].filter((id) => id !== null);
  const wanted =
    policy === 'chain' ? 'an id and the id before it (sequence, sequence_prev)' : 'ids (sequence)';
  return new InputError(
    'ERR_INPUT_SCHEMA',
    `--policy ${policy} needs ${wanted} in each row, but ${path} has` +
      ` ${found.length === 0 ? 'no ids' : `only ${found.join(', ')}`}. Leave the policy to the` +
      ' source, or name the columns with --map.',
    { details: { path, policy, found } },
  );
}
