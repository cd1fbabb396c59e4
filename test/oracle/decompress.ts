// Plain twins of the decompressors: one byte at a time, straight from the descriptions of the
// formats. A refusal is a negated status, as the kernels have it.
import { STATUS_CORRUPT, STATUS_TRUNCATED } from '#src/abi/status.js';

export type Decompressed = Uint8Array | number;

class Refusal {
  readonly status: number;

  constructor(status: number) {
    this.status = status;
  }
}

/** A source that refuses to be read past its end, and an output that refuses to grow too long. */
class Streams {
  at = 0;
  readonly made: number[] = [];
  readonly source: Uint8Array;
  readonly outBytes: number;

  constructor(source: Uint8Array, outBytes: number) {
    this.source = source;
    this.outBytes = outBytes;
  }

  get isAtEnd(): boolean {
    return this.at === this.source.length;
  }

  byte(): number {
    if (this.isAtEnd) throw new Refusal(-STATUS_TRUNCATED);
    return this.source[this.at++]!;
  }

  /** Little-endian, `byteLength` bytes. */
  number(byteLength: number): number {
    let value = 0;
    for (let i = 0; i < byteLength; i++) value += this.byte() * 256 ** i;
    return value;
  }

  literal(length: number): void {
    if (length > this.source.length - this.at) throw new Refusal(-STATUS_TRUNCATED);
    if (length > this.outBytes - this.made.length) throw new Refusal(-STATUS_CORRUPT);
    for (let i = 0; i < length; i++) this.made.push(this.byte());
  }

  copy(offset: number, length: number): void {
    const isWrong = offset === 0 || offset > this.made.length;
    if (isWrong || length > this.outBytes - this.made.length) throw new Refusal(-STATUS_CORRUPT);
    for (let i = 0; i < length; i++) this.made.push(this.made[this.made.length - offset]!);
  }
}

function decompressed(
  source: Uint8Array,
  outBytes: number,
  decode: (streams: Streams) => void,
): Decompressed {
  const streams = new Streams(source, outBytes);
  try {
    decode(streams);
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.status;
    throw refusal;
  }
  if (streams.made.length < outBytes) return -STATUS_TRUNCATED;
  return streams.isAtEnd ? Uint8Array.from(streams.made) : -STATUS_CORRUPT;
}

export function snappyDecompressed(source: Uint8Array, outBytes: number): Decompressed {
  return decompressed(source, outBytes, (streams) => {
    let announced = 0;
    for (let i = 0; ; i++) {
      const byte = streams.byte();
      announced += (byte % 128) * 128 ** i;
      if (byte < 128) break;
      if (i === 4) throw new Refusal(-STATUS_CORRUPT);
    }
    if (announced !== outBytes) throw new Refusal(-STATUS_CORRUPT);
    while (!streams.isAtEnd && streams.made.length < outBytes) {
      const tag = streams.byte();
      const upper = tag >> 2;
      if (tag % 4 === 0) {
        streams.literal(1 + (upper < 60 ? upper : streams.number(upper - 59)));
      } else if (tag % 4 === 1) {
        streams.copy((tag >> 5) * 256 + streams.byte(), 4 + (upper % 8));
      } else {
        streams.copy(streams.number(tag % 4 === 2 ? 2 : 4), 1 + upper);
      }
    }
  });
}

export function lz4Decompressed(source: Uint8Array, outBytes: number): Decompressed {
  return decompressed(source, outBytes, (streams) => {
    const lengthOf = (nibble: number): number => {
      let length = nibble;
      if (nibble < 15) return length;
      while (true) {
        const byte = streams.byte();
        length += byte;
        if (byte < 255) return length;
      }
    };
    while (true) {
      const token = streams.byte();
      streams.literal(lengthOf(token >> 4));
      if (streams.isAtEnd) return;
      const offset = streams.number(2);
      const length = 4 + lengthOf(token % 16);
      // Behind a match there is at least a token.
      if (streams.isAtEnd) throw new Refusal(-STATUS_TRUNCATED);
      streams.copy(offset, length);
    }
  });
}
