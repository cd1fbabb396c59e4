#!/usr/bin/env node
import { newLoadCount, noteLoaded } from '../worker/engine.js';
import { loadProgram } from '../worker/load-program.js';
import { startThreadsEarly } from './early-threads.js';

/*
 * The command is one large file (assembly/finish-build.mjs). Threads that it will need come up while
 * this thread reads it.
 */

const argv = process.argv.slice(2);
const loading = newLoadCount();
const threads = startThreadsEarly(argv, loading);
const { runCommandLine } = loadProgram<typeof import('./command-line.js')>(
  new URL('command-line.cjs', import.meta.url),
);
noteLoaded(loading);
await runCommandLine(argv, threads);
