import { fromWire, toWire, type WireError } from '../errors/errors.js';

/** What both ends of a worker_threads channel have in common. */
export interface RpcPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

type Handler = (argument: never) => unknown;

type Envelope =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly body: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly body: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: WireError };

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Calls in both directions over one channel between two threads. Each call is answered once, with
 * a result or with an error that keeps its class, code and details. `fail` ends all open calls.
 */
export class RpcPeer {
  readonly #port: RpcPort;
  readonly #handlers: Readonly<Record<string, Handler>>;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #failure: Error | null = null;

  constructor(port: RpcPort, handlers: Readonly<Record<string, Handler>>) {
    this.#port = port;
    this.#handlers = handlers;
    port.on('message', (message) => void this.#receive(message as Envelope));
  }

  /** Calls `method` of the other side. Rejects with its error, or with that given to `fail`. */
  call<Result>(method: string, body: unknown): Promise<Result> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#port.postMessage({ kind: 'call', id, method, body } satisfies Envelope);
    });
  }

  /** Rejects every open and every later call: the other side is gone. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  async #receive(envelope: Envelope): Promise<void> {
    if (envelope.kind === 'call') {
      this.#port.postMessage(await this.#answer(envelope.id, envelope.method, envelope.body));
      return;
    }
    const waiting = this.#waiting.get(envelope.id);
    if (waiting === undefined) return;
    this.#waiting.delete(envelope.id);
    if (envelope.kind === 'result') waiting.resolve(envelope.body);
    else waiting.reject(fromWire(envelope.error));
  }

  async #answer(id: number, method: string, body: unknown): Promise<Envelope> {
    try {
      const handler = this.#handlers[method];
      if (handler === undefined) throw new Error(`no handler for ${method}`);
      return { kind: 'result', id, body: await handler(body as never) };
    } catch (error) {
      return { kind: 'error', id, error: toWire(error) };
    }
  }
}
