#!/usr/bin/env node
import { startThreadsEarly } from './early-threads.js';
import { delayOptimisation } from './engine.js';

/*
 * The command is one large file (assembly/finish-build.mjs). Threads that it will need come up while
 * this thread reads it.
 */

delayOptimisation();
const argv = process.argv.slice(2);
const threads = startThreadsEarly(argv);
const { runCommandLine } = await import('./command-line.js');
await runCommandLine(argv, threads);
