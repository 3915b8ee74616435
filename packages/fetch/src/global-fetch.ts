import { isHedged } from './recursion.js';
import type { SendFetch } from './request/inner-fetch.js';

/** A call of somebody's patched `fetch`, as long as it lasts. */
interface Passage {
  isOpen: boolean;
}

/** Of `AsyncLocalStorage`. */
interface Storage {
  getStore(): Passage | undefined;
  run<R>(passage: Passage, run: () => R): R;
}

/** Shared by every copy of the package: one may be entered from a patch that another has called. */
const PASSAGES: unique symbol = Symbol.for('hedgerow.fetch.passages') as never;

interface Surroundings {
  fetch?: SendFetch;
  [PASSAGES]?: Storage;
  readonly AsyncLocalStorage?: new () => Storage;
  readonly process?: { readonly getBuiltinModule?: (name: 'node:async_hooks') => { readonly AsyncLocalStorage: new () => Storage } | undefined };
}

/**
 * The global `fetch` of the moment of each call, so that what is installed later is seen: mocks, caches of frameworks, instrumentation. One that is hedged itself stands for `captured`.
 *
 * What is installed over a hedged `fetch` calls that as its original, which must not call it again: so a patch is called in a passage, and what is
 * entered within it goes {@link isWithinPatch straight on}. Without asynchronous contexts there is no telling, and `captured` stays in use.
 *
 * @param current - the global `fetch` now.
 * @param captured - the same, without hedging.
 */
export function globalFetch(current: SendFetch, captured: SendFetch): SendFetch {
  return (input, init) => {
    const { fetch } = globalThis as Surroundings;
    if (fetch === current || typeof fetch !== 'function' || isHedged(fetch) || isWithinPatch()) return captured(input, init);
    const storage = passages();
    return storage === undefined ? captured(input, init) : pass(storage, () => fetch(input, init));
  };
}

/** Whether a hedged `fetch` has called a patch that has come round to this. */
export function isWithinPatch(): boolean {
  return (globalThis as Surroundings)[PASSAGES]?.getStore()?.isOpen === true;
}

/** Sockets and streams keep the context in which they were made: so a passage ends with its call. */
function pass(storage: Storage, send: () => Promise<Response>): Promise<Response> {
  const passage: Passage = { isOpen: true };
  const end = (): void => void (passage.isOpen = false);
  try {
    const sent = storage.run(passage, send);
    Promise.resolve(sent).then(end, end);
    return sent;
  } catch (error) {
    end();
    throw error;
  }
}

function passages(): Storage | undefined {
  const surroundings = globalThis as Surroundings;
  if (surroundings[PASSAGES] !== undefined) return surroundings[PASSAGES];
  const { AsyncLocalStorage = surroundings.AsyncLocalStorage } = surroundings.process?.getBuiltinModule?.('node:async_hooks') ?? {};
  return AsyncLocalStorage && (surroundings[PASSAGES] = new AsyncLocalStorage());
}
