import { textFactsOf } from '../text/text-footer.js';
import type { InstrumentInFile } from './probe.js';
import type { RecognisedFile } from './types.js';

/**
 * The instruments of a text file as its first pass has found them; null: it does not tell, because
 * a row names none, a block has too many, or a block mixes exchanges and symbols.
 */
export function surveyedInstruments(file: RecognisedFile): InstrumentInFile[] | null {
  const facts = textFactsOf(file.footer);
  if (facts === null) return null;
  const mapping = (file.rows ?? file.levels)!;
  const textsOf = (name: string | null) => {
    const at = file.footer.columns.findIndex((info) => info.name === name);
    return facts.columns[at]?.texts ?? null;
  };
  const exchanges = textsOf(mapping.exchange);
  const symbols = textsOf(mapping.symbol);
  const found = new Map<string, InstrumentInFile & { rowGroupIndexes: number[] }>();
  for (const block of file.footer.rowGroupRows.keys()) {
    const blockExchanges = file.exchange === null ? exchanges?.[block] : [file.exchange];
    const blockSymbols = file.symbol === null ? symbols?.[block] : [file.symbol];
    if (blockExchanges == null || blockSymbols == null) return null;
    if (blockExchanges.length > 1 && blockSymbols.length > 1) return null;
    for (const exchange of blockExchanges) {
      for (const symbol of blockSymbols) {
        const key = `${exchange}\0${symbol}`;
        const known = found.get(key) ?? { exchange, symbol, rowGroupIndexes: [], hasNull: false };
        known.rowGroupIndexes.push(block);
        found.set(key, known);
      }
    }
  }
  // A line that is no row is the only instrument's; of several it is nobody's, and has to be found.
  return facts.brokenCount > 0 && found.size > 1 ? null : [...found.values()];
}
