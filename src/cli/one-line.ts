/**
 * Characters that would end a line, move the cursor, paint, or turn the text around: a terminal obeys
 * them, whoever wrote them into a name.
 */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A text as one line that can be shown: a newline is `\n`, an escape `\x1b`. File names, symbols and
 * column names come from strangers. Not for machines: JSON and CSV hold every text as it is.
 */
export function oneLine(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0)!.toString(16);
    return SHORT[character] ?? (code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code}`);
  });
}
