import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Real market data beside the project, or where DEPTHMILL_SHARED_DATA says; absent elsewhere. */
const ROOT =
  process.env.DEPTHMILL_SHARED_DATA ??
  fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** Path of a file or folder of the test data. */
export const sharedData = (path: string): string => join(ROOT, path);

/** For `describe.skipIf(!hasSharedData)`; the folder is `../shared/data` from the project's root. */
export const hasSharedData = existsSync(ROOT);

if (!hasSharedData) console.warn(`Tests on real data are skipped: there is no ${ROOT}.`);
