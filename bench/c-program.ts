import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from './machine.js';

const SOURCES = join(PROJECT_ROOT, 'bench/c');
const FLAGS = ['-std=c11', '-O3', '-msse4.2'];

/** The same work as a kernel's, for the program of bench/c/. */
export interface CCase {
  /** Its name in main.c. */
  readonly name: string;
  /** The input file: these one after the other. */
  readonly input: readonly ArrayBufferView[];
  readonly count: number;
  /** Scale, bit width, or whatever else the case wants. */
  readonly param?: number;
}

export interface CRounds {
  readonly roundsMax: number;
  readonly budgetMs: number;
}

/** The program of bench/c/, compiled into the temporary folder, which `close` removes. */
export class CProgram {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns the program, or a sentence on why there is none */
  static compile(): CProgram | string {
    const folder = mkdtempSync(join(tmpdir(), 'depthmill-c-'));
    const program = new CProgram(folder);
    const sources = readdirSync(SOURCES)
      .filter((name) => name.endsWith('.c'))
      .map((name) => join(SOURCES, name));
    const output = ['-o', program.#path('kernels')];
    const { error, status, stderr } = spawnSync('cc', [...FLAGS, ...output, ...sources], {
      encoding: 'utf8',
    });
    if (status === 0) return program;
    program.close();
    if (error !== undefined) return 'Nothing is compared with C: there is no compiler `cc`.';
    return `Nothing is compared with C: cc ${FLAGS.join(' ')} fails: ${stderr.split('\n')[0]}`;
  }

  /** Runs a case in a process of its own. */
  run(
    { name, input, count, param = 0 }: CCase,
    { roundsMax, budgetMs }: CRounds,
  ): { readonly output: Uint8Array; readonly fastestMs: number } {
    const [inputPath, outputPath] = [this.#path('input'), this.#path('output')];
    const parts = input.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    writeFileSync(inputPath, Buffer.concat(parts));
    const args = [name, inputPath, outputPath, count, param, roundsMax, budgetMs].map(String);
    const { status, stdout, stderr } = spawnSync(this.#path('kernels'), args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name} in C ended with ${status}: ${stderr}`);
    return { output: new Uint8Array(readFileSync(outputPath)), fastestMs: Number(stdout) / 1e6 };
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
