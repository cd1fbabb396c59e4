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

/** Those of a message's first id, and of the last id of the message before it. */
export const SEQUENCE_FIRST_NAMES = ['sequence_first', 'first_update_id', 'U'] as const;
export const SEQUENCE_PREV_NAMES = ['sequence_prev', 'prev_update_id', 'pu'] as const;
