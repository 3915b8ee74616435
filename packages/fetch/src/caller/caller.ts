import type { AbortListener, CallerSignal } from '@hedgerow/core';
import type { BodyLifetime } from '../response/body-lifetime.js';
import type { ResponseWatcher } from '../response/response-watcher.js';
import type { Signals } from './signals.js';

/**
 * The caller's signal. While the attempts race it passes the abort on to the race; from then on to the body of what was delivered, until
 * that has ended. It holds nothing of the response: a body that is never read must not live as long as the signal does.
 */
export class Caller implements CallerSignal {
  readonly #signal: AbortSignal;
  readonly #signals: Signals;
  /** Whose signal it is, if a Request's: one that is collected takes it along, and this lives as long as the body. */
  readonly request: Request | undefined;
  #race: AbortListener | undefined;
  #body: WeakRef<BodyLifetime> | undefined;

  constructor(signal: AbortSignal, signals: Signals, request: Request | undefined) {
    this.#signal = signal;
    this.#signals = signals;
    this.request = request;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  get reason(): unknown {
    return this.#signal.reason as unknown;
  }

  addEventListener(_type: 'abort', listener: AbortListener): void {
    this.#race = listener;
    this.#signals.follow(this.#signal, this);
  }

  removeEventListener(): void {
    this.#race = undefined;
    if (this.#body === undefined) this.release();
  }

  /** Watches the body of what is delivered from here on. */
  followBody(response: object, controller: AbortController, watcher: ResponseWatcher): void {
    const lifetime = watcher.watch(response, controller, this);
    if (lifetime !== undefined) this.#body = new WeakRef(lifetime);
  }

  handleEvent(): void {
    const reason: unknown = this.#signal.reason;
    if (this.#race !== undefined) this.#race.handleEvent();
    else this.#body?.deref()?.controller.abort(reason);
    this.release();
  }

  release(): void {
    this.#signals.unfollow(this.#signal, this);
  }
}
