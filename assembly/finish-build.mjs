// The last step of the build: the programs become one file each, with V8's bytecode beside it, and
// the command can be run.
//
// A process starts with three module graphs of a hundred files: the command's, and that of each
// worker thread. Node takes 20 to 45 ms of processor time to load one; a bundle takes a fifth of it.
// yargs and what it needs are twenty files more, so they go into the command too. V8 reads the text
// of the command in 40 ms and its bytecode in 10, and functions that are called the first time need
// not be compiled; a thread starts 8 ms sooner from a CommonJS module than from another. Together
// this takes 70 to 90 ms off each start.
//
// tsc has written modules of the same names; they stay as they are, for the library.
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { buildSync } from 'esbuild';
import { bytecodePathOf, compileProgram } from '../build/worker/load-program.js';

const PROGRAMS = ['build/cli/command-line', 'build/worker/thread-main'];
/** Packages that read files of their own, or are loaded only by some runs. */
const EXTERNAL = ['parquet-wasm', '@foxglove/wasm-zstd', 'apache-arrow'];
/** What a package is replaced by. */
const ALIAS = { 'string-width': './build/cli/text-width.js' };
/** What a CommonJS file has instead of `import.meta`. */
const META = {
  define: { 'import.meta.url': 'metaUrl', 'import.meta.resolve': 'metaResolve' },
  banner: [
    'const { pathToFileURL: metaToUrl } = require("node:url");',
    'const metaUrl = metaToUrl(__filename).href;',
    'const metaResolve = (specifier) => metaToUrl(require.resolve(specifier)).href;',
  ].join(' '),
};

const COMMON = {
  allowOverwrite: true,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // V8 keeps a text of nothing else in a byte a character.
  charset: 'ascii',
  sourcemap: true,
  external: EXTERNAL,
  alias: ALIAS,
  logLevel: 'warning',
};

function bundle(entry, outfile, banner, footer) {
  const isCommonJs = outfile.endsWith('.cjs');
  buildSync({
    ...COMMON,
    entryPoints: [entry],
    outfile,
    format: isCommonJs ? 'cjs' : 'esm',
    ...(isCommonJs && {
      define: META.define,
      banner: { js: `${banner}${META.banner}` },
      // A script that comes out of its bytecode has no callback for import(): require() does it.
      supported: { 'dynamic-import': false },
    }),
    footer: { js: footer },
  });
}

/** Compiles every function at once, which V8 else does when one is called. */
function writeBytecode(path) {
  setFlagsFromString('--no-lazy');
  const script = compileProgram(path);
  // V8 refuses bytecode that was made under other flags than those of the process that reads it.
  setFlagsFromString('--lazy');
  writeFileSync(bytecodePathOf(path), script.createCachedData());
}

/** Bytecode of an older build, which V8 would take for that of a file of the same length. */
function removeStale(folder) {
  for (const name of readdirSync(folder)) if (name.endsWith('.bytecode')) rmSync(join(folder, name));
}

for (const start of ['build/cli/main.js', 'build/cli/start.js']) bundle(start, start, '', '');
bundle('build/worker/thread-entry.js', 'build/worker/thread-entry.cjs', '', '');
for (const program of PROGRAMS) {
  const path = `${program}.cjs`;
  removeStale(dirname(path));
  bundle(`${program}.js`, path, '(function (exports, require, module, __filename) {', '})');
  writeBytecode(path);
}
// tsc sets no execute bit; without it `npx depthmill` in a clone ends with 127.
chmodSync('build/cli/main.js', 0o755);
