#!/usr/bin/env node
import { runProcess } from './process.js';
import { runProgram } from './program.js';

const argv = process.argv.slice(2);

await runProcess((signal) => runProgram(argv, signal), argv.includes('--json'));
