import { NUMBER_TYPES, type Schema } from './schema.js';
import type { LevelColumns } from './types.js';

/** A table of book rows with more levels a side is a deep book: a second witness beside the other. */
export const BOOK_LEVELS_MAX = 20;

/** One level of both sides. */
export interface LevelPair {
  readonly bid: LevelColumns;
  readonly ask: LevelColumns;
}

const QTY_WORDS = ['qty', 'size', 'amount', 'quantity'];

/** Names of a level's price and quantity: `bid_0_price`, `bids[0].price`; from 0 on. */
const STYLES: readonly ((side: string, level: number, word: string) => string)[] = [
  (side, level, word) => `${side}_${level}_${word}`,
  (side, level, word) => `${side}s[${level}].${word}`,
];

/** Levels from the best on, as long as both sides have both columns of the next one. */
export function numberedLevels(schema: Schema): LevelPair[] {
  for (const nameOf of STYLES) {
    const levels: LevelPair[] = [];
    for (;;) {
      const bid = levelOf(schema, (word) => nameOf('bid', levels.length, word));
      const ask = levelOf(schema, (word) => nameOf('ask', levels.length, word));
      if (bid === null || ask === null) break;
      levels.push({ bid, ask });
    }
    if (levels.length > 0) return levels;
  }
  return [];
}

function levelOf(schema: Schema, nameOf: (word: string) => string): LevelColumns | null {
  if (schema.find([nameOf('price')]) === null) return null;
  const price = schema.optional({ names: [nameOf('price')], types: NUMBER_TYPES });
  const qty = schema.optional({ names: QTY_WORDS.map(nameOf), types: NUMBER_TYPES });
  return price === null || qty === null ? null : { price: price.name, qty: qty.name };
}
