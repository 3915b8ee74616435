import type { createClientPool } from 'redis';
import type { Hedger } from '@hedgerow/core';

/** Commands that only read, hedged: a copy has another connection of the pool. */
export class HedgedReads {
  readonly #hedger: Hedger;
  readonly #pool: ReturnType<typeof createClientPool>;

  constructor(hedger: Hedger, pool: ReturnType<typeof createClientPool>) {
    this.#hedger = hedger;
    this.#pool = pool;
  }

  /** `name` says what is read, not which: it is not the key of Redis. */
  get(name: string, key: string, signal?: AbortSignal): Promise<string | null> {
    // A command that has been sent is answered whoever still wants it; one that waits for a connection is not sent any more.
    return this.#hedger.hedge(name, (attempt) => this.#pool.withAbortSignal(attempt.signal).get(key), { signal });
  }
}
