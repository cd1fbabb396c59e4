/** Random access to the bytes of one input: a file, a blob or a range of a URL. */
export interface ByteSource {
  /** What messages call it: a path or URL as the user gave it. */
  readonly name: string;
  readonly byteLength: number;
  /**
   * Reads exactly `byteLength` bytes from `offset`.
   * @throws InputError ERR_INPUT_UNREADABLE when they cannot be had (short read, I/O error)
   */
  read(offset: number, byteLength: number): Promise<Uint8Array>;
  /** Reads exactly `target.byteLength` bytes from `offset` into `target`, which may be shared. */
  readInto(offset: number, target: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
