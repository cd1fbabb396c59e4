import { BYTE_DIGEST_BYTES, ByteDigest } from '../core/byte-digest.js';
import { CAPTURE_STREAMS, type CaptureStream } from '../core/text-rows.js';
import { InputError } from '../errors/errors.js';
import type { ByteSource } from '../io/byte-source.js';
import { plainStream } from '../io/byte-stream.js';
import { mapBounded } from '../io/map-bounded.js';
import { CAPTURE_COLUMNS, isCaptureLine } from './capture-lines.js';
import { firstLine, readHead } from './header-line.js';
import { surveyFooter } from './survey-footer.js';
import {
  BLOCK_BYTES,
  type SurveyedSegment,
  surveySegment,
  type TextSegment,
  type TextShape,
  type TextTools,
} from './survey-segment.js';
import type { TextFooter } from './text-footer.js';

/** A segment of a file that another thread is to survey. Plain data. */
export interface SurveyTask {
  readonly path: string;
  readonly shape: TextShape;
  readonly segment: TextSegment;
}

/** Has a segment surveyed elsewhere, as surveySegment does it here. */
export type SurveyElsewhere = (task: SurveyTask) => Promise<SurveyedSegment>;

export interface SurveyOptions {
  /** null: this thread surveys all of it. */
  readonly elsewhere?: SurveyElsewhere | null;
  /** Bytes of a segment of a plain text. */
  readonly segmentBytes?: number;
}

const LF = 10;
const GZIP_MAGIC = [0x1f, 0x8b] as const;
/** Some tens of milliseconds of work. */
const SEGMENT_BYTES = 32 * 1024 * 1024;
const SEGMENTS_AT_ONCE = 16;
/** Smaller texts are surveyed here: other threads may not be up yet. */
const ELSEWHERE_BYTES = 2 * 1024 * 1024;
/** Bytes of a text that are read at once to find its first line. */
const HEAD_BYTES = 64 * 1024;

export async function isGzipFile(source: ByteSource): Promise<boolean> {
  if (source.byteLength < GZIP_MAGIC.length) return false;
  const bytes = await source.read(0, GZIP_MAGIC.length);
  return GZIP_MAGIC.every((byte, index) => bytes[index] === byte);
}

/**
 * Reads a text file once from end to end: where its blocks lie, and what its columns hold. Long
 * plain texts are read in segments, side by side where there is an elsewhere; what is found does not
 * depend on that.
 *
 * @throws InputError ERR_INPUT_NO_ROWS for an empty file, ERR_INPUT_DIALECT for one that is no
 *   text, ERR_INPUT_UNREADABLE for a damaged one and for lines beyond BLOCK_BYTES
 */
export async function surveyText(
  source: ByteSource,
  tools: TextTools,
  { elsewhere = null, segmentBytes = SEGMENT_BYTES }: SurveyOptions = {},
): Promise<TextFooter> {
  const shape = await readShape(source, tools);
  const { name: path, byteLength } = source;
  const survey = (segment: TextSegment): Promise<SurveyedSegment> =>
    elsewhere === null || byteLength < Math.min(ELSEWHERE_BYTES, segmentBytes)
      ? surveySegment(source, tools, shape, segment)
      : elsewhere({ path, shape, segment });
  const parts = (await inSegments(
    segmentsOf(shape.isGzip ? 0 : byteLength, segmentBytes),
    survey,
  )) ?? [
    // What is wrong with the text is said where it is read from its beginning.
    await survey({ from: 0, to: null }),
  ];
  return joined(source, shape, parts, await textHash(tools, parts));
}

/** Where the segments of a text lie, whoever surveys them. */
function segmentsOf(byteLength: number, segmentBytes: number): TextSegment[] {
  const count = Math.max(1, Math.floor(byteLength / segmentBytes));
  return Array.from({ length: count }, (_, index) => ({
    from: index * segmentBytes,
    to: index === count - 1 ? null : (index + 1) * segmentBytes,
  }));
}

