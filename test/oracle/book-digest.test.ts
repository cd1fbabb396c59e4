import { describe, expect, it } from 'vitest';
import { bookDigest, xxh64 } from './book-digest.js';

describe('the oracle of digests', () => {
  it.each([
    ['', 0xef46db3751d8e999n],
    ['a', 0xd24ec4f1a98c6e5bn],
    ['abc', 0x44bc2cf5ad770999n],
    ['Nobody inspects the spammish repetition', 0xfbcea83c8a378bf1n],
  ])('gives the published XXH64 of %j', (text, hash) => {
    expect(xxh64(new TextEncoder().encode(text))).toBe(hash);
  });

  it('hashes an empty book as two zero counts', () => {
    expect(bookDigest([], [])).toBe(xxh64(new Uint8Array(8)).toString(16).padStart(16, '0'));
  });
});
