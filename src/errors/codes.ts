/**
 * Every error code that depthmill publishes. Users match `error.code`, never its text or class; a
 * published code never changes its meaning. docs/errors.md tells what to do about each.
 */
export const ERROR_CODES = [
  // The host and its invariants
  'ERR_INVARIANT',
  'ERR_INTERRUPTED',
  // Arguments
  'ERR_USAGE',
  'ERR_USAGE_SCALE',
  'ERR_USAGE_DURATION',
  'ERR_USAGE_TIME',
  'ERR_USAGE_THRESHOLD',
  'ERR_USAGE_MAP',
  'ERR_USAGE_DIALECT',
  'ERR_USAGE_SIZE',
  'ERR_USAGE_NUMBER',
  // Inputs
  'ERR_INPUT_NOT_FOUND',
  'ERR_INPUT_EMPTY',
  'ERR_INPUT_UNREADABLE',
  'ERR_INPUT_NO_MATCH',
  'ERR_INPUT_NO_ROWS',
  'ERR_INPUT_SCHEMA',
  'ERR_INPUT_DIALECT',
  'ERR_INPUT_OVERLAP',
  // Parquet
  'ERR_PARQUET_NOT_PARQUET',
  'ERR_PARQUET_TRUNCATED',
  'ERR_PARQUET_FOOTER',
  'ERR_PARQUET_UNSUPPORTED',
  'ERR_PARQUET_CORRUPT',
  'ERR_PARQUET_ROW_COUNT',
  // Memory
  'ERR_MEMORY_TOO_SMALL',
  'ERR_MEMORY_EXHAUSTED',
  // The core
  'ERR_CORE_VERSION',
  'ERR_KERNEL',
  // Books
  'ERR_BOOK_VALUE',
  'ERR_BOOK_FULL',
  'ERR_BOOK_NO_START',
  // Values
  'ERR_SCALE',
  // Rows (reasons in rejects/, never thrown)
  'ERR_ROW_NULL',
  'ERR_ROW_NOT_FINITE',
  'ERR_ROW_NOT_NUMBER',
  'ERR_ROW_PRICE_NEGATIVE',
  'ERR_ROW_QTY_NEGATIVE',
  'ERR_ROW_SIDE',
  'ERR_ROW_TIME',
  'ERR_ROW_SNAPSHOT',
  'ERR_ROW_FIELDS',
  'ERR_ROW_TEXT',
  // Outputs
  'ERR_OUTPUT_NOT_EMPTY',
  'ERR_OUTPUT_UNWRITABLE',
  'ERR_OUTPUT_NO_SPACE',
  'ERR_OUTPUT_ACCOUNTING',
  // Workers
  'ERR_WORKER_DIED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Reasons of a rejected row: the codes that start with ERR_ROW_. */
export type RowRejectCode = Extract<ErrorCode, `ERR_ROW_${string}`>;
