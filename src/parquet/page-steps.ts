import { VALUE_4, VALUE_8, VALUE_BOOL, VALUE_UINT32 } from '../abi/column-cursor.js';
import {
  ENCODING_BIT_PACKED,
  ENCODING_BYTE_STREAM_SPLIT,
  ENCODING_DELTA_BINARY_PACKED,
  ENCODING_PLAIN,
  ENCODING_PLAIN_DICTIONARY,
  ENCODING_RLE,
  ENCODING_RLE_DICTIONARY,
} from '../abi/encodings.js';
import {
  PAGE_BYTES,
  PAGE_COMPRESSED_BYTES,
  PAGE_CRC,
  PAGE_DEFINITION_BYTES,
  PAGE_ENCODING,
  PAGE_HAS_CRC,
  PAGE_HEADER_BYTES,
  PAGE_IS_COMPRESSED,
  PAGE_LEVEL_ENCODING,
  PAGE_NULLS,
  PAGE_REPETITION_BYTES,
  PAGE_TYPE,
  PAGE_TYPE_DATA,
  PAGE_TYPE_DATA_V2,
  PAGE_TYPE_DICTIONARY,
  PAGE_VALUES,
} from '../abi/page-header.js';
import { STATUS_TRUNCATED } from '../abi/status.js';
import type { Core } from '../core/core.js';
import type { DecodeRegion } from './decode-region.js';
import { encodingNames } from './footer-chunks.js';
import { ENCODING_NAMES } from './format.js';
import type { Decompressor } from './page-decompress.js';
import { corruptPage, corruptStatus, type PagePlace, PageUnsupported } from './page-defect.js';
import type { SourceColumnInfo } from './reader.js';

/** Page buffers grow in steps of this, so that pages of about one size share one. */
const PAGE_BUFFER_STEP = 64 * 1024;

/** Bytes of a chunk in the shared memory. */
export interface PageBytes {
  readonly ptr: number;
  readonly endPtr: number;
  /** More bytes of the chunk follow in the file: fetches them behind those not used yet. */
  readonly more: ((keepPtr: number, wanted: number) => Promise<PageBytes | null>) | null;
}

/** What the footer says of how a chunk's pages are stored. */
export interface ChunkStorage {
  readonly codec: string;
  /** Bits of ChunkTable.encodings. */
  readonly encodings: number;
}

/** A page that was found, its bytes not looked at yet. */
export interface Page {
  readonly isDictionary: boolean;
  readonly isVersion2: boolean;
  /** Rows of a data page (nulls too), entries of a dictionary. */
  readonly rowCount: number;
  /** Version 2: rows without a value; null: the header does not say. */
  readonly nullCount: number | null;
  readonly encoding: number;
  /** Bytes in the file, at ptr; and decompressed. */
  readonly ptr: number;
  readonly storedBytes: number;
  readonly byteLength: number;
  /** Version 2: bytes of levels in front of the values, never compressed. */
  readonly levelBytes: number;
  readonly isCompressed: boolean;
}

export interface PageBody {
  /** Version 2: where the definition levels are; 0: behind their length, in front of the values. */
  readonly levelsPtr: number;
  readonly levelsEndPtr: number;
  readonly valuesPtr: number;
  readonly endPtr: number;
}

/**
 * Goes from page to page of a chunk: headers, checksums, decompression. The page in work stays where
 * it is until the next one is asked for.
 */
export class PageSteps {
  readonly #core: Core;
  readonly #region: DecodeRegion;
  readonly #headerPtr: number;
  readonly #decompressor: Decompressor;
  readonly #path: string;
  readonly #column: SourceColumnInfo;
  #codec = '';
  #encodings = 0;
  #rowGroup = 0;
  #bytes: PageBytes = { ptr: 0, endPtr: 0, more: null };
  #at = 0;
  /** Bytes that a page needs which is not whole yet. */
  #wanted = 0;
  #page: number | 'dictionary' = -1;
  #pages = 0;
  #dataPages = 0;
  #bufferPtr = 0;
  #bufferBytes = 0;

