import { BYTE_DIGEST_BYTES, ByteDigest } from '../core/byte-digest.js';
import type { Core } from '../core/core.js';
import { CAPTURE_STREAMS, type CaptureStream, TEXT_PAD_BYTES } from '../core/text-rows.js';
import { InputError } from '../errors/errors.js';
import type { ByteSource } from '../io/byte-source.js';
import { type ByteStream, type OpenGunzip, plainStream } from '../io/byte-stream.js';
import type { DecodeRegion, RegionLanes } from '../parquet/decode-region.js';
import { CAPTURE_COLUMNS, isCaptureLine, isWholeMessage } from './capture-lines.js';
import { firstLine, readHead, type TextHead } from './header-line.js';
import { splitLine } from './split-line.js';
import { surveyFooter } from './survey-footer.js';
import { SurveyTable } from './survey-table.js';
import type { TextFooter, TextTruncation } from './text-footer.js';

/** What reading text takes of a thread. */
export interface TextTools {
  readonly core: Core;
  readonly lanes: RegionLanes;
  readonly openGunzip: OpenGunzip;
}

/** Bytes of a block of lines, at most, and so of a line. */
export const BLOCK_BYTES = 1024 * 1024;

const LF = 10;
const GZIP_MAGIC = [0x1f, 0x8b] as const;

export async function isGzipFile(source: ByteSource): Promise<boolean> {
  if (source.byteLength < GZIP_MAGIC.length) return false;
  const bytes = await source.read(0, GZIP_MAGIC.length);
  return GZIP_MAGIC.every((byte, index) => bytes[index] === byte);
}

/**
 * Reads a text file once from end to end: where its blocks lie, and what its columns hold.
 *
 * @throws InputError ERR_INPUT_NO_ROWS for an empty file, ERR_INPUT_DIALECT for one that is no
 *   text, ERR_INPUT_UNREADABLE for a damaged one and for lines beyond BLOCK_BYTES
 */
export async function surveyText(source: ByteSource, tools: TextTools): Promise<TextFooter> {
  const isGzip = await isGzipFile(source);
  const region = await tools.lanes.acquire(true);
  const stream = isGzip ? tools.openGunzip(source) : plainStream(source);
  try {
    return await new Survey(source, stream, isGzip, tools.core, region).run();
  } finally {
    await stream.close();
    tools.lanes.release(region);
  }
}

/** What the lines of a text are, and the tables that they make. */
interface TextShape {
  readonly hasHeader: boolean;
  /** Bytes in front of the first row. */
  readonly headBytes: number;
  readonly tables: readonly SurveyTable[];
  /** Whether a last line without its newline is all there. */
  isWhole(line: string): boolean;
}

class Survey {
  readonly #source: ByteSource;
  readonly #stream: ByteStream;
  readonly #isGzip: boolean;
  readonly #core: Core;
  readonly #region: DecodeRegion;
  readonly #textPtr: number;
  readonly #digest: ByteDigest;
  /** Byte of the text that stands at #textPtr. */
  #offset = 0;
  /** Bytes there. */
  #filled = 0;
  #truncation: TextTruncation | null = null;

  constructor(
    source: ByteSource,
    stream: ByteStream,
    isGzip: boolean,
    core: Core,
    region: DecodeRegion,
  ) {
    this.#source = source;
    this.#stream = stream;
    this.#isGzip = isGzip;
    this.#core = core;
    this.#region = region;
    this.#textPtr = region.take(BLOCK_BYTES + 2 * TEXT_PAD_BYTES) + TEXT_PAD_BYTES;
    this.#digest = new ByteDigest(core, region.take(BYTE_DIGEST_BYTES));
  }

