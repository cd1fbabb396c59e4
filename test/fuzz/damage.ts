// Ways to damage pages. Each changes bytes of a chunk in place and never its length.
import type { Prng } from '../prng.js';
import type { PageSpan } from './page-map.js';

export type DamagePlace = 'header' | 'front' | 'body' | 'chunk';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Levels, their length, the width of dictionary indices and the header of delta lie here. */
const FRONT_BYTES = 24;

/** Damages one page, or the chunk as a whole; says where. */
export function damage(bytes: Uint8Array, pages: readonly PageSpan[], prng: Prng): DamagePlace {
  const page = prng.pick(pages);
  const place = prng.pick<DamagePlace>(['header', 'header', 'front', 'front', 'body', 'chunk']);
  const range = rangeOf(place, page, pages);
  const way = prng.pick(place === 'chunk' ? COARSE : prng.chance(0.8) ? FINE : COARSE);
  way(bytes, range, prng);
  if (prng.chance(0.15)) prng.pick(FINE)(bytes, range, prng);
  return place;
}

function rangeOf(place: DamagePlace, page: PageSpan, pages: readonly PageSpan[]): Range {
  const { headerOffset, bodyOffset, endOffset } = page;
  switch (place) {
    case 'header':
      return { start: headerOffset, end: bodyOffset };
    case 'front':
      return { start: bodyOffset, end: Math.min(endOffset, bodyOffset + FRONT_BYTES) };
    case 'body':
      return { start: bodyOffset, end: endOffset };
    case 'chunk':
      return { start: pages[0]!.headerOffset, end: pages.at(-1)!.endOffset };
  }
}

type Way = (bytes: Uint8Array, range: Range, prng: Prng) => void;

const at = ({ start, end }: Range, prng: Prng, room = 1): number =>
  prng.int(start, Math.max(start + 1, end - room + 1));

const flipBit: Way = (bytes, range, prng) => {
  const i = at(range, prng);
  bytes[i] = bytes[i]! ^ (1 << prng.int(0, 8));
};

const setByte: Way = (bytes, range, prng) => {
  bytes[at(range, prng)] = prng.chance(0.5)
    ? prng.int(0, 256)
    : prng.pick([0, 1, 2, 3, 0x7f, 0x80, 0xfe, 0xff, 32, 33, 64, 65]);
};

const step: Way = (bytes, range, prng) => {
  const i = at(range, prng);
  bytes[i] = bytes[i]! + prng.pick([1, 2, -1, -2]);
};

/** A length of four bytes, or one that grows out of them. */
const setLength: Way = (bytes, range, prng) => {
  const value = prng.pick([0, 1, 7, 255, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, prng.u32()]);
  const i = at(range, prng, 4);
  for (let byte = 0; byte < 4 && i + byte < range.end; byte++) {
    bytes[i + byte] = (value >>> (8 * byte)) & 255;
  }
};

/** Varints that run on, as those of lengths and runs may. */
const setVarint: Way = (bytes, range, prng) => {
  const i = at(range, prng);
  const end = Math.min(range.end, i + prng.int(1, 11));
  for (let byte = i; byte < end - 1; byte++) bytes[byte] = 0x80 | prng.int(0, 128);
  bytes[end - 1] = prng.int(0, 128);
};

const swapRanges: Way = (bytes, range, prng) => {
  const length = prng.int(1, Math.max(2, Math.min(64, (range.end - range.start) >> 1)));
  const [a, b] = [at(range, prng, length), at(range, prng, length)];
  const first = bytes.slice(a, Math.min(a + length, range.end));
  bytes.copyWithin(a, b, Math.min(b + length, range.end, b + first.byteLength));
  bytes.set(first.subarray(0, Math.max(0, range.end - b)), b);
};

/** Bytes pushed on by some that are put in between; the last ones fall out. */
const insert: Way = (bytes, range, prng) => {
  const i = at(range, prng);
  const count = prng.int(1, 9);
  bytes.copyWithin(i + count, i, Math.max(i, range.end - count));
  for (let byte = i; byte < Math.min(i + count, range.end); byte++) bytes[byte] = prng.int(0, 256);
};

const remove: Way = (bytes, range, prng) => {
  const i = at(range, prng);
  bytes.copyWithin(i, Math.min(range.end, i + prng.int(1, 9)), range.end);
};

const fillRange: Way = (bytes, range, prng) => {
  const i = at(range, prng);
  bytes.fill(prng.pick([0, 255, 1]), i, Math.min(range.end, i + prng.int(1, 40)));
};

const FINE: readonly Way[] = [flipBit, flipBit, setByte, setByte, step, setLength, setVarint];
const COARSE: readonly Way[] = [swapRanges, insert, remove, fillRange];
