import type { IncomingMessage } from 'node:http';
import { hasArrived, putBack } from './stream.js';

/** So much of the body of a kept response is read; beyond it nobody waits any longer. */
const MOST_BYTES = 2 ** 20;

/** So many turns of the event loop its new reader has: to begin, for a cache of got's lies between; and then to read. */
const LEAST_TURNS = 10;
const MOST_TURNS = 50;

/**
 * The primary's failed response while a hedge may still do better. It is read within a bound, so that its connection does not stand
 * still. What would end it waits until somebody listens: whoever gets the response learns it then, after the bytes that came before.
 */
export class KeptResponse {
  readonly #response: IncomingMessage;
  readonly #giveUp: () => void;
  readonly #chunks: unknown[] = [];
  #bytes = 0;
  #isReading = false;
  /** How it ended meanwhile, to be told again. */
  readonly #ends: (() => void)[] = [];
  readonly #ownDestroy: PropertyDescriptor | undefined;
  /** The response's own, once it is not to end any more. */
  #push: IncomingMessage['push'] | undefined;

  /** @param giveUp - nobody should wait for its rival any more. */
  constructor(response: IncomingMessage, giveUp: () => void) {
    this.#response = response;
    this.#giveUp = giveUp;
    this.#ownDestroy = Object.getOwnPropertyDescriptor(response, 'destroy');
    response.on('error', this.#onError);
    response.on('aborted', this.#onAborted);
    this.#deferDestroy();
    if (hasArrived(response)) return;
    this.#isReading = true;
    response.on('readable', this.#onReadable);
  }

  /** Gives it back as it came. `isKeptAlive`: but for being destroyed, until {@link endAfter}. */
  release(isKeptAlive: boolean): void {
    this.#stopReading();
    this.#response.off('error', this.#onError);
    this.#response.off('aborted', this.#onAborted);
    putBack(this.#response, this.#chunks.splice(0));
    if (!isKeptAlive) this.#endAgain(false);
  }

  /**
   * Its request has failed. Of a body that ends with its connection Node would now say that it is whole: whoever gets the response
   * reads what there is of it, and hears of the failure before that.
   */
  breakOff(): void {
    const response = this.#response;
    if (this.#push !== undefined || hasArrived(response)) return;
    this.#push = response.push.bind(response);
    const push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (chunk !== null) return this.#push?.(chunk, encoding) ?? false;
      this.#ends.push(() => response.push(null));
      return false;
    };
    Reflect.defineProperty(response, 'push', { value: push, configurable: true, writable: true });
  }

  /** When its new reader has had time to read what had come, calls `end`, and tells him how it has ended meanwhile. */
  endAfter(end: () => void, turns: number = MOST_TURNS): void {
    const response = this.#response;
    const goesOn = turns > MOST_TURNS - LEAST_TURNS || (turns > 0 && response.readableLength > 0 && !response.destroyed);
    if (goesOn) return void setImmediate(() => this.endAfter(end, turns - 1));
    end();
    setImmediate(() => this.#endAgain(true));
  }

  /** `isHeard`: somebody listens. */
  #endAgain(isHeard: boolean): void {
    if (this.#push !== undefined) Reflect.deleteProperty(this.#response, 'push');
    this.#obeyDestroy();
    if (isHeard) for (const again of this.#ends) again();
    else if (this.#push !== undefined) this.#response.push(null);
  }

  #obeyDestroy(): void {
    if (this.#ownDestroy === undefined) Reflect.deleteProperty(this.#response, 'destroy');
    else Reflect.defineProperty(this.#response, 'destroy', this.#ownDestroy);
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

  #stopReading(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    this.#response.off('readable', this.#onReadable);
  }

  readonly #onReadable = (): void => {
    const response = this.#response;
    while (!hasArrived(response) && this.#bytes <= MOST_BYTES) {
      const chunk = response.read() as { readonly length?: number } | null;
      if (chunk === null) return;
      this.#chunks.push(chunk);
      this.#bytes += chunk.length ?? 1;
    }
    this.#stopReading();
    if (!hasArrived(response)) this.#giveUp();
  };

  readonly #onError = (error: Error): void => this.#end(() => this.#response.listenerCount('error') > 0 && this.#response.emit('error', error));

  readonly #onAborted = (): void => this.#end(() => this.#response.emit('aborted'));

  #end(again: () => void): void {
    this.#ends.push(again);
    this.#giveUp();
  }
}
