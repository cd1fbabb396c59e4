import { InputError } from '../errors/errors.js';
import type { ByteSource } from './byte-source.js';

/** Random access to bytes that are in memory already. They are not copied until they are read. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  const slice = (offset: number, byteLength: number): Uint8Array => {
    const part = bytes.subarray(offset, offset + byteLength);
    if (part.byteLength === byteLength) return part;
    throw new InputError(
      'ERR_INPUT_UNREADABLE',
      `${name} has ${bytes.byteLength} bytes; ${byteLength} were expected at byte ${offset}.`,
      { details: { path: name, offset, expected: byteLength, found: part.byteLength } },
    );
  };
  return {
    name,
    byteLength: bytes.byteLength,
    read: async (offset, byteLength) => slice(offset, byteLength).slice(),
    readInto: async (offset, target) => target.set(slice(offset, target.byteLength)),
    close: async () => undefined,
  };
}
