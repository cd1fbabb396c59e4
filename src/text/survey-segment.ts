import { BYTE_DIGEST_BYTES, ByteDigest } from '../core/byte-digest.js';
import type { Core } from '../core/core.js';
import { TEXT_PAD_BYTES } from '../core/text-rows.js';
import { InputError } from '../errors/errors.js';
import type { ByteSource } from '../io/byte-source.js';
import { type ByteStream, type OpenGunzip, plainStream } from '../io/byte-stream.js';
import type { DecodeRegion, RegionLanes } from '../parquet/decode-region.js';
import { isWholeMessage } from './capture-lines.js';
import { splitLine } from './split-line.js';
import type { SurveyedBlock } from './survey-footer.js';
import { SurveyTable } from './survey-table.js';
import type { TextLines, TextTruncation } from './text-footer.js';

/** What reading text takes of a thread. */
export interface TextTools {
  readonly core: Core;
  readonly lanes: RegionLanes;
  readonly openGunzip: OpenGunzip;
}

/** Bytes of a block of lines, at most, and so of a line. */
export const BLOCK_BYTES = 1024 * 1024;

const LF = 10;
/** Bytes that are looked through at once for the end of a line. */
const PEEK_BYTES = 64 * 1024;

/** What the lines of a text are, and the tables that they make. Plain data. */
export interface TextShape {
  readonly isGzip: boolean;
  readonly hasHeader: boolean;
  /** Bytes in front of the first row. */
  readonly headBytes: number;
  readonly tables: readonly { readonly lines: TextLines; readonly names: readonly string[] }[];
}

/**
 * A part of a text: from the first line that begins at or behind byte `from` to the first that
 * begins at or behind `to`; null: to its end.
 */
export interface TextSegment {
  readonly from: number;
  readonly to: number | null;
}

/** What was found in a segment. Plain data. */
export interface SurveyedSegment {
  /** Of each of the shape's tables. */
  readonly tables: readonly (readonly SurveyedBlock[])[];
  /** Byte of the (unpacked) text behind its last block. */
  readonly end: number;
  /**
   * Whether its last line ends where the next segment begins; false: that one begins in the middle
   * of a quoted field, or of a line that is too long.
   */
  readonly isWhole: boolean;
  /** XXH64 of its bytes, 16 hex digits. */
  readonly xxh64: string;
  readonly truncation: TextTruncation | null;
}

/**
 * Surveys the lines of one segment.
 *
 * @throws InputError ERR_INPUT_UNREADABLE for a damaged text and for lines beyond BLOCK_BYTES
 */
export async function surveySegment(
  source: ByteSource,
  tools: TextTools,
  shape: TextShape,
  segment: TextSegment,
): Promise<SurveyedSegment> {
  const start = await lineStart(source, segment.from);
  const end = segment.to === null ? source.byteLength : await lineStart(source, segment.to);
  if (start === null || end === null) {
    return { tables: [], end: 0, isWhole: false, xxh64: '', truncation: null };
  }
  const region = await tools.lanes.acquire(true);
  const stream = shape.isGzip ? tools.openGunzip(source) : plainStream(source, start, end);
  const isLast = segment.to === null;
  try {
    return await new Survey(source.name, stream, tools.core, region, shape, start, isLast).run();
  } finally {
    await stream.close();
    tools.lanes.release(region);
  }
}

/** The first byte of a line at or behind `from`; null: within the bytes of a block none begins. */
async function lineStart(source: ByteSource, from: number): Promise<number | null> {
  if (from === 0) return 0;
  const { byteLength } = source;
  for (let at = from - 1; at < from + BLOCK_BYTES; at += PEEK_BYTES) {
    if (at >= byteLength) return byteLength;
    const bytes = await source.read(at, Math.min(PEEK_BYTES, byteLength - at));
    const newline = bytes.indexOf(LF);
    if (newline !== -1) return at + newline + 1;
  }
  return null;
}

class Survey {
  readonly #name: string;
  readonly #stream: ByteStream;
  readonly #core: Core;
  readonly #shape: TextShape;
  readonly #isLast: boolean;
  readonly #tables: readonly SurveyTable[];
  readonly #textPtr: number;
  readonly #digest: ByteDigest;
  /** Byte of the text that stands at #textPtr. */
  #offset: number;
  /** Bytes there. */
  #filled = 0;
  #isWhole = true;
  #truncation: TextTruncation | null = null;

