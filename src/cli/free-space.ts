import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Free bytes of the file system that `path` lies on, or would lie on; null: it does not say. */
export async function freeBytesAt(path: string): Promise<number | null> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isMissing || folder === dirname(folder)) return null;
    }
  }
}