/**
 * Surveys several segments, if each one begins where a line does; else null: then the text has to be
 * read from its beginning. Where a line begins is right for the first, and so for each that follows
 * one that ended there.
 */
async function inSegments(
  segments: readonly TextSegment[],
  survey: (segment: TextSegment) => Promise<SurveyedSegment>,
): Promise<readonly SurveyedSegment[] | null> {
  if (segments.length === 1) return null;
  let isGood = true;
  const found = await mapBounded(segments, SEGMENTS_AT_ONCE, async (segment) => {
    const part = isGood ? await survey(segment).catch(() => null) : null;
    isGood &&= part?.isWhole ?? false;
    return part;
  });
  return isGood ? found.filter((part) => part !== null) : null;
}

function joined(
  source: ByteSource,
  shape: TextShape,
  parts: readonly SurveyedSegment[],
  textXxh64: string,
): TextFooter {
  const { end: textBytes, truncation } = parts.at(-1)!;
  const footers = shape.tables.map(({ lines, names }, table) =>
    surveyFooter({
      name: source.name,
      byteLength: source.byteLength,
      isGzip: shape.isGzip,
      lines,
      hasHeader: shape.hasHeader,
      names,
      blocks: parts.flatMap(({ tables }) => tables[table]!),
      textBytes,
      textXxh64,
      truncation,
    }),
  );
  const [first, ...others] = footers as [TextFooter, ...TextFooter[]];
  if (others.length === 0) return first;
  const streams = footers.filter(({ rowCount }) => rowCount > 0);
  return { ...first, text: { ...first.text, streams } };
}

/** Of a text in one piece its XXH64, of several pieces that of their hashes' digits. */
async function textHash(
  { core, lanes }: TextTools,
  parts: readonly SurveyedSegment[],
): Promise<string> {
  if (parts.length === 1) return parts[0]!.xxh64;
  const region = await lanes.acquire(true);
  try {
    const digest = new ByteDigest(core, region.take(BYTE_DIGEST_BYTES));
    digest.update(new TextEncoder().encode(parts.map(({ xxh64 }) => xxh64).join('')));
    return digest.hex();
  } finally {
    lanes.release(region);
  }
}

/** What the beginning of a text says of all of it. */
async function readShape(source: ByteSource, tools: TextTools): Promise<TextShape> {
  const isGzip = await isGzipFile(source);
  const head = await readBeginning(source, isGzip, tools);
  if (head.byteLength === 0) throw empty(source.name);
  if (isCaptureLine(firstLine(head))) {
    const tables = (Object.keys(CAPTURE_STREAMS) as CaptureStream[]).map((stream) => ({
      lines: { stream },
      names: CAPTURE_COLUMNS[stream],
    }));
    return { isGzip, hasHeader: true, headBytes: 0, tables };
  }
  const { hasHeader, byteLength: headBytes, delimiter, names } = readHead(source.name, head);
  const lines = { delimiter: delimiter.charCodeAt(0) };
  return { isGzip, hasHeader, headBytes, tables: [{ lines, names }] };
}

/** The beginning of a text, at least its first line; BLOCK_BYTES at most. */
async function readBeginning(
  source: ByteSource,
  isGzip: boolean,
  { openGunzip }: TextTools,
): Promise<Uint8Array> {
  const stream = isGzip ? openGunzip(source) : plainStream(source);
  const bytes = new Uint8Array(BLOCK_BYTES);
  try {
    for (let filled = 0; ; ) {
      const target = bytes.subarray(filled, filled + HEAD_BYTES);
      const byteLength = await stream.readInto(target);
      filled += byteLength;
      const isEnd = byteLength < target.byteLength || filled === BLOCK_BYTES;
      if (isEnd || target.includes(LF)) return bytes.subarray(0, filled);
    }
  } finally {
    await stream.close();
  }
}

function empty(path: string): InputError {
  return new InputError('ERR_INPUT_NO_ROWS', `${path} is empty.`, { details: { path } });
}
