import { VALUE_4, VALUE_8, VALUE_BOOL, VALUE_FIXED, VALUE_TEXT } from '../abi/column-cursor.js';
import {
  STREAM_AT,
  STREAM_BUFFER_BYTES,
  STREAM_BUFFER_PTR,
  STREAM_CODEC,
  STREAM_CRC_TABLES_PTR,
  STREAM_DATA_PAGES,
  STREAM_ENCODINGS,
  STREAM_END,
  STREAM_HEADER_PTR,
  STREAM_PAGES,
  STREAM_SNAPPY_TAGS_PTR,
  STREAM_ZSTD_PTR,
} from '../abi/column-stream.js';
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
import { codecName, encodingNames } from './footer-chunks.js';
import { ENCODING_NAMES } from './format.js';
import { type Decompressor, mayHold } from './page-decompress.js';
import { corruptPage, corruptStatus, type PagePlace, PageUnsupported } from './page-defect.js';
import type { SourceColumnInfo } from './reader.js';

/** A buffer for pages is about as long as the first of them: wide tables need one for each column. */
const PAGE_BUFFER_STEP = 8 * 1024;
/** How many times as long it becomes at least, so that pages of about one size share one. */
const PAGE_BUFFER_GROWTH = 1.5;

/** Bytes of a chunk in the shared memory. */
export interface PageBytes {
  readonly ptr: number;
  readonly endPtr: number;
  /** More bytes of the chunk follow in the file: fetches them behind those not used yet. */
  readonly more: ((keepPtr: number, wanted: number) => Promise<PageBytes | null>) | null;
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
 * Goes from page to page of a stream's chunk (src/abi/column-stream.ts), for the pages that the
 * kernel leaves to the host: headers, checksums, decompression. Where it stands is in the stream's
 * block. The page in work stays where it is until the next one is asked for.
 */
export class PageSteps {
  readonly #core: Core;
  readonly #region: DecodeRegion;
  readonly #streamPtr: number;
  readonly #decompressor: Decompressor;
  readonly #path: string;
  readonly #column: SourceColumnInfo;
  /** Row group of the chunk in work. */
  rowGroup = 0;
  #more: PageBytes['more'] = null;
  /** Bytes that a page needs which is not whole yet. */
  #wanted = 0;
  #page: number | 'dictionary' = -1;

  constructor(
    core: Core,
    region: DecodeRegion,
    streamPtr: number,
    decompressor: Decompressor,
    place: { readonly path: string; readonly column: SourceColumnInfo },
  ) {
    this.#core = core;
    this.#region = region;
    this.#streamPtr = streamPtr;
    this.#decompressor = decompressor;
    this.#set(STREAM_HEADER_PTR, region.take(PAGE_HEADER_BYTES));
    this.#set(STREAM_CRC_TABLES_PTR, decompressor.crcTablesPtr);
    this.#set(STREAM_SNAPPY_TAGS_PTR, decompressor.snappyTagsPtr);
    this.#set(STREAM_ZSTD_PTR, decompressor.zstdPtr);
    this.#path = place.path;
    this.#column = place.column;
  }

