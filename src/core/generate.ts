/**
 * Kernels of the tape generator (assembly/generate/). Blocks are laid out in src/abi/generate.ts;
 * TapeStream (src/generate/tape-stream.ts) is their typed wrapper.
 */
export interface GenerateKernels {
  /** Clears and lays the first book of a tape; returns its levels, or -STATUS_BAD_ARGUMENT. */
  generateSeed(statePtr: number): number;
  /** Makes the next message; returns its rows, 0 at the day's end, or -STATUS_OUTPUT_FULL. */
  generateMessage(statePtr: number, messagePtr: number): number;
  /** Writes rows of a message to the depth columns; returns the rows still to come. */
  generateEmit(statePtr: number, messagePtr: number): number;
  /** Writes rows of a snapshot of the book to the depth columns; returns the rows still to come. */
  generateSnapshot(statePtr: number, messagePtr: number): number;
  /** Makes and writes messages until something stops it; returns a GEN_STOP_... reason. */
  generateRun(statePtr: number, messagePtr: number): number;
  /** Levels of a side (SIDE_BID or SIDE_ASK). */
  generateLevelCount(statePtr: number, side: number): number;
  /** Writes (i64 price_pips, i64 qty_pips) pairs from the best on; returns the levels. */
  generateLevels(statePtr: number, side: number, outPtr: number): number;
}
