import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/*
 * The command and the threads are programs of one file each, with V8's bytecode for them beside it:
 * both are made by the build (assembly/finish-build.mjs).
 */

/** What a program's file is: a function like those that Node makes of CommonJS modules. */
type ProgramFunction = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  filename: string,
) => void;

/**
 * Where the bytecode of a program lies. It is of use to one version of Node on one kind of machine,
 * and to no other.
 */
export function bytecodePathOf(programPath: string): string {
  return `${programPath}.${process.version}-${process.platform}-${process.arch}.bytecode`;
}

/**
 * Reads a program's file and compiles it, unless its bytecode is there. V8 refuses bytecode that it
 * cannot use (made by another V8, with other flags, or cut short) and compiles the text instead.
 */
export function compileProgram(programPath: string): Script {
  return new Script(readFileSync(programPath, 'utf8'), {
    filename: programPath,
    cachedData: readIfThere(bytecodePathOf(programPath)),
  });
}

/**
 * Loads a program of the build, and answers what it exports.
 * @param url of its file
 */
export function loadProgram<Exports extends object>(url: URL): Exports {
  const path = fileURLToPath(url);
  const run = compileProgram(path).runInThisContext() as ProgramFunction;
  const module = { exports: {} };
  run(module.exports, createRequire(path), module, path);
  return module.exports as Exports;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