  /** The page that was looked at last. */
  get place(): PagePlace {
    const { name: column } = this.#column;
    return { path: this.#path, rowGroup: this.rowGroup, column, page: this.#page };
  }

  /** The data page in work, whoever has begun it. */
  get placeOfValues(): PagePlace {
    return { ...this.place, page: this.#get(STREAM_DATA_PAGES) - 1 };
  }

  /** Where a chunk's bytes are that do not come from the stream's list. */
  setBytes({ ptr, endPtr, more }: PageBytes): void {
    this.#set(STREAM_AT, ptr);
    this.#set(STREAM_END, endPtr);
    this.#more = more;
  }

  /** All bytes of the chunk are here and used up. */
  get isAtEnd(): boolean {
    return this.#more === null && this.#get(STREAM_AT) === this.#get(STREAM_END);
  }

  /** Makes room for decompressed pages of so many bytes. */
  reserve(byteLength: number): void {
    this.#buffer(byteLength);
  }

  /**
   * The next page of the chunk; null at its end; 'more' when it is not whole: more() first. Pages of
   * kinds that hold no values are passed over.
   */
  next(): Page | 'more' | null {
    for (;;) {
      const left = this.#get(STREAM_END) - this.#get(STREAM_AT);
      if (left === 0 && this.#more === null) return null;
      const page = this.#parse(left);
      if (page === 'more') return page;
      this.#set(STREAM_AT, page.ptr + page.storedBytes);
      if (page.encoding !== -1) return page;
    }
  }

  async more(): Promise<void> {
    const bytes = await this.#more!(this.#get(STREAM_AT), this.#wanted);
    if (bytes === null) this.#more = null;
    else this.setBytes(bytes);
  }

  /** The page's bytes as they were before compression; checked against its checksum. */
  body(page: Page, kind: number): PageBody {
    this.#refuseForeign(page, kind);
    const { place } = this;
    const codec = codecName(this.#get(STREAM_CODEC));
    const { ptr, storedBytes, levelBytes, byteLength } = page;
    const levels = page.isVersion2
      ? { levelsPtr: ptr, levelsEndPtr: ptr + levelBytes }
      : { levelsPtr: 0, levelsEndPtr: 0 };
    if (codec === 'UNCOMPRESSED' || !page.isCompressed) {
      if (storedBytes !== byteLength) {
        const what = `it has ${storedBytes} bytes without compression, its header says ${byteLength}`;
        throw corruptPage(place, what);
      }
      return { ...levels, valuesPtr: ptr + levelBytes, endPtr: ptr + storedBytes };
    }
    const valueBytes = byteLength - levelBytes;
    if (valueBytes < 0) throw corruptPage(place, 'its levels are longer than the page');
    const from = { ptr: ptr + levelBytes, byteLength: storedBytes - levelBytes };
    // A lie asks for no memory, neither here nor of the general reader.
    if (!mayHold(codec, from.byteLength, valueBytes)) {
      const what = `its ${codec} stream of ${from.byteLength} bytes cannot hold ${valueBytes}`;
      throw corruptPage(place, what);
    }
    const toPtr = this.#buffer(valueBytes);
    // A page of version 2 whose values are all null may have no bytes to decompress.
    if (from.byteLength > 0 || valueBytes > 0) {
      const problem = this.#decompressor.decompress(codec, from, toPtr, valueBytes);
      if (problem !== null) throw corruptPage(place, problem);
    }
    return { ...levels, valuesPtr: toPtr, endPtr: toPtr + valueBytes };
  }

  #parse(left: number): Page | 'more' {
    const { kernels, views } = this.#core;
    const at = this.#get(STREAM_AT);
    const headerPtr = this.#get(STREAM_HEADER_PTR);
    const headerBytes = kernels.pageHeader(at, left, headerPtr);
    if (headerBytes < 0) {
      if (-headerBytes === STATUS_TRUNCATED && this.#more !== null) {
        this.#wanted = left + 1;
        return 'more';
      }
      this.#page = this.#get(STREAM_DATA_PAGES);
      throw corruptStatus(this.place, 'the bytes of its header', headerBytes);
    }
    const field = (offset: number): number => views.i32[(headerPtr + offset) >>> 2]!;
    const type = field(PAGE_TYPE);
    const storedBytes = field(PAGE_COMPRESSED_BYTES);
    const isDictionary = type === PAGE_TYPE_DICTIONARY;
    const isVersion2 = type === PAGE_TYPE_DATA_V2;
    const isData = type === PAGE_TYPE_DATA || isVersion2;
    this.#page = isDictionary ? 'dictionary' : this.#get(STREAM_DATA_PAGES);
    const { place } = this;
    if (headerBytes + storedBytes > left) {
      if (this.#more !== null) {
        this.#wanted = headerBytes + storedBytes;
        return 'more';
      }
      const what = `it is to have ${storedBytes} bytes, the chunk has ${left - headerBytes} left`;
      throw corruptPage(place, what);
    }
    const pages = this.#get(STREAM_PAGES);
    if (isDictionary && pages > 0) throw corruptPage(place, 'it is not the first page');
    this.#set(STREAM_PAGES, pages + 1);
    if (isData) this.#set(STREAM_DATA_PAGES, this.#get(STREAM_DATA_PAGES) + 1);
    const ptr = at + headerBytes;
    const hasCrc = field(PAGE_HAS_CRC) === 1;
    if (hasCrc) this.#checkCrc(place, ptr, storedBytes, field(PAGE_CRC));
    if (field(PAGE_REPETITION_BYTES) > 0) throw new PageUnsupported('it has repetition levels');
    if (isData) this.#refuseUnannounced(place, field(PAGE_ENCODING), hasCrc);
    if (isData && !isVersion2 && this.#column.nullable) {
      this.#refuseForeignLevels(place, field(PAGE_LEVEL_ENCODING), hasCrc);
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

  #checkCrc(place: PagePlace, ptr: number, byteLength: number, expected: number): void {
    const found = this.#decompressor.crc32(ptr, byteLength);
    if (found === expected) return;
    const hex = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0');
    throw corruptPage(place, `its checksum is ${hex(found)}, its header says ${hex(expected)}`);
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
  #refuseUnannounced(place: PagePlace, encoding: number, hasCrc: boolean): void {
    const announced = this.#get(STREAM_ENCODINGS);
    if ((announced >>> encoding) & 1) return;
    const name = ENCODING_NAMES[encoding];
    if (!hasCrc) throw new PageUnsupported(`its encoding ${name} is not in the footer's list`);
    const what = `its header says encoding ${name}, the footer lists ${encodingNames(announced).join(', ')}`;
    throw corruptPage(place, what);
  }

  #refuseForeignLevels(place: PagePlace, encoding: number, hasCrc: boolean): void {
    if (encoding === ENCODING_RLE) return;
    this.#refuseUnannounced(place, encoding, hasCrc);
    if (encoding === ENCODING_BIT_PACKED) throw new PageUnsupported('its levels are BIT_PACKED');
    throw corruptPage(place, `its levels have encoding ${ENCODING_NAMES[encoding]}`);
  }

  #buffer(byteLength: number): number {
    const room = this.#get(STREAM_BUFFER_BYTES);
    if (byteLength <= room && room > 0) return this.#get(STREAM_BUFFER_PTR);
    const wanted = Math.max(byteLength + 1, room * PAGE_BUFFER_GROWTH);
    const bytes = Math.ceil(wanted / PAGE_BUFFER_STEP) * PAGE_BUFFER_STEP;
    this.#set(STREAM_BUFFER_PTR, this.#region.take(bytes));
    this.#set(STREAM_BUFFER_BYTES, bytes);
    return this.#get(STREAM_BUFFER_PTR);
  }

  #get(field: number): number {
    return this.#core.views.u32[(this.#streamPtr + field) >>> 2]!;
  }

  #set(field: number, value: number): void {
    this.#core.views.u32[(this.#streamPtr + field) >>> 2] = value;
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
      return kind !== VALUE_BOOL && kind !== VALUE_FIXED && kind !== VALUE_TEXT;
    case ENCODING_BYTE_STREAM_SPLIT:
      return kind === VALUE_4 || kind === VALUE_8;
    default:
      return false;
  }
}