  constructor(
    core: Core,
    region: DecodeRegion,
    decompressor: Decompressor,
    place: { readonly path: string; readonly column: SourceColumnInfo },
  ) {
    this.#core = core;
    this.#region = region;
    this.#decompressor = decompressor;
    this.#headerPtr = region.take(PAGE_HEADER_BYTES);
    this.#path = place.path;
    this.#column = place.column;
  }

  /** The page in work. */
  get place(): PagePlace {
    const column = this.#column.name;
    return { path: this.#path, rowGroup: this.#rowGroup, column, page: this.#page };
  }

  open(rowGroup: number, { codec, encodings }: ChunkStorage, bytes: PageBytes): void {
    this.#rowGroup = rowGroup;
    this.#codec = codec;
    this.#encodings = encodings;
    this.#bytes = bytes;
    this.#at = bytes.ptr;
    this.#page = 0;
    this.#pages = 0;
    this.#dataPages = 0;
  }

  /**
   * The next page of the chunk; null at its end; 'more' when it is not whole: more() first. Pages of
   * kinds that hold no values are passed over.
   */
  next(): Page | 'more' | null {
    for (;;) {
      const left = this.#bytes.endPtr - this.#at;
      if (left === 0 && this.#bytes.more === null) return null;
      const page = this.#parse(left);
      if (page === 'more') return page;
      this.#at = page.ptr + page.storedBytes;
      if (page.encoding !== -1) return page;
    }
  }

  async more(): Promise<void> {
    const bytes = await this.#bytes.more!(this.#at, this.#wanted);
    if (bytes === null) {
      this.#bytes = { ...this.#bytes, more: null };
      return;
    }
    this.#bytes = bytes;
    this.#at = bytes.ptr;
  }

  /** The page's bytes as they were before compression; checked against its checksum. */
  body(page: Page, kind: number): PageBody {
    this.#refuseForeign(page, kind);
    const { ptr, storedBytes, levelBytes, byteLength } = page;
    const levels = page.isVersion2
      ? { levelsPtr: ptr, levelsEndPtr: ptr + levelBytes }
      : { levelsPtr: 0, levelsEndPtr: 0 };
    if (this.#codec === 'UNCOMPRESSED' || !page.isCompressed) {
      if (storedBytes !== byteLength) {
        const what = `it has ${storedBytes} bytes without compression, its header says ${byteLength}`;
        throw corruptPage(this.place, what);
      }
      return { ...levels, valuesPtr: ptr + levelBytes, endPtr: ptr + storedBytes };
    }
    const valueBytes = byteLength - levelBytes;
    if (valueBytes < 0) throw corruptPage(this.place, 'its levels are longer than the page');
    const toPtr = this.#buffer(valueBytes);
    const from = { ptr: ptr + levelBytes, byteLength: storedBytes - levelBytes };
    // A page of version 2 whose values are all null may have no bytes to decompress.
    if (from.byteLength > 0 || valueBytes > 0) {
      const problem = this.#decompressor.decompress(this.#codec, from, toPtr, valueBytes);
      if (problem !== null) throw corruptPage(this.place, problem);
    }
    return { ...levels, valuesPtr: toPtr, endPtr: toPtr + valueBytes };
  }

  #parse(left: number): Page | 'more' {
    const { kernels, views } = this.#core;
    const headerBytes = kernels.pageHeader(this.#at, left, this.#headerPtr);
    if (headerBytes < 0) {
      if (-headerBytes === STATUS_TRUNCATED && this.#bytes.more !== null) {
        this.#wanted = left + 1;
        return 'more';
      }
      this.#page = this.#dataPages;
      throw corruptStatus(this.place, 'the bytes of its header', headerBytes);
    }
    const field = (offset: number): number => views.i32[(this.#headerPtr + offset) >>> 2]!;
    const type = field(PAGE_TYPE);
    const storedBytes = field(PAGE_COMPRESSED_BYTES);
    const isDictionary = type === PAGE_TYPE_DICTIONARY;
    const isVersion2 = type === PAGE_TYPE_DATA_V2;
    const isData = type === PAGE_TYPE_DATA || isVersion2;
    this.#page = isDictionary ? 'dictionary' : this.#dataPages;
    if (headerBytes + storedBytes > left) {
      if (this.#bytes.more !== null) {
        this.#wanted = headerBytes + storedBytes;
        return 'more';
      }
      const what = `it is to have ${storedBytes} bytes, the chunk has ${left - headerBytes} left`;
      throw corruptPage(this.place, what);
    }
    if (isDictionary && this.#pages > 0) throw corruptPage(this.place, 'it is not the first page');
    this.#pages++;
    if (isData) this.#dataPages++;
    const ptr = this.#at + headerBytes;
    const hasCrc = field(PAGE_HAS_CRC) === 1;
    if (hasCrc) this.#checkCrc(ptr, storedBytes, field(PAGE_CRC));
    if (field(PAGE_REPETITION_BYTES) > 0) throw new PageUnsupported('it has repetition levels');
    if (isData) this.#refuseUnannounced(field(PAGE_ENCODING), hasCrc);
    if (isData && !isVersion2 && this.#column.nullable) {
      this.#refuseForeignLevels(field(PAGE_LEVEL_ENCODING), hasCrc);
    }
    return {
      isDictionary,
      isVersion2,
      rowCount: field(PAGE_VALUES),
      nullCount: isVersion2 ? field(PAGE_NULLS) : null,
      encoding: isData || isDictionary ? field(PAGE_ENCODING) : -1,
      ptr,
      storedBytes,
      byteLength: field(PAGE_BYTES),
      levelBytes: isVersion2 ? field(PAGE_DEFINITION_BYTES) : 0,
      isCompressed: !isVersion2 || field(PAGE_IS_COMPRESSED) === 1,
    };
  }

  #checkCrc(ptr: number, byteLength: number, expected: number): void {
    const found = this.#decompressor.crc32(ptr, byteLength);
    if (found === expected) return;
    const hex = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0');
    throw corruptPage(
      this.place,
      `its checksum is ${hex(found)}, its header says ${hex(expected)}`,
    );
  }

  #refuseForeign({ isDictionary, encoding }: Page, kind: number): void {
    const known = isDictionary
      ? encoding === ENCODING_PLAIN || encoding === ENCODING_PLAIN_DICTIONARY
      : isKnown(encoding, kind);
    if (!known) throw new PageUnsupported(`its values have encoding ${encoding}`);
  }

  /**
   * The header is not under its page's checksum, but the footer lists what encodings there are. Of
   * writers that are careful enough for a checksum the list is believed.
   */
  #refuseUnannounced(encoding: number, hasCrc: boolean): void {
    if ((this.#encodings >>> encoding) & 1) return;
    const name = ENCODING_NAMES[encoding];
    if (!hasCrc) throw new PageUnsupported(`its encoding ${name} is not in the footer's list`);
    const what = `its header says encoding ${name}, the footer lists ${encodingNames(this.#encodings).join(', ')}`;
    throw corruptPage(this.place, what);
  }

  #refuseForeignLevels(encoding: number, hasCrc: boolean): void {
    if (encoding === ENCODING_RLE) return;
    this.#refuseUnannounced(encoding, hasCrc);
    if (encoding === ENCODING_BIT_PACKED) throw new PageUnsupported('its levels are BIT_PACKED');
    throw corruptPage(this.place, `its levels have encoding ${ENCODING_NAMES[encoding]}`);
  }

  #buffer(byteLength: number): number {
    if (byteLength <= this.#bufferBytes && this.#bufferBytes > 0) return this.#bufferPtr;
    const bytes = Math.ceil((byteLength + 1) / PAGE_BUFFER_STEP) * PAGE_BUFFER_STEP;
    this.#bufferPtr = this.#region.take(bytes);
    this.#bufferBytes = bytes;
    return this.#bufferPtr;
  }
}

/** Whether the cursor reads values of this kind in this encoding. */
function isKnown(encoding: number, kind: number): boolean {
  switch (encoding) {
    case ENCODING_PLAIN:
      return true;
    case ENCODING_PLAIN_DICTIONARY:
    case ENCODING_RLE_DICTIONARY:
      return kind !== VALUE_BOOL;
    case ENCODING_RLE:
      return kind === VALUE_BOOL;
    case ENCODING_DELTA_BINARY_PACKED:
      return kind === VALUE_4 || kind === VALUE_8 || kind === VALUE_UINT32;
    case ENCODING_BYTE_STREAM_SPLIT:
      return kind === VALUE_4 || kind === VALUE_8;
    default:
      return false;
  }
}
