// Damages pages and looks at what reading them gives. What must hold:
//   pages of our own: a changed page body is refused; a changed header is refused, or changes nothing;
//   pages of others: refused with a code, or read as parquet-wasm reads the same bytes;
//   nothing is written beside the region of the reader.
import { PipelineError } from '#src/errors/errors.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import { spanOf } from '#src/parquet/footer-chunks.js';
import { readPathOf } from '#src/parquet/read-path.js';
import type { ParquetFooter, RowGroupReader } from '#src/parquet/reader.js';
import { createPrng, type Prng } from '../prng.js';
import { type ColumnCopy, readCopies } from '../support/column-copy.js';
import type { PageReading } from '../support/page-reading.js';
import { damage } from './damage.js';
import type { FuzzFile } from './fuzz-files.js';
import { type PageSpan, pagesOf } from './page-map.js';

/** Share of the cases that damage pages of our own. */
const OWN_SHARE = 0.4;
/** And that of the cases whose chunks go through windows: their chunks are large, so they are slow. */
const WINDOW_SHARE = 0.01;
const ROW_GROUPS_MAX = 2;

/** A column chunk that is damaged, and what it holds before. */
interface Target {
  readonly reading: PageReading;
  readonly file: FuzzFile;
  readonly footer: ParquetFooter;
  readonly rowGroup: number;
  readonly column: string;
  readonly columnIndex: number;
  readonly start: number;
  readonly end: number;
  readonly pages: readonly PageSpan[];
  readonly values: ColumnCopy;
  /** The file's bytes, damaged and mended again. */
  readonly scratch: Uint8Array;
}

interface Refusal {
  /** The error's code; of what is no PipelineError: all of it. */
  readonly code: string;
  readonly message: string;
}

/** What a read gave. */
type Outcome = ColumnCopy | Refusal;

const isRefusal = (outcome: Outcome): outcome is Refusal => 'code' in outcome;

export interface Finding {
  readonly caseIndex: number;
  readonly where: string;
  readonly what: string;
}

export class PageFuzzer {
  readonly #seed: number;
  readonly #own: Target[] = [];
  readonly #foreign: Target[] = [];
  readonly #windowed: Target[] = [];
  readonly counts = new Map<string, number>();
  readonly findings: Finding[] = [];

  constructor(seed: number) {
    this.#seed = seed;
  }

  get targetCount(): number {
    return this.#own.length + this.#foreign.length + this.#windowed.length;
  }

