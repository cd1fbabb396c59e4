// The last step of the build: the two programs become one file each, and the command can be run.
//
// A process starts with three module graphs of a hundred files: the command's, and that of each
// worker thread. Node takes 20 to 45 ms of processor time to load one; a bundle takes a fifth of it.
// tsc has written the same paths; everything else of build/ stays as it is, for the library. yargs and
// what it needs are twenty files more, so they go into the command too: 24 ms of each start.
import { chmodSync } from 'node:fs';
import { buildSync } from 'esbuild';

const PROGRAMS = ['build/cli/command-line.js', 'build/worker/thread-main.js'];
/** Packages that read files of their own, or are loaded only by some runs. */
const EXTERNAL = ['parquet-wasm', '@foxglove/wasm-zstd', 'apache-arrow'];
/** What a package is replaced by. */
const ALIAS = { 'string-width': './build/cli/text-width.js' };

for (const path of PROGRAMS) {
  buildSync({
    entryPoints: [path],
    outfile: path,
    allowOverwrite: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    external: EXTERNAL,
    alias: ALIAS,
    logLevel: 'warning',
  });
}
// tsc sets no execute bit; without it `npx depthmill` in a clone ends with 127.
chmodSync('build/cli/main.js', 0o755);