  async run(): Promise<TextFooter> {
    let isEnd = await this.#fill();
    if (this.#filled === 0) throw this.#empty();
    const shape = this.#shape();
    this.#drop(shape.headBytes);
    for (;;) {
      if (isEnd) this.#endLastLine(shape);
      this.#surveyBlock(shape.tables, isEnd);
      if (isEnd) break;
      isEnd = await this.#fill();
    }
    const textXxh64 = this.#digest.hex();
    const footers = shape.tables.map(({ names, lines, blocks }) =>
      surveyFooter({
        name: this.#source.name,
        byteLength: this.#source.byteLength,
        isGzip: this.#isGzip,
        lines,
        hasHeader: shape.hasHeader,
        names,
        blocks,
        textBytes: this.#offset,
        textXxh64,
        truncation: this.#truncation,
      }),
    );
    const [first, ...others] = footers as [TextFooter, ...TextFooter[]];
    if (others.length === 0) return first;
    const streams = footers.filter(({ rowCount }) => rowCount > 0);
    return { ...first, text: { ...first.text, streams } };
  }

  #shape(): TextShape {
    const { core, region } = { core: this.#core, region: this.#region };
    if (isCaptureLine(firstLine(this.#text()))) {
      const streams = Object.keys(CAPTURE_STREAMS) as CaptureStream[];
      const tables = streams.map(
        (stream) => new SurveyTable(core, region, { stream }, CAPTURE_COLUMNS[stream]),
      );
      return { hasHeader: true, headBytes: 0, tables, isWhole: isWholeMessage };
    }
    const head: TextHead = readHead(this.#source.name, this.#text());
    const lines = { delimiter: head.delimiter.charCodeAt(0) };
    return {
      hasHeader: head.hasHeader,
      headBytes: head.byteLength,
      tables: [new SurveyTable(core, region, lines, head.names)],
      isWhole: (line) =>
        this.#isGzip && splitLine(line, head.delimiter)?.length === head.names.length,
    };
  }

  #text(): Uint8Array {
    return this.#core.views.bytes(this.#textPtr, this.#filled);
  }

  /** @returns whether the text ends with what is there now */
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
  #surveyBlock(tables: readonly SurveyTable[], isEnd: boolean): void {
    if (isEnd && this.#filled === 0) return;
    const ends = tables.map((table) => table.take(this.#textPtr, this.#filled, this.#offset));
    // A line of more rows than are taken at once holds its table up.
    const byteLength = Math.min(...ends);
    const isHeldUp = ends.some((end) => end !== byteLength);
    if (isHeldUp || (byteLength === 0 && !isEnd)) throw this.#lineTooLong();
    this.#drop(byteLength);
    if (isEnd && this.#filled > 0) throw this.#openQuote();
  }

  /**
   * The end of the text. A last line without its newline may have lost the end of its last field
   * (31 for 31.5), and so counts only where something proves that it is all there: gzip's checksum
   * over the whole text, or JSON that is closed.
   */
  #endLastLine({ isWhole }: TextShape): void {
    const text = this.#text();
    const { isTruncated } = this.#stream;
    if (this.#filled === 0 || text[this.#filled - 1] === LF) {
      if (isTruncated) this.#truncate(this.#filled, 'the gzip file breaks off');
      return;
    }
    const start = text.lastIndexOf(LF) + 1;
    const line = new TextDecoder().decode(text.slice(start)).replace(/\r$/, '');
    if (isTruncated) this.#truncate(start, 'the gzip file breaks off');
    else if (!isWhole(line)) this.#truncate(start, 'the last line has no end');
    else this.#core.views.u8[this.#textPtr + this.#filled++] = LF;
  }

  #truncate(filled: number, reason: string): void {
    this.#truncation = { offset: this.#offset + filled, reason };
    this.#filled = filled;
  }

  #empty(): InputError {
    const { name } = this.#source;
    return new InputError('ERR_INPUT_NO_ROWS', `${name} is empty.`, { details: { path: name } });
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
    const { name } = this.#source;
    const message = `${name} cannot be read behind byte ${this.#offset} of its text: ${why}`;
    return new InputError('ERR_INPUT_UNREADABLE', message, {
      details: { path: name, offset: this.#offset },
    });
  }
}
