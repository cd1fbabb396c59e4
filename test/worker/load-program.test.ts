import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { bytecodePathOf, compileProgram } from '#src/worker/load-program.js';
import { scratchFolder } from '../cli/scratch-folder.js';

const ROOT = new URL('../..', import.meta.url);
const PROGRAMS = ['cli/command-line', 'worker/thread-main'];
const scratch = scratchFolder();

/** V8 remembers what it has compiled, so only a new process reads the bytecode of a file again. */
function inNewProcess(script: string): string {
  const text = `
    import { compileProgram, loadProgram } from '#src/worker/load-program.js';
    ${script}`;
  // Flags of the test runner would be flags of that process too.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = ['--input-type=module', '--eval', text];
  return execFileSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' }).trim();
}

describe('a program', () => {
  let path: string;
  let whole: Buffer;
  const textOf = (greeting: string): string =>
    `(function (exports, require) {
      exports.greet = (name) => '${greeting} ' + require('node:path').basename(name);
    })`;

  beforeAll(() => {
    path = scratch('program.cjs');
    writeFileSync(path, textOf('hello'));
    whole = compileProgram(path).createCachedData();
  });

  /** Whether V8 refused the bytecode, and what the program says then. */
  const outcome = (): string =>
    inNewProcess(`
      import { pathToFileURL } from 'node:url';
      const path = ${JSON.stringify(path)};
      const { cachedDataRejected } = compileProgram(path);
      console.log(cachedDataRejected, loadProgram(pathToFileURL(path)).greet('a/b'));`);

  test('is its text where there is no bytecode', () => {
    rmSync(bytecodePathOf(path), { force: true });
    expect(outcome()).toBe('undefined hello b');
  });

  test.each([
    ['whole', () => whole, false],
    ['empty', () => Buffer.alloc(0), true],
    ['cut short', () => whole.subarray(0, whole.length - 8), true],
    ['of another V8', () => Buffer.concat([Buffer.alloc(8, 0x5a), whole.subarray(8)]), true],
    ['something else', () => Buffer.from('bytecode'), true],
  ])('does the same with bytecode that is %s', (_, bytecode, isRejected) => {
    writeFileSync(bytecodePathOf(path), bytecode());
    expect(outcome()).toBe(`${isRejected} hello b`);
  });

  test('is its new text where the text has another length', () => {
    writeFileSync(bytecodePathOf(path), whole);
    writeFileSync(path, textOf('good morning'));
    expect(outcome()).toBe('true good morning b');
    writeFileSync(path, textOf('hello'));
  });
});

test.each(PROGRAMS)('the bytecode of %s fits this Node', (program) => {
  const rejected = inNewProcess(`
    import { fileURLToPath } from 'node:url';
    const path = fileURLToPath(import.meta.resolve('#src/${program}.cjs'));
    console.log(compileProgram(path).cachedDataRejected);`);
  expect(rejected).toBe('false');
});

test.each(PROGRAMS)('the text of %s takes V8 a byte a character', (program) => {
  const path = fileURLToPath(new URL(`build/${program}.cjs`, ROOT));
  expect(/[^\0-\xff]/.exec(readFileSync(path, 'utf8'))?.[0]).toBeUndefined();
});

// V8 forgets who answers import() in a script that it has from its bytecode.
test.each(PROGRAMS)('%s imports nothing by import()', (program) => {
  const path = fileURLToPath(new URL(`build/${program}.cjs`, ROOT));
  expect(/.{0,60}\bimport\(.{0,60}/.exec(readFileSync(path, 'utf8'))?.[0]).toBeUndefined();
});
