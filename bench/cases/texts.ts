import type { TextColumn } from '#src/core/decimal-text.js';
import type { BenchMemory } from '../bench-memory.js';

/** Puts ASCII texts into the memory as a utf8 column; `byteLength` of texts and offsets. */
export function putTexts(
  memory: BenchMemory,
  texts: readonly string[],
): { column: TextColumn; byteLength: number } {
  const offsets = new Int32Array(texts.length + 1);
  texts.forEach((text, i) => {
    offsets[i + 1] = offsets[i]! + text.length;
  });
  const bytes = new TextEncoder().encode(texts.join(''));
  const textPtr = memory.put(bytes);
  const offsetsPtr = memory.put(offsets);
  return {
    column: { textPtr, offsetsPtr, rowCount: texts.length },
    byteLength: bytes.byteLength + offsets.byteLength,
  };
}
