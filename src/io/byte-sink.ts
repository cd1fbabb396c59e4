/**
 * Where the bytes of one output go. They stand under no final name until {@link ByteSink.publish};
 * an output that fails is aborted and leaves nothing behind.
 */
export interface ByteSink {
  /** What messages call it: the final path. */
  readonly name: string;
  /** Bytes written so far. */
  readonly byteLength: number;
  /**
   * Appends the chunks in order. They may be views of the shared memory; what they show must stay
   * as it is until the promise settles. One write at a time.
   * @throws OutputError ERR_OUTPUT_NO_SPACE, ERR_OUTPUT_UNWRITABLE
   */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** Brings everything to the disk and ends writing; the final name is still free. */
  close(): Promise<void>;
  /** Gives the bytes their final name, closing first where that was not done. */
  publish(): Promise<void>;
  /** Drops what was written. Does nothing after publish, and never throws. */
  abort(): Promise<void>;
}