  constructor(
    name: string,
    stream: ByteStream,
    core: Core,
    region: DecodeRegion,
    shape: TextShape,
    start: number,
    isLast: boolean,
  ) {
    this.#name = name;
    this.#stream = stream;
    this.#core = core;
    this.#shape = shape;
    this.#offset = start;
    this.#isLast = isLast;
    this.#textPtr = region.take(BLOCK_BYTES + 2 * TEXT_PAD_BYTES) + TEXT_PAD_BYTES;
    this.#digest = new ByteDigest(core, region.take(BYTE_DIGEST_BYTES));
    this.#tables = shape.tables.map(
      ({ lines, names }) => new SurveyTable(core, region, lines, names),
    );
  }

  async run(): Promise<SurveyedSegment> {
    let isEnd = await this.#fill();
    if (this.#offset === 0) this.#drop(Math.min(this.#shape.headBytes, this.#filled));
    for (;;) {
      if (isEnd && this.#isLast) this.#endLastLine();
      this.#surveyBlock(isEnd);
      if (isEnd) break;
      isEnd = await this.#fill();
    }
    return {
      tables: this.#tables.map(({ blocks }) => blocks),
      end: this.#offset,
      isWhole: this.#isWhole,
      xxh64: this.#digest.hex(),
      truncation: this.#truncation,
    };
  }

  #text(): Uint8Array {
    return this.#core.views.bytes(this.#textPtr, this.#filled);
  }

  /** @returns whether the segment ends with what is there now */
  async #fill(): Promise<boolean> {
    const room = BLOCK_BYTES - this.#filled;
    const target = this.#core.views.bytes(this.#textPtr + this.#filled, room);
    const byteLength = await this.#stream.readInto(target);
    this.#digest.update(target.subarray(0, byteLength));
    this.#filled += byteLength;
    return byteLength < room;
  }

  /** Passes over bytes at the front. */
  #drop(byteLength: number): void {
    const { u8 } = this.#core.views;
    u8.copyWithin(this.#textPtr, this.#textPtr + byteLength, this.#textPtr + this.#filled);
    this.#filled -= byteLength;
    this.#offset += byteLength;
  }

  /** Takes the whole lines that are there as one block. */
  #surveyBlock(isEnd: boolean): void {
    if (isEnd && this.#filled === 0) return;
    const ends = this.#tables.map((table) => table.take(this.#textPtr, this.#filled, this.#offset));
    // A line of more rows than are taken at once holds its table up.
    const byteLength = Math.min(...ends);
    const isHeldUp = ends.some((end) => end !== byteLength);
    if (isHeldUp || (byteLength === 0 && !isEnd)) throw this.#lineTooLong();
    this.#drop(byteLength);
    if (!isEnd || this.#filled === 0) return;
    if (this.#isLast) throw this.#openQuote();
    this.#isWhole = false;
  }

  /**
   * The end of the text. A last line without its newline may have lost the end of its last field
   * (31 for 31.5), and so counts only where something proves that it is all there: gzip's checksum
   * over the whole text, or JSON that is closed.
   */
  #endLastLine(): void {
    const text = this.#text();
    const { isTruncated } = this.#stream;
    if (this.#filled === 0 || text[this.#filled - 1] === LF) {
      if (isTruncated) this.#truncate(this.#filled, 'the gzip file breaks off');
      return;
    }
    const start = text.lastIndexOf(LF) + 1;
    const line = new TextDecoder().decode(text.slice(start)).replace(/\r$/, '');
    if (isTruncated) this.#truncate(start, 'the gzip file breaks off');
    else if (!this.#isWholeLine(line)) this.#truncate(start, 'the last line has no end');
    else this.#core.views.u8[this.#textPtr + this.#filled++] = LF;
  }

  /** Whether a last line without its newline is all there. */
  #isWholeLine(line: string): boolean {
    const { lines, names } = this.#shape.tables[0]!;
    if ('stream' in lines) return isWholeMessage(line);
    const delimiter = String.fromCharCode(lines.delimiter);
    return this.#shape.isGzip && splitLine(line, delimiter)?.length === names.length;
  }

  #truncate(filled: number, reason: string): void {
    this.#truncation = { offset: this.#offset + filled, reason };
    this.#filled = filled;
  }

  #lineTooLong(): InputError {
    return this.#unreadable(
      `the line there is longer than ${BLOCK_BYTES} bytes. A quote that is not closed, or no line` +
        ' ends at all?',
    );
  }

  #openQuote(): InputError {
    return this.#unreadable('the quote of a field there is never closed.');
  }

  #unreadable(why: string): InputError {
    const name = this.#name;
    const message = `${name} cannot be read behind byte ${this.#offset} of its text: ${why}`;
    return new InputError('ERR_INPUT_UNREADABLE', message, {
      details: { path: name, offset: this.#offset },
    });
  }
}
