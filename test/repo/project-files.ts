import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What is made or fetched and not written by people. */
const NOT_OURS = new Set(['node_modules', 'build', 'coverage', 'demo', '.git']);

/** Paths of the project's own files, relative, with slashes; sorted. */
export function projectFiles(matching: RegExp): string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (NOT_OURS.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile()) found.push(relative(PROJECT_ROOT, path).split(sep).join('/'));
    }
  };
  visit(PROJECT_ROOT);
  return found.filter((path) => matching.test(path)).sort();
}

export function readProjectFile(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), 'utf8');
}

/** A module that a TypeScript file imports, re-exports or loads. */
export interface ImportedModule {
  readonly specifier: string;
  /** `import type`: gone after compilation, yet it binds rooms together all the same. */
  readonly typeOnly: boolean;
}

/** Good enough for formatted code: every form that Biome leaves has its quotes on one line. */
export function importsOf(source: string): ImportedModule[] {
  const statement =
    /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...source.matchAll(statement)].map((match) => ({
    specifier: match[2] ?? match[3] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}
