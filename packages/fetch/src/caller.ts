import type { AbortListener, CallerSignal } from '@hedgerow/core';
import type { Hold, Watcher } from './watcher.js';

/**
 * The caller's signal. While the attempts race it passes the abort on to the race; from then on to the winner's body, until that
 * has ended. It holds nothing of the response: a body that is never read must not live as long as the signal does.
 */
export class Caller implements CallerSignal {
  readonly #signal: AbortSignal;
  readonly #watcher: Watcher;
  #race: AbortListener | undefined;
  #body: WeakRef<Hold> | undefined;

  constructor(signal: AbortSignal, watcher: Watcher) {
    this.#signal = signal;
    this.#watcher = watcher;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  get reason(): unknown {
    return this.#signal.reason as unknown;
  }

  addEventListener(_type: 'abort', listener: AbortListener): void {
    this.#race = listener;
    this.#signal.addEventListener('abort', this);
  }

  removeEventListener(): void {
    this.#race = undefined;
    if (this.#body === undefined) this.letGo();
  }

  /** Watches the winner's body from here on. */
  followBody(response: Response, controller: AbortController): void {
    const hold = this.#watcher.watch(response, controller, this);
    if (hold !== undefined) this.#body = new WeakRef(hold);
  }

  handleEvent(): void {
    const reason: unknown = this.#signal.reason;
    if (this.#race !== undefined) this.#race.handleEvent();
    else this.#body?.deref()?.controller.abort(reason);
    this.letGo();
  }

  letGo(): void {
    this.#signal.removeEventListener('abort', this);
  }
}
