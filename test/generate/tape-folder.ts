import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GenerateResult, generateTape } from '#src/generate/generate-tape.js';
import type { GenerateOptions } from '#src/generate/options.js';

/** Tapes in a temporary folder that {@link remove} takes away. */
export class TapeFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'depthmill-tape-'));
  #count = 0;

  /** A folder that is not there yet. */
  fresh(): string {
    return join(this.path, `tape-${this.#count++}`);
  }

  async generate(options: Omit<GenerateOptions, 'out'>): Promise<GenerateResult> {
    return generateTape({ out: this.fresh(), ...options });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** SQL: the files of a table of a tape, with their row numbers. */
export function tapeSql(tape: GenerateResult, table: string): string {
  return `read_parquet('${tape.out}/${table}/**/*.parquet', file_row_number = true, hive_partitioning = true, hive_types_autocast = false)`;
}

/** Every file of a folder with its bytes, by relative path. */
export function filesOf(folder: string): Map<string, Buffer> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path)]));
}
