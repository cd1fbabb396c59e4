import type { SequencePolicy } from '../dialects/types.js';
import type { Proves } from './types.js';

const PROVES: Readonly<Record<SequencePolicy, { proves: Proves; words: string }>> = {
  chain: {
    proves: 'every_loss',
    words: 'Each message names the one before it: every lost message is proven.',
  },
  contiguous: {
    proves: 'every_loss',
    words: 'The ids of each message follow those of the one before: every lost message is proven.',
  },
  checksum: {
    proves: 'top_levels',
    words: 'Checksums prove the top levels, and with them any loss that touches those.',
  },
  monotonic: {
    proves: 'reordering',
    words:
      'These ids cannot prove a loss: they grow by no fixed step, and show reordering only. ' +
      'Gaps listed here are suspected, from witnesses and crossed books.',
  },
  snapshot: {
    proves: 'reconnects',
    words: 'No ids are followed: a loss cannot be proven; snapshots in the stream show reconnects.',
  },
};

/** The input holds no checksums, or depthmill does not check those of this source yet. */
const UNCHECKED: { proves: Proves; words: string } = {
  proves: 'reconnects',
  words:
    'No checksum of this source was checked: a loss cannot be proven; snapshots in the stream show ' +
    'reconnects.',
};

/**
 * What the ids of a source can prove, for machines and in words.
 * @param checksumCount checksums that were compared: without any they prove nothing
 */
export function provesOf(
  policy: SequencePolicy,
  checksumCount: number,
): { proves: Proves; words: string } {
  return policy === 'checksum' && checksumCount === 0 ? UNCHECKED : PROVES[policy];
}
