// The public API for Node. What is not exported here is not promised.
export type { AuditReport, InstrumentAudit } from './audit/types.js';
export {
  type BookUpdate,
  type BookUpdateColumns,
  OrderBook,
  type OrderBookOptions,
} from './book/order-book.js';
export type { BookLevel } from './core/book.js';
export { copyBatch } from './core/record-batch.js';
export type { ErrorCode, RowRejectCode } from './errors/codes.js';
export {
  BookError,
  InputError,
  KernelError,
  MemoryError,
  OutputError,
  ParquetError,
  PipelineError,
  UsageError,
  WorkerError,
} from './errors/errors.js';
export type { BookCadence, OutputTable, Progress, RunOptions } from './pipeline/options.js';
export {
  type BatchOptions,
  type BatchTable,
  type Input,
  type InputDay,
  openInput,
} from './worker/open-input.js';
export {
  type AuditRequest,
  audit,
  type RunRequest,
  type RunResult,
  run,
} from './worker/run.js';
