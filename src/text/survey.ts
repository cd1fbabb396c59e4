import { SURVEY_BYTES } from '../abi/text-rows.js';
import { BYTE_DIGEST_BYTES, ByteDigest } from '../core/byte-digest.js';
import type { Core } from '../core/core.js';
import { TEXT_PAD_BYTES, TextRows } from '../core/text-rows.js';
import { InputError } from '../errors/errors.js';
import type { ByteSource } from '../io/byte-source.js';
import { type ByteStream, type OpenGunzip, plainStream } from '../io/byte-stream.js';
import type { DecodeRegion, RegionLanes } from '../parquet/decode-region.js';
import { clearSurvey, readSurvey } from './column-survey.js';
import { readHead, type TextHead } from './header-line.js';
import { splitLine } from './split-line.js';
import { type SurveyedBlock, surveyFooter } from './survey-footer.js';
import type { TextFooter, TextTruncation } from './text-footer.js';

/** What reading text takes of a thread. */
export interface TextTools {
  readonly core: Core;
  readonly lanes: RegionLanes;
  readonly openGunzip: OpenGunzip;
}

/** Bytes of a block of lines, at most, and so of a line. */
export const BLOCK_BYTES = 1024 * 1024;
/** Rows that the kernel takes at once; blocks have as many rows as their lines. */
const SURVEY_ROWS = 16_384;

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

class Survey {
  readonly #source: ByteSource;
  readonly #stream: ByteStream;
  readonly #isGzip: boolean;
  readonly #core: Core;
  readonly #region: DecodeRegion;
  readonly #textPtr: number;
  readonly #digest: ByteDigest;
  readonly #blocks: SurveyedBlock[] = [];
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
    const head = readHead(this.#source.name, this.#text());
    const surveyPtrs = head.names.map(() => this.#region.take(SURVEY_BYTES));
    const rows = this.#rows(head, surveyPtrs);
    this.#drop(head.byteLength);
    for (;;) {
      if (isEnd) this.#endLastLine(head);
      this.#surveyBlock(rows, surveyPtrs, isEnd);
      if (isEnd) break;
      isEnd = await this.#fill();
    }
    return surveyFooter({
      name: this.#source.name,
      byteLength: this.#source.byteLength,
      isGzip: this.#isGzip,
      delimiter: head.delimiter.charCodeAt(0),
      hasHeader: head.hasHeader,
      names: head.names,
      blocks: this.#blocks,
      textBytes: this.#offset,
      textXxh64: this.#digest.hex(),
      truncation: this.#truncation,
    });
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

  #rows({ names, delimiter }: TextHead, surveyPtrs: readonly number[]): TextRows {
    const ptr = this.#region.take(TextRows.byteLength(names.length, names.length, SURVEY_ROWS));
    const targets = surveyPtrs.map((valuesPtr, field) => ({
      field,
      kind: 'survey' as const,
      valuesPtr,
      offsetsPtr: 0,
      validityPtr: 0,
      textBytesMax: 0,
    }));
    return new TextRows(this.#core, ptr, {
      fieldCount: names.length,
      delimiter: delimiter.charCodeAt(0),
      targets,
      rowsMax: SURVEY_ROWS,
    });
  }

  /** Takes the whole lines that are there as one block. */
  #surveyBlock(rows: TextRows, surveyPtrs: readonly number[], isEnd: boolean): void {
    for (const ptr of surveyPtrs) clearSurvey(this.#core, ptr);
    rows.setText(this.#textPtr, this.#filled);
    let rowCount = 0;
    for (let count = rows.next(); count > 0; count = rows.next()) rowCount += count;
    const byteLength = rows.at - this.#textPtr;
    if (byteLength === 0 && !isEnd) throw this.#lineTooLong();
    if (rowCount > 0) {
      const columns = surveyPtrs.map((ptr) => readSurvey(this.#core, ptr));
      this.#blocks.push({ rowCount, offset: this.#offset, columns });
    }
    this.#drop(byteLength);
    if (isEnd && this.#filled > 0) throw this.#openQuote();
  }

  /**
   * The end of the text: a last line without its newline counts where all its fields are there.
   * Whatever was cut off within a line is left out.
   */
  #endLastLine({ names, delimiter }: TextHead): void {
    const text = this.#text();
    if (this.#filled === 0 || text[this.#filled - 1] === LF) {
      if (this.#stream.isTruncated) this.#truncate(this.#filled, 'the gzip file breaks off');
      return;
    }
    const start = text.lastIndexOf(LF) + 1;
    const line = new TextDecoder().decode(text.slice(start));
    const isWhole = splitLine(line.replace(/\r$/, ''), delimiter)?.length === names.length;
    if (this.#stream.isTruncated) this.#truncate(start, 'the gzip file breaks off');
    else if (!isWhole) this.#truncate(start, 'the last line breaks off');
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
