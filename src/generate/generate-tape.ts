import { instantiateCore } from '../core/core.js';
import { compileCore } from '../core/load-node.js';
import type { ByteSink } from '../io/byte-sink.js';
import { OutputFolder } from '../io/file-output-folder.js';
import { createSharedMemory } from '../memory/shared-memory.js';
import { prepareCodec } from '../parquet/compress.js';
import { VERSION } from '../units/version.js';
import { type GenerateOptions, resolveTapeOptions } from './options.js';
import { Tape, type TapeProgress } from './tape.js';
import { placeTapeMemory, tapeMemoryBytes } from './tape-memory.js';
import type { TapeTruth } from './truth.js';

export interface GenerateResult {
  readonly out: string;
  /** Paths of all files, relative to `out`, truth.json last. */
  readonly files: readonly string[];
  /** Bytes of the Parquet files. */
  readonly bytes: number;
  /** Level changes made, as asked for. */
  readonly events: number;
  /** Rows in the files of each table: snapshots and duplicates counted, lost rows not. */
  readonly rows: { readonly depth: number; readonly trades: number; readonly book: number };
  /** Messages in the depth files. */
  readonly messages: number;
  readonly seconds: number;
  readonly truth: TapeTruth;
}

export interface GenerateHooks {
  /** Called about once a row group. */
  readonly onProgress?: (progress: TapeProgress) => void;
}

/** The first 64 KiB stay free, so that no block lies at address 0. */
const MEMORY_START = 65_536;

/**
 * Writes a market tape and its truth to a folder: docs/generate.md. The same options give the same
 * bytes on every machine. Files get their names when the whole tape is there; an error leaves none.
 *
 * @throws UsageError ERR_USAGE; OutputError ERR_OUTPUT_NOT_EMPTY, ERR_OUTPUT_UNWRITABLE,
 *   ERR_OUTPUT_NO_SPACE; MemoryError ERR_MEMORY_EXHAUSTED
 */
export async function generateTape(
  options: GenerateOptions,
  hooks: GenerateHooks = {},
): Promise<GenerateResult> {
  const started = performance.now();
  const { out, ...wanted } = options;
  const tapeOptions = resolveTapeOptions(wanted);
  await prepareCodec(tapeOptions.codec);
  const folder = await OutputFolder.prepare(out);
  const files: string[] = [];
  const sinks: ByteSink[] = [];
  const open = async (path: string): Promise<ByteSink> => {
    const sink = await folder.openSink(path);
    files.push(path);
    sinks.push(sink);
    return sink;
  };
  try {
    const memory = createSharedMemory(MEMORY_START + tapeMemoryBytes(tapeOptions));
    const core = instantiateCore(compileCore(), memory);
    const tape = new Tape(tapeOptions, {
      core,
      memory: placeTapeMemory(core, tapeOptions, MEMORY_START),
      output: { open },
      version: VERSION,
      onProgress: hooks.onProgress ?? (() => undefined),
    });
    await tape.write();
    const truth = await open('truth.json');
    await truth.write([new TextEncoder().encode(`${JSON.stringify(tape.truth, null, 2)}\n`)]);
    for (const sink of sinks) await sink.publish();
    return {
      out,
      files,
      bytes: tape.byteLength,
      events: tapeOptions.events,
      rows: {
        depth: tape.rowCount('depth'),
        trades: tape.rowCount('trades'),
        book: tape.rowCount('book'),
      },
      messages: tape.truth.symbols.reduce((sum, symbol) => sum + symbol.messages, 0),
      seconds: (performance.now() - started) / 1000,
      truth: tape.truth,
    };
  } catch (error) {
    await Promise.all(sinks.map((sink) => sink.abort()));
    await folder.removeEmpty();
    throw error;
  }
}
