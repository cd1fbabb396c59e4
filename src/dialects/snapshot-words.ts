/** Words that say that a row belongs to a snapshot, in lower case: flags, and T_DEPTH's kinds. */
const YES_WORDS = new Set(['true', 't', '1', 'snap', 'snapshot']);
const NO_WORDS = new Set(['false', 'f', '0', 'set', 'update', 'delta']);

/** What a text says of a row; null: no word that anybody uses, and never taken for yes. */
export function isSnapshotWord(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  if (YES_WORDS.has(word)) return true;
  return NO_WORDS.has(word) ? false : null;
}
