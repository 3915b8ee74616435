/** Told that a signal has aborted. */
export interface Follower {
  handleEvent(): void;
}

/** One listener on each signal, for all the calls that follow it: a signal may outlive any number, and warns of many listeners. */
export class Signals {
  readonly #crowds = new WeakMap<AbortSignal, Crowd>();

  follow(signal: AbortSignal, follower: Follower): void {
    let crowd = this.#crowds.get(signal);
    if (crowd === undefined) this.#crowds.set(signal, (crowd = new Crowd(signal)));
    crowd.add(follower);
  }

  unfollow(signal: AbortSignal, follower: Follower): void {
    this.#crowds.get(signal)?.delete(follower);
  }
}

class Crowd {
  readonly #signal: AbortSignal;
  readonly #followers = new Set<Follower>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    allowListeners(signal);
  }

  add(follower: Follower): void {
    this.#followers.add(follower);
    if (this.#followers.size === 1) this.#signal.addEventListener('abort', this);
  }

  delete(follower: Follower): void {
    if (this.#followers.delete(follower) && this.#followers.size === 0) this.#signal.removeEventListener('abort', this);
  }

  handleEvent(): void {
    this.#signal.removeEventListener('abort', this);
    const followers = [...this.#followers];
    this.#followers.clear();
    for (const follower of followers) follower.handleEvent();
  }
}

/** As many as undici's fetch allows. */
const MOST_LISTENERS = 1_500;

/** Lets many calls listen to one signal without a warning, as undici's fetch does by itself and its other methods do not. */
export function allowListeners(signal: AbortSignal): void {
  try {
    const events = (globalThis as Surroundings).process?.getBuiltinModule?.('node:events');
    if (events?.getMaxListeners?.(signal) === events?.defaultMaxListeners) events?.setMaxListeners?.(MOST_LISTENERS, signal);
  } catch {
    // Node 20 cannot say how many a signal may have for which its user lifted the limit: nothing is to be done there.
  }
}

interface Surroundings {
  readonly process?: { readonly getBuiltinModule?: (name: 'node:events') => Events | undefined };
}

interface Events {
  readonly defaultMaxListeners?: number;
  readonly getMaxListeners?: (signal: AbortSignal) => number;
  readonly setMaxListeners?: (count: number, signal: AbortSignal) => void;
}
