// The public API for browsers. What is not exported here is not promised.
export {
  type BookUpdate,
  type BookUpdateColumns,
  OrderBook,
  type OrderBookOptions,
} from './book/order-book.js';
export type { BookLevel } from './core/book.js';
export { loadCore } from './core/load-browser.js';
export type { ErrorCode } from './errors/codes.js';
export { BookError, KernelError, PipelineError } from './errors/errors.js';
