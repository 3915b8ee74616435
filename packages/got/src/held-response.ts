import type { IncomingMessage } from 'node:http';

/** So much of the body of a kept response is read; beyond it nobody waits any longer. */
const MOST_BYTES = 65_536;

/** A stream with what Node does not document. */
type KnownResponse = IncomingMessage & { readonly _readableState?: { readonly ended?: boolean } };

/** Whether all of a response is here, read or not. */
export function hasArrived(response: IncomingMessage): boolean {
  return response.complete || (response as KnownResponse)._readableState?.ended === true;
}

/** Whether it is a stream at all: a request function may give anything. */
export function isStream(response: unknown): response is IncomingMessage {
  const { on, read, unshift } = (response ?? {}) as Partial<IncomingMessage>;
  return [on, read, unshift].every((method) => typeof method === 'function');
}

/** Puts back what was read, in front of what was not. */
export function putBack(response: IncomingMessage, chunks: unknown[]): void {
  for (const chunk of chunks.reverse()) response.unshift(chunk);
}

/**
 * The primary's failed response while a hedge may still do better. It is read within a bound, so that its connection does not stand
 * still. What would end it waits until somebody listens: whoever gets the response learns it then, after the bytes that came before.
 */
export class HeldResponse {
  readonly #response: IncomingMessage;
  readonly #giveUp: () => void;
  readonly #chunks: unknown[] = [];
  #bytes = 0;
  /** How it ended meanwhile, to be told again. */
  readonly #ends: (() => void)[] = [];
  readonly #ownDestroy: PropertyDescriptor | undefined;

  /** @param giveUp - nobody should wait for its rival any more. */
  constructor(response: IncomingMessage, giveUp: () => void) {
    this.#response = response;
    this.#giveUp = giveUp;
    this.#ownDestroy = Object.getOwnPropertyDescriptor(response, 'destroy');
    response.on('error', this.#onError);
    response.on('aborted', this.#onAborted);
    this.#deferDestroy();
    if (!hasArrived(response)) response.on('readable', this.#onReadable);
  }

  /** Gives it back as it came. The result tells it how it ended meanwhile, if it did. */
  release(): () => void {
    const response = this.#response;
    response.off('error', this.#onError);
    response.off('aborted', this.#onAborted);
    response.off('readable', this.#onReadable);
    if (this.#ownDestroy === undefined) Reflect.deleteProperty(response, 'destroy');
    else Reflect.defineProperty(response, 'destroy', this.#ownDestroy);
    putBack(response, this.#chunks);
    const ends = this.#ends;
    return () => {
      for (const end of ends) end();
    };
  }

  get isBroken(): boolean {
    return this.#ends.length > 0;
  }

  /** A destroyed response would lose the bytes that nobody has read. */
  #deferDestroy(): void {
    const response = this.#response;
    const destroy = (error?: Error): IncomingMessage => {
      Object.assign(response, { aborted: true }); // or Node would end it as if it were whole
      this.#end(() => response.destroyed || response.destroy(error));
      return response;
    };
    Reflect.defineProperty(response, 'destroy', { value: destroy, configurable: true, writable: true });
  }

  readonly #onReadable = (): void => {
    const response = this.#response;
    while (!hasArrived(response) && this.#bytes <= MOST_BYTES) {
      const chunk = response.read() as { readonly length?: number } | null;
      if (chunk === null) return;
      this.#chunks.push(chunk);
      this.#bytes += chunk.length ?? 1;
    }
    response.off('readable', this.#onReadable);
    if (!hasArrived(response)) this.#giveUp();
  };

  readonly #onError = (error: Error): void => this.#end(() => this.#response.emit('error', error));

  readonly #onAborted = (): void => this.#end(() => this.#response.emit('aborted'));

  #end(again: () => void): void {
    this.#ends.push(again);
    this.#giveUp();
  }
}
