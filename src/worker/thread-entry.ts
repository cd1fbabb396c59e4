import { loadProgram } from './load-program.js';

/* What a worker thread starts with. The build makes a CommonJS module of it, thread-entry.cjs. */

loadProgram(new URL('thread-main.cjs', import.meta.url));
