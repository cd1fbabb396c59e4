import { textFactsOf } from '../text/text-footer.js';
import type { InstrumentFile } from './plan-days.js';
import type { PlanHost } from './probe.js';
import type { RecognisedFile, SkippedFile } from './types.js';

/** Bytes that are compared at once. */
const BLOCK_BYTES = 1 << 20;

/**
 * Leaves out files that hold the same bytes as one before them of the same instrument, day and
 * table: whoever names a file twice means it once, as with two paths to one file. Of a text it is
 * what it says that counts, packed or not. Files that are only alike are not looked at here.
 *
 * @param files in the order in which they were found: the first of equals stays
 * @throws InputError ERR_INPUT_UNREADABLE
 */
export async function withoutCopies(
  files: readonly InstrumentFile[],
  host: PlanHost,
): Promise<{ files: InstrumentFile[]; skipped: SkippedFile[] }> {
  const alike = new Map<string, RecognisedFile[]>();
  const copyOf = new Map<string, string | null>();
  const kept: InstrumentFile[] = [];
  for (const part of files) {
    const { file, exchange, symbol, dt } = part;
    const { footer, table, path } = file;
    const size = textFactsOf(footer) === null ? footer.byteLength : 'text';
    const key = [exchange, symbol, dt, table, size, footer.rowCount, footer.footerXxh64].join('\0');
    const firsts = alike.get(key) ?? [];
    alike.set(key, firsts);
    if (!copyOf.has(path)) copyOf.set(path, await originalOf(file, firsts, host));
    if (copyOf.get(path) !== null) continue;
    firsts.push(file);
    kept.push(part);
  }
  const skipped = [...copyOf].flatMap(([path, original]) =>
    original === null ? [] : [{ path, reason: `a copy of ${original}, which is read` }],
  );
  return { files: kept, skipped };
}

async function originalOf(
  file: RecognisedFile,
  firsts: readonly RecognisedFile[],
  host: PlanHost,
): Promise<string | null> {
  for (const first of firsts) {
    if (first.path === file.path) continue;
    // The digest of a text is that of all of it; that of a Parquet file is its footer's.
    const isText = textFactsOf(file.footer) !== null;
    if (isText || (await haveSameBytes(first.path, file.path, host))) return first.path;
  }
  return null;
}

async function haveSameBytes(pathA: string, pathB: string, host: PlanHost): Promise<boolean> {
  const [a, b] = [await host.openSource(pathA), await host.openSource(pathB)];
  try {
    if (a.byteLength !== b.byteLength) return false;
    for (let offset = 0; offset < a.byteLength; offset += BLOCK_BYTES) {
      const byteLength = Math.min(BLOCK_BYTES, a.byteLength - offset);
      const blocks = await Promise.all([a.read(offset, byteLength), b.read(offset, byteLength)]);
      if (!blocks[0]!.every((byte, at) => byte === blocks[1]![at])) return false;
    }
    return true;
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
}
