import { type GenerateResult, generateTape } from '../../generate/generate-tape.js';
import { type GenerateOptions, TAPE_RANGES, type TapeLayout } from '../../generate/options.js';
import { toJson } from '../../units/json.js';
import { flagOf, type RawArguments, textOf } from '../arguments.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { formatBytes, formatCount, formatRate, formatSeconds } from '../format.js';
import { oneLine } from '../one-line.js';
import { CODECS, JSON_OPTION, textOption } from '../options.js';
import { parseCount, parseTimeNs, parseWord, refuse } from '../parse.js';
import { startProgressLine } from '../progress.js';
import { printLine } from '../terminal.js';

const LAYOUTS: readonly TapeLayout[] = ['depthmill', 'lake'];

export const generateCommand: Command = {
  name: 'generate',
  describe: 'Write a deterministic market tape with its truth',
  positional: null,
  options: {
    out: textOption('Output folder: new or empty', { alias: 'o', demandOption: true }),
    seed: textOption('The same seed and options give the same bytes (default: 1)'),
    events: textOption('Level changes in all (default: 1000000)'),
    symbols: textOption('Instruments (default: 1)'),
    days: textOption('Days of each instrument (default: 1)'),
    layout: textOption(`Whose files: ${LAYOUTS.join(', ')} (default: depthmill)`),
    'row-group-rows': textOption('Rows of a row group (default: 131072; lake: 10000)'),
    codec: textOption(`Compression: ${CODECS.join(', ')} (default: none; lake: snappy)`),
    gaps: textOption('Places where 1 to 20 messages are lost (default: 0)'),
    duplicates: textOption('Messages that come twice (default: 0)'),
    swaps: textOption('Neighbours that come in the wrong order (default: 0)'),
    start: textOption('Time of the first event (ISO 8601 or ns; default: 2026-01-01)'),
    json: JSON_OPTION,
  },
  examples: [
    ['generate -o tape', 'A million events of one instrument'],
    ['generate -o tape --layout lake --events 8000000', "In Crypto Lake's columns and files"],
    ['generate -o tape --seed 7 --gaps 50', 'With losses; truth.json says which'],
  ],
  async execute(args, signal) {
    const tape = await generateWithProgress(generateOptionsOf(args), signal);
    printLine(flagOf(args, 'json') ? toJson(tape, 2) : renderTape(tape));
    return EXIT.done;
  },
};

/** Generates with a progress line on stderr; an aborted signal leaves no file behind. */
export async function generateWithProgress(
  options: GenerateOptions,
  signal: AbortSignal,
): Promise<GenerateResult> {
  const line = startProgressLine();
  const startedMs = performance.now();
  try {
    return await generateTape(options, {
      onProgress: ({ events, eventsTotal, bytes }) => {
        signal.throwIfAborted();
        line.update({
          phase: 'run',
          rowsDone: events,
          rowsTotal: eventsTotal,
          bytesDone: bytes,
          bytesTotal: bytes,
          instrumentsDone: 0,
          instrumentsTotal: 0,
          elapsedMs: performance.now() - startedMs,
        });
      },
    });
  } finally {
    line.clear();
  }
}

/** @throws UsageError */
function generateOptionsOf(args: RawArguments): GenerateOptions {
  const count = (key: keyof typeof TAPE_RANGES): Record<string, number> => {
    const name = key === 'rowGroupRows' ? 'row-group-rows' : key;
    const text = textOf(args, name);
    const { min, max } = TAPE_RANGES[key];
    return text === null ? {} : { [key]: parseCount(text, `--${name}`, min, max) };
  };
  const seed = textOf(args, 'seed');
  const layout = textOf(args, 'layout');
  const codec = textOf(args, 'codec');
  const start = textOf(args, 'start');
  return {
    out: textOf(args, 'out') ?? '',
    ...(seed !== null && { seed: parseSeed(seed) }),
    ...(layout !== null && { layout: parseWord(layout, '--layout', LAYOUTS) }),
    ...(codec !== null && { codec: parseWord(codec, '--codec', CODECS) }),
    ...(start !== null && { startNs: parseTimeNs(start, '--start') }),
    ...count('events'),
    ...count('symbols'),
    ...count('days'),
    ...count('rowGroupRows'),
    ...count('gaps'),
    ...count('duplicates'),
    ...count('swaps'),
  };
}

/** 64 bits: a seed goes through no double. */
function parseSeed(text: string): bigint {
  const seed = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (seed < 0n || seed >= 1n << 64n) {
    refuse('ERR_USAGE_NUMBER', '--seed', text, 'a whole number below 2^64');
  }
  return seed;
}

function renderTape(tape: GenerateResult): string {
  const { rows, seconds } = tape;
  return [
    `${formatCount(tape.events)} events in ${formatCount(tape.messages)} messages, ` +
      `${formatSeconds(seconds)}: ${formatRate(tape.events / seconds)} events/s.`,
    `Rows: ${formatCount(rows.depth)} depth, ${formatCount(rows.trades)} trades, ` +
      `${formatCount(rows.book)} book. ${formatCount(tape.files.length)} files, ` +
      `${formatBytes(tape.bytes)} (${(tape.bytes / tape.events).toFixed(2)} B/event) in ${tape.out}`,
    `What is in it, and what is missing: ${tape.out}/truth.json`,
  ]
    .map(oneLine)
    .join('\n');
}
