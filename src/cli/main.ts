#!/usr/bin/env node
import { EXIT, exitCodeOfError } from './exit-codes.js';
import { printError } from './print-error.js';
import { runProgram } from './program.js';
import { listenForStop } from './signals.js';

const argv = process.argv.slice(2);
const json = argv.includes('--json');
const stop = listenForStop();

// `depthmill audit … | head` closes our stdout early: that is the reader's choice and no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed);
});
// hyparquet throws outside the awaited promise on some corrupt files; say so like any other error.
process.on('uncaughtException', (error) => fail(error));

try {
  // Worker threads and stalled readers must not keep a finished process alive.
  process.exit(await runProgram(argv, stop.signal));
} catch (error) {
  fail(error);
}

function fail(error: unknown): never {
  printError(error, json);
  process.exit(exitCodeOfError(error, stop.signalName()));
}
