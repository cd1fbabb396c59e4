import type { ByteSource } from './byte-source.js';

/** The bytes of one input in their order, each once. One reader at a time. */
export interface ByteStream {
  /**
   * Fills `target`, which may be shared; with fewer bytes only at the end.
   * @returns the bytes written
   * @throws InputError ERR_INPUT_UNREADABLE when they cannot be had
   */
  readInto(target: Uint8Array): Promise<number>;
  /** Whether the bytes ended before they should have; to be asked when the end was met. */
  readonly isTruncated: boolean;
  close(): Promise<void>;
}

/** Unpacks a gzip file as a stream. The source stays open when the stream is closed. */
export type OpenGunzip = (source: ByteSource) => ByteStream;

/** The bytes [start, end) of a source as they are. */
export function plainStream(source: ByteSource, start = 0, end = source.byteLength): ByteStream {
  let offset = start;
  return {
    isTruncated: false,
    async readInto(target) {
      const byteLength = Math.min(target.byteLength, end - offset);
      if (byteLength > 0) await source.readInto(offset, target.subarray(0, byteLength));
      offset += byteLength;
      return byteLength;
    },
    close: async () => undefined,
  };
}
