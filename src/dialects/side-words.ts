/** Words that mean bid (buy), in lower case: the usual ones of vendors, flags and signs. */
const BID_WORDS = new Set(['bid', 'bids', 'b', 'buy', 'buyer', 'true', 't', '1', '+1']);
/** Words that mean ask (sell). */
const ASK_WORDS = new Set([
  'ask',
  'asks',
  'a',
  'sell',
  'seller',
  's',
  'offer',
  'false',
  'f',
  '-1',
  '0',
]);
/** Words by which a vendor says that it does not know the taker's side (Tardis). */
const UNKNOWN_WORDS = new Set(['', 'unknown', 'none', 'n']);

export type SideWord = 'bid' | 'ask' | 'unknown';

/** What a text says of the side, in any case; null: no word that anybody uses. */
export function sideOfWord(text: string): SideWord | null {
  const word = text.trim().toLowerCase();
  if (BID_WORDS.has(word)) return 'bid';
  if (ASK_WORDS.has(word)) return 'ask';
  return UNKNOWN_WORDS.has(word) ? 'unknown' : null;
}

/** 1 is bid, 0 and -1 are ask; anything else is no side (FIX's 2 for sell stays unsaid). */
export function sideOfInteger(value: bigint): SideWord | null {
  if (value === 1n) return 'bid';
  return value === 0n || value === -1n ? 'ask' : null;
}
