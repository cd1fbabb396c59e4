import type { ErrorCode } from './codes.js';

/** What an error carries besides its message: plain values only, so that it can cross threads. */
export type ErrorDetails = Record<string, string | number | bigint | boolean | null | string[]>;

export interface PipelineErrorOptions {
  details?: ErrorDetails;
  cause?: unknown;
}

/**
 * Base of every error that depthmill throws on purpose. `code` is stable; `message` says what,
 * where, found against expected, and what to do; `details` holds the same values for machines.
 */
export class PipelineError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: PipelineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

export class UsageError extends PipelineError {}
export class InputError extends PipelineError {}
export class ParquetError extends PipelineError {}
export class MemoryError extends PipelineError {}
export class KernelError extends PipelineError {}
export class BookError extends PipelineError {}
export class OutputError extends PipelineError {}
export class WorkerError extends PipelineError {}

const CLASSES = {
  PipelineError,
  UsageError,
  InputError,
  ParquetError,
  MemoryError,
  KernelError,
  BookError,
  OutputError,
  WorkerError,
};
for (const [name, errorClass] of Object.entries(CLASSES)) {
  Object.defineProperty(errorClass.prototype, 'name', { value: name });
}

/** An error as it travels between threads: structuredClone would drop `name` and `code`. */
export interface WireError {
  readonly className: string;
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly stack: string | null;
}

export function toWire(error: unknown): WireError {
  if (error instanceof PipelineError) {
    const { name, code, message, details, stack } = error;
    return { className: name, code, message, details, stack: stack ?? null };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? (error.stack ?? null) : null;
  return { className: 'Error', code: null, message, details: {}, stack };
}

export function fromWire(wire: WireError): Error {
  let error: Error;
  if (wire.code === null) {
    error = new Error(wire.message);
  } else {
    const errorClass = CLASSES[wire.className as keyof typeof CLASSES] ?? PipelineError;
    error = new errorClass(wire.code, wire.message, { details: wire.details });
  }
  if (wire.stack !== null) error.stack = wire.stack;
  return error;
}

/** The error of work that was stopped from outside. */
export function interrupted(): PipelineError {
  return new PipelineError('ERR_INTERRUPTED', 'The run was stopped before it was done.');
}

/** Throws ERR_INVARIANT: for what cannot be unless depthmill itself is wrong. Never caught to go on. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) {
    throw new PipelineError('ERR_INVARIANT', `${message}. This is a bug in depthmill.`);
  }
}
