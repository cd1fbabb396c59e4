import { InputError } from '../errors/errors.js';
import type { DialectFile } from './dialect.js';

/**
 * Refuses a policy that was asked for (`--policy`) where the ids that it follows are not there: the
 * audit would say that it proves what nobody looks at.
 *
 * @throws InputError ERR_INPUT_SCHEMA
 */
export function checkPolicyIds(path: string, { table, rows, policy }: DialectFile): void {
  if (table !== 'depth' || rows === null) return;
  const isWhole =
    policy === 'chain'
      ? rows.sequence !== null && rows.sequencePrev !== null
      : (policy !== 'contiguous' && policy !== 'monotonic') || rows.sequence !== null;
  if (isWhole) return;
  const found = [rows.sequence, rows.sequenceFirst, rows.sequencePrev].filter((id) => id !== null);
  const wanted =
    policy === 'chain' ? 'an id and the id before it (sequence, sequence_prev)' : 'ids (sequence)';
  throw new InputError(
    'ERR_INPUT_SCHEMA',
    `--policy ${policy} needs ${wanted} in each row, but ${path} has` +
      ` ${found.length === 0 ? 'no ids' : `only ${found.join(', ')}`}. Leave the policy to the` +
      ' source, or name the columns with --map.',
    { details: { path, policy, found } },
  );
}
