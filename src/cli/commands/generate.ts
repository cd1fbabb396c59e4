import { PipelineError } from '../../errors/errors.js';
import type { Command } from '../command.js';
import { JSON_OPTION, textOption } from '../options.js';

export const generateCommand: Command = {
  name: 'generate',
  describe: 'Write a deterministic market tape with its truth',
  positional: null,
  options: {
    out: textOption('Output folder: new or empty', { alias: 'o', demandOption: true }),
    events: textOption('Level changes in all (default: 1000000)'),
    seed: textOption('The same seed gives the same bytes (default: 1)'),
    json: JSON_OPTION,
  },
  examples: [['generate -o tape --events 1000000 --seed 7', 'A million events']],
  async execute() {
    throw new PipelineError('ERR_INVARIANT', 'generate is not wired yet');
  },
};
