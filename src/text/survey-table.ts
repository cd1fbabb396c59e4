import { SURVEY_BYTES } from '../abi/text-rows.js';
import type { Core } from '../core/core.js';
import { TextRows } from '../core/text-rows.js';
import type { DecodeRegion } from '../parquet/decode-region.js';
import { clearSurvey, readSurvey } from './column-survey.js';
import type { SurveyedBlock } from './survey-footer.js';
import type { TextLines } from './text-footer.js';

/** Rows that the kernel takes at once; a block has as many as its lines give. */
const SURVEY_ROWS = 16_384;

/** Counts what the rows of a text hold, block by block. */
export class SurveyTable {
  readonly lines: TextLines;
  readonly names: readonly string[];
  readonly blocks: SurveyedBlock[] = [];
  readonly #core: Core;
  readonly #rows: TextRows;
  readonly #surveyPtrs: readonly number[];

  constructor(core: Core, region: DecodeRegion, lines: TextLines, names: readonly string[]) {
    this.lines = lines;
    this.names = names;
    this.#core = core;
    this.#surveyPtrs = names.map(() => region.take(SURVEY_BYTES));
    const ptr = region.take(TextRows.byteLength(names.length, names.length, SURVEY_ROWS));
    this.#rows = new TextRows(core, ptr, {
      fieldCount: names.length,
      lines,
      targets: this.#surveyPtrs.map((valuesPtr, field) => ({
        field,
        kind: 'survey' as const,
        valuesPtr,
        offsetsPtr: 0,
        validityPtr: 0,
        textBytesMax: 0,
      })),
      rowsMax: SURVEY_ROWS,
    });
  }

  /**
   * Takes the whole lines of a text as one block.
   * @param offset byte of the text that stands at `ptr`
   * @returns bytes of those lines
   */
  take(ptr: number, byteLength: number, offset: number): number {
    for (const surveyPtr of this.#surveyPtrs) clearSurvey(this.#core, surveyPtr);
    this.#rows.setText(ptr, byteLength);
    let rowCount = 0;
    let brokenCount = 0;
    for (let count = this.#rows.next(); count > 0; count = this.#rows.next()) {
      rowCount += count;
      brokenCount += this.#rows.brokenCount;
    }
    const columns = this.#surveyPtrs.map((surveyPtr) => readSurvey(this.#core, surveyPtr));
    this.blocks.push({ rowCount, brokenCount, offset, columns });
    return this.#rows.at - ptr;
  }
}
