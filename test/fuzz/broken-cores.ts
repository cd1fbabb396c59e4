// Cores with one check taken out: readers that the fuzzer must find out, or it finds nothing.
import { CURSOR_DICTIONARY_COUNT } from '#src/abi/column-cursor.js';
import { PAGE_HAS_CRC } from '#src/abi/page-header.js';
import type { Core } from '#src/core/core.js';
import { CANARY_BYTES } from '../support/page-reading.js';

export const BROKEN_CORES: Readonly<Record<string, (core: Core) => Core>> = {
  'no checksums': (core) => ({
    ...core,
    kernels: {
      ...core.kernels,
      pageHeader: (ptr, byteLength, outPtr) => {
        const headerBytes = core.kernels.pageHeader(ptr, byteLength, outPtr);
        core.views.i32[(outPtr + PAGE_HAS_CRC) / 4] = 0;
        return headerBytes;
      },
    },
  }),
  'codes beyond the dictionary': (core) => ({
    ...core,
    kernels: {
      ...core.kernels,
      cursorBegin: (cursorPtr, ...page) => {
        core.views.i32[(cursorPtr + CURSOR_DICTIONARY_COUNT) / 4] = 2 ** 20;
        return core.kernels.cursorBegin(cursorPtr, ...page);
      },
    },
  }),
  'a write behind the region': (core) => ({
    ...core,
    kernels: {
      ...core.kernels,
      cursorDictionary: (cursorPtr, ptr, endPtr, entryCount) => {
        const taken = core.kernels.cursorDictionary(cursorPtr, ptr, endPtr, entryCount);
        // Byte 0 of the canary in front of the region.
        if (taken < 0) core.views.u8[CANARY_BYTES] = 1;
        return taken;
      },
    },
  }),
};
