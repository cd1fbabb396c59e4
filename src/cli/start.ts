import { newLoadCount, noteLoaded } from '../worker/engine.js';
import { loadProgram } from '../worker/load-program.js';
import { startThreadsEarly } from './early-threads.js';

/* `npm start` comes up as the command does (main.ts): its threads are those of a run. */

const loading = newLoadCount();
const threads = startThreadsEarly(['run'], loading);
const { runDemoLine } = loadProgram<typeof import('./command-line.js')>(
  new URL('command-line.cjs', import.meta.url),
);
noteLoaded(loading);
await runDemoLine(threads);
