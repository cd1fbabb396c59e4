import type { BookKernels } from './book.js';
import type { CrcKernels } from './crc32.js';
import type { DecimalTextKernels } from './decimal-text.js';
import type { DecompressKernels } from './decompress.js';
import type { DigestKernels } from './digest.js';
import type { FooterKernels } from './footer-chunks.js';
import type { GenerateKernels } from './generate.js';
import type { MessageKernels } from './messages.js';
import type { PageDecodeKernels } from './page-decode.js';
import type { PageEncodeKernels } from './page-encode.js';
import type { PlainRowKernels } from './plain-rows.js';
import type { RescaleKernels } from './rescale.js';
import type { RowIdKernels } from './row-ids.js';
import type { RowKernels } from './rows.js';
import type { ScaleKernels } from './scale.js';
import type { SequenceKernels } from './sequence.js';
import type { SnappyCompressKernels } from './snappy-compress.js';
import type { StampKernels } from './stamps.js';
import type { TextMatchKernels } from './text-match.js';
import type { TextRowsKernels } from './text-rows.js';
import type { TimeKernels } from './times.js';
import type { TradesOutsideKernels } from './trades-outside.js';
import type { ValueGridKernels } from './value-grid.js';
import type { WitnessKernels } from './witness.js';

/**
 * What core.wasm exports. Each kernel's own file in this folder states the signatures of its
 * exports and what they mean; here they are only gathered.
 */
export interface KernelExports
  extends BookKernels,
    CrcKernels,
    DecimalTextKernels,
    DecompressKernels,
    DigestKernels,
    FooterKernels,
    GenerateKernels,
    MessageKernels,
    PageDecodeKernels,
    PageEncodeKernels,
    PlainRowKernels,
    RescaleKernels,
    RowIdKernels,
    RowKernels,
    ScaleKernels,
    SequenceKernels,
    SnappyCompressKernels,
    StampKernels,
    TextMatchKernels,
    TextRowsKernels,
    TimeKernels,
    TradesOutsideKernels,
    ValueGridKernels,
    WitnessKernels {
  abiVersion(): number;
}
