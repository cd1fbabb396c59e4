// Part of the build: a module that carries data, runs code at instantiation or imports more than
// its memory cannot be instantiated in several threads over one shared memory without one thread
// overwriting what another one wrote. `node assembly/check-module.mjs FILE...` fails on such a one.
import { readFileSync } from 'node:fs';

const SECTION_IMPORT = 2;
const SECTION_START = 8;
const SECTION_DATA = 11;
const SECTION_DATA_COUNT = 12;

/** @returns {{ id: number, start: number, end: number }[]} the sections of a WebAssembly binary */
function sections(bytes) {
  const found = [];
  let at = 8;
  while (at < bytes.length) {
    const id = bytes[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    found.push({ id, start: at, end: at + size });
    at += size;
  }
  return found;
}

export function problemsOf(bytes) {
  const problems = [];
  for (const section of sections(bytes)) {
    if (section.id === SECTION_START) problems.push('it has a start section');
    if (section.id === SECTION_DATA || section.id === SECTION_DATA_COUNT) {
      problems.push('it has a data section: remove static data, strings and arrays from assembly/');
    }
    if (section.id === SECTION_IMPORT && section.end === section.start) {
      problems.push('it imports no memory');
    }
  }
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  for (const { module, name, kind } of imports) {
    if (module !== 'env' || name !== 'memory' || kind !== 'memory') {
      problems.push(`it imports ${kind} ${module}.${name}; the only import must be memory env.memory`);
    }
  }
  if (imports.length === 0) problems.push('it does not import env.memory');
  return problems;
}

let failed = false;
for (const path of process.argv.slice(2)) {
  for (const problem of problemsOf(readFileSync(path))) {
    failed = true;
    process.stderr.write(`${path} cannot be the core: ${problem}.\n`);
  }
}
if (failed) process.exit(1);
