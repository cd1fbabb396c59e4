import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Real recordings beside the project; a user's machine has none. */
export const SHARED_DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));
export const LAKE_DATA = join(SHARED_DATA, 'lake');
export const hasSharedData = existsSync(LAKE_DATA);

/** For the names of tests that are skipped: says what is missing. */
export const NEEDS_SHARED_DATA = hasSharedData ? '' : ' (skipped: ../shared/data is not here)';
