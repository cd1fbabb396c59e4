/** Codecs of pages that are decompressed outside the core, as footers name them. */
export type PageCodec = 'GZIP' | 'BROTLI';

/** What a codec's library makes of a page. */
export interface Inflated {
  readonly bytes: Uint8Array;
  /** Bytes of the source that it used. */
  readonly consumedBytes: number;
}

/**
 * Codecs that a host brings along. They throw what they like for a damaged stream, and for one that
 * makes more than `outBytesMax` bytes, before they have made it: a small page may claim gigabytes.
 */
export interface HostCodecs {
  /** Members of gzip one behind the other, or one zlib stream: other readers take either as GZIP. */
  gzip(source: Uint8Array, outBytesMax: number): Inflated;
  brotli(source: Uint8Array, outBytesMax: number): Inflated;
}

/** A page that its codec refuses; its message says why, the caller knows where. */
export class CodecDefect extends Error {
  readonly codec: PageCodec;

  constructor(codec: PageCodec, what: string, cause?: unknown) {
    super(`${codec}: ${what}`, cause === undefined ? undefined : { cause });
    this.codec = codec;
  }
}
Object.defineProperty(CodecDefect.prototype, 'name', { value: 'CodecDefect' });

/** Decompresses pages of the codecs that the core does not know, in one thread. */
export interface PageCodecs {
  /** Whether decompress() takes the codec. */
  has(codec: string): codec is PageCodec;

  /**
   * Decompresses a page to exactly `outBytes` bytes. The caller has made sure that it has room for
   * as many: they are allocated, and never many more. The source is used up; it may be shared
   * memory. The result is only valid until the next call.
   *
   * @throws CodecDefect when the stream is damaged, ends early, has bytes left over, or makes
   *   another length; or when memory is short
   */
  decompress(codec: PageCodec, source: Uint8Array, outBytes: number): Uint8Array;
}

/** The codecs of a host; `host` is null where there are none, as in a browser. */
export function pageCodecs(host: HostCodecs | null): PageCodecs {
  return {
    has: (codec): codec is PageCodec => host !== null && (codec === 'GZIP' || codec === 'BROTLI'),
    decompress(codec, source, outBytes) {
      const bytes = hostPage(host, codec, source, outBytes);
      if (bytes.byteLength === outBytes) return bytes;
      throw new CodecDefect(
        codec,
        `${bytes.byteLength} bytes instead of the announced ${outBytes}`,
      );
    },
  };
}

function hostPage(
  host: HostCodecs | null,
  codec: PageCodec,
  source: Uint8Array,
  outBytes: number,
): Uint8Array {
  if (host === null) throw new CodecDefect(codec, 'this host does not have the codec');
  let inflated: Inflated;
  try {
    inflated = codec === 'GZIP' ? host.gzip(source, outBytes) : host.brotli(source, outBytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodecDefect(codec, reason, cause);
  }
  const leftBytes = source.byteLength - inflated.consumedBytes;
  if (leftBytes === 0) return inflated.bytes;
  throw new CodecDefect(codec, `${leftBytes} bytes are left over`);
}
