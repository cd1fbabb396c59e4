import { BYTE_DIGEST_BYTES, ByteDigest } from '../core/byte-digest.js';
import type { Core } from '../core/core.js';
import { openFileSource } from '../io/file-source.js';
import type { Arena } from '../memory/arena.js';

const READ_BYTES = 1024 * 1024;

/**
 * XXH64 of all bytes of some files, one behind the other, as 16 hex digits.
 * @throws InputError ERR_INPUT_NOT_FOUND, ERR_INPUT_UNREADABLE
 */
export async function contentHash(
  { core, arena }: { readonly core: Core; readonly arena: Arena },
  paths: readonly string[],
): Promise<string> {
  const digestPtr = arena.allocate(BYTE_DIGEST_BYTES);
  try {
    const digest = new ByteDigest(core, digestPtr);
    for (const path of paths) {
      const source = await openFileSource(path);
      try {
        const { byteLength } = source;
        for (let at = 0; at < byteLength; at += READ_BYTES) {
          digest.update(await source.read(at, Math.min(READ_BYTES, byteLength - at)));
        }
      } finally {
        await source.close();
      }
    }
    return digest.hex();
  } finally {
    arena.free(digestPtr, BYTE_DIGEST_BYTES);
  }
}
