#!/usr/bin/env node
import { loadProgram } from '../worker/load-program.js';
import { startThreadsEarly } from './early-threads.js';
import { delayOptimisation } from './engine.js';

/*
 * The command is one large file (assembly/finish-build.mjs). Threads that it will need come up while
 * this thread reads it.
 */

delayOptimisation();
const argv = process.argv.slice(2);
const threads = startThreadsEarly(argv);
const { runCommandLine } = loadProgram<typeof import('./command-line.js')>(
  new URL('command-line.cjs', import.meta.url),
);
await runCommandLine(argv, threads);