  /** Takes the chunks of a file that the page kernels read, all of them by one reader. */
  async add(file: FuzzFile, reading: PageReading): Promise<void> {
    let footer: ParquetFooter;
    try {
      footer = await readFooter(memorySource(file.name, file.bytes));
    } catch {
      return;
    }
    const scratch = file.bytes.slice();
    const general = await reading.openGeneral(file.name, file.bytes, footer);
    for (const [columnIndex, { name, type }] of footer.columns.entries()) {
      if (type === 'other') continue;
      for (let rowGroup = 0; rowGroup < footer.rowGroupRows.length; rowGroup++) {
        const rowCount = footer.rowGroupRows[rowGroup]!;
        if (rowCount === 0 || rowGroup >= ROW_GROUPS_MAX) continue;
        const wanted = { rowGroupIndexes: [rowGroup], columnIndexes: [columnIndex] };
        if (readPathOf(footer, wanted).reader !== 'page-kernels') continue;
        const values = await outcomeOf(general, rowGroup, name);
        if (isRefusal(values)) continue;
        const chunk = spanOf(footer, rowGroup, columnIndex);
        const { core, scratchPtr } = reading;
        const pages = pagesOf(core, scratchPtr, file.bytes, chunk);
        if (pages.length === 0) continue;
        const [start, end] = [chunk.offset, chunk.offset + chunk.byteLength];
        const place = { reading, file, footer, rowGroup, column: name, columnIndex, start, end };
        const target: Target = { ...place, pages, values, scratch };
        const { halfBytes } = reading.tools.lanes;
        if (end - start > halfBytes / 2) this.#windowed.push(target);
        else (file.isOurs ? this.#own : this.#foreign).push(target);
      }
    }
  }

  /** Runs one case; the same number and seed damage the same bytes. */
  async run(caseIndex: number): Promise<void> {
    const prng = createPrng((this.#seed + Math.imul(caseIndex + 1, 0x9e3779b1)) >>> 0);
    const target = this.#pick(prng);
    const { reading, file, footer, rowGroup, column, scratch } = target;
    const place = damage(scratch, target.pages, prng);
    const change = changeOf(target);
    const label = `${file.isOurs ? 'ours' : 'others'}, ${place}`;
    if (change === 'none') {
      this.#count(`${label}: nothing changed`);
      return;
    }
    const reader = await reading.open(file.name, scratch, footer);
    const found = await outcomeOf(reader, rowGroup, column);
    const verdict = file.isOurs
      ? this.#judgeOwn(target, change, found)
      : await this.#judgeForeign(target, found);
    this.#count(`${label}: ${verdict.text}`);
    const where = `${file.name}, row group ${rowGroup}, column ${column}, ${place}`;
    if (verdict.isWrong) {
      const { text, more = '' } = verdict;
      this.findings.push({ caseIndex, where, what: `${text} ${more} [${changesOf(target)}]` });
    }
    if (!reading.isClean) {
      this.findings.push({ caseIndex, where, what: 'wrote beside the region' });
      reading.clean();
    }
    scratch.set(file.bytes.subarray(target.start, target.end), target.start);
  }

  #pick(prng: Prng): Target {
    if (this.#windowed.length > 0 && prng.chance(WINDOW_SHARE)) return prng.pick(this.#windowed);
    const isOwn = this.#foreign.length === 0 || (this.#own.length > 0 && prng.chance(OWN_SHARE));
    return prng.pick(isOwn ? this.#own : this.#foreign);
  }

  #judgeOwn({ values }: Target, change: 'header' | 'body', found: Outcome): Verdict {
    if (isRefusal(found)) return refusal(found);
    if (!found.equals(values)) return wrong(`other values, ${change} changed`);
    return change === 'body' ? wrong('a changed body was read') : right('header read as before');
  }

  async #judgeForeign(target: Target, found: Outcome): Promise<Verdict> {
    if (isRefusal(found)) return refusal(found);
    const { reading, file, footer, rowGroup, column, scratch } = target;
    const general = await reading.openGeneral(file.name, scratch, footer);
    const theirs = await outcomeOf(general, rowGroup, column);
    const isAsBefore = found.equals(target.values);
    if (isRefusal(theirs)) {
      if (found.nullCount > 0 && theirs.message.includes(NO_WIDTH)) return right(NULLS_ALONE);
      const text = `parquet-wasm refuses, read ${isAsBefore ? 'as before' : 'anew'}`;
      return { ...wrong(text), more: theirs.message };
    }
    if (!found.equals(theirs)) return wrong('parquet-wasm reads other values');
    return right(isAsBefore ? 'read as before' : 'other values, as parquet-wasm reads them');
  }

  #count(label: string): void {
    this.counts.set(label, (this.counts.get(label) ?? 0) + 1);
  }
}

/** How parquet-wasm tells that a page of codes of a dictionary ends in front of their width. */
const NO_WIDTH = 'Not enough bytes to decode bit_width';
/** Such a page has no values, which are read; with one it would be refused by us too. */
const NULLS_ALONE = 'a page of nulls alone without the width of its codes, read';

interface Verdict {
  readonly text: string;
  readonly isWrong: boolean;
  /** For whoever looks into it. */
  readonly more?: string;
}

const right = (text: string): Verdict => ({ text, isWrong: false });
const wrong = (text: string): Verdict => ({ text: `WRONG: ${text}`, isWrong: true });
const refusal = ({ code }: Refusal): Verdict =>
  code.startsWith('ERR_PARQUET_') ? right(`refused, ${code}`) : wrong(code);

async function outcomeOf(
  reader: RowGroupReader,
  rowGroup: number,
  column: string,
): Promise<Outcome> {
  try {
    const [copy] = await readCopies(reader, { names: [column], rowGroups: [rowGroup] });
    return copy!;
  } catch (error) {
    if (error instanceof PipelineError) return { code: error.code, message: error.message };
    return { code: `escaped: ${String(error)}`, message: '' };
  }
}

/** What of a chunk the damage changed; `body`: bytes that a checksum covers, perhaps others too. */
function changeOf({ file, scratch, start, end, pages }: Target): 'none' | 'header' | 'body' {
  const differs = (from: number, to: number): boolean =>
    Buffer.compare(file.bytes.subarray(from, to), scratch.subarray(from, to)) !== 0;
  if (!differs(start, end)) return 'none';
  return pages.some(({ bodyOffset, endOffset }) => differs(bodyOffset, endOffset))
    ? 'body'
    : 'header';
}

/** The first changed bytes: offset from the header of their page, before and after, in hex. */
function changesOf({ file, scratch, start, end, pages }: Target): string {
  const changes: string[] = [];
  for (let at = start; at < end && changes.length < 12; at++) {
    const [before, after] = [file.bytes[at]!, scratch[at]!];
    if (before === after) continue;
    const page = pages.findLastIndex(({ headerOffset }) => headerOffset <= at);
    const { headerOffset, bodyOffset } = pages[page]!;
    const part = at < bodyOffset ? `header ${at - headerOffset}` : `body ${at - bodyOffset}`;
    changes.push(`page ${page} ${part}: ${before.toString(16)} to ${after.toString(16)}`);
  }
  return changes.join(', ');
}
