import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { turns } from './wait.js';

/** What calls keep in their async context. */
export interface Store {
  readonly id: number;
}

/** Watches in whose async context things happen, and whether what contexts hold outlives its call. */
export class Witness {
  readonly #storage = new AsyncLocalStorage<Store>();
  readonly #stores: WeakRef<Store>[] = [];
  /** What was seen in the context of another call, or of none, by name. */
  readonly foreign = new Map<string, number>();
  /** What was seen at all. */
  readonly seen = new Map<string, number>();

  /** Runs in a context of its own. */
  run<T>(id: number, work: () => T): T {
    const store = { id };
    this.#stores.push(new WeakRef(store));
    return this.#storage.run(store, work);
  }

  /** In whose context this is asked. */
  get current(): number | undefined {
    return this.#storage.getStore()?.id;
  }

  /** Something of this call happens. */
  see(what: string, id: number): void {
    count(this.seen, what);
    if (this.current !== id) count(this.foreign, what);
  }

  /** How many stores are alive, see {@link countAlive}. */
  countAlive(enough?: number, rounds?: number): Promise<number> {
    return countAlive(this.#stores, enough, rounds);
  }
}

/**
 * How many are alive, once all that is garbage has been collected. It looks several times, ever later, and no longer when no more than `enough` are:
 * every look is a collection of everything, and takes the processor for a tenth of a second. `beforeLook` may let go of what a test itself holds.
 */
export async function countAlive(objects: readonly WeakRef<object>[], enough = 0, rounds = 8, beforeLook = (): void => undefined): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let alive = Infinity;
  for (let round = 1; round <= rounds && alive > enough; round++) {
    await turns(10);
    await new Promise((resolve) => setTimeout(resolve, 25 * round));
    beforeLook();
    collect();
    alive = objects.filter((object) => object.deref() !== undefined).length;
  }
  return alive;
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
