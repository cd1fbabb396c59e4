/**
 * A temporary file that all threads of the process write to and read from. Plain data: the number of
 * an open file is good on every thread, and the file has no name any more.
 */
export interface SpillPlace {
  readonly fd: number;
  /** The folder that it takes its room from, for messages. */
  readonly folder: string;
  /** One int64: the byte behind what has been given away. Threads add to it atomically. */
  readonly end: SharedArrayBuffer;
}
