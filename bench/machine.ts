import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Where figures were taken: without it none may be quoted. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
  /** Commit of the sources, `unknown` outside a clone; `+` behind it: with changes on top. */
  readonly commit: string;
  /** Versions of what is measured, by package. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Root of the project, seen from build/bench/. */
export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

const PACKAGES = ['@duckdb/node-api', 'parquet-wasm', 'hyparquet'] as const;

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version.slice(1),
    commit: commitOf(),
    versions: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

/** Versions are exact in package.json, so that is what is installed. */
function versionOf(name: string): string {
  const { version, dependencies, devDependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as Record<string, Record<string, string>> & { version: string };
  return dependencies?.[name] ?? devDependencies?.[name] ?? version;
}

function commitOf(): string {
  const git = (...args: string[]): string | null => {
    const { status, stdout } = spawnSync('git', args, { cwd: PROJECT_ROOT, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : null;
  };
  const commit = git('rev-parse', '--short=7', 'HEAD');
  if (commit === null) return 'unknown';
  // Results and the tables made from them are no change of what was measured.
  const paths = ['src', 'assembly', 'bench', ':!bench/results', 'package.json'];
  const changes = git('status', '--porcelain', '--', ...paths);
  return changes === '' ? commit : `${commit}+`;
}
