/** The usual names of a message's id, or of its last one. */
export const SEQUENCE_NAMES = [
  'sequence',
  'update_id',
  'last_update_id',
  'sequence_number',
  'final_update_id',
  'u',
  'seq',
] as const;
