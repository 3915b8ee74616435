import { AsyncLocalStorage } from 'node:async_hooks';
import type { HedgerOptions } from '@hedgerow/core';

/** What a caller knows of their own call alone, such as who asks for it. */
interface Store {
  readonly call: number;
}

/** Gives each call an async context of its own, and sees who finds themselves in another's. */
export class Contexts {
  /** How often somebody told in which context they were, servers apart. */
  checked = 0;
  private readonly storage = new AsyncLocalStorage<Store>();
  private readonly complain: (wrong: string) => void;
  private made = 0;
  private collected = 0;
  private readonly registry = new FinalizationRegistry(() => this.collected++);

  constructor(complain: (wrong: string) => void) {
    this.complain = complain;
  }

  /** Those that somebody still holds. */
  get alive(): number {
    return this.made - this.collected;
  }

  run<T>(call: number, work: () => T): T {
    const store: Store = { call };
    this.made++;
    this.registry.register(store, undefined);
    return this.storage.run(store, work);
  }

  /** What whoever sends a request writes into it. */
  readonly here = (): string => String(this.storage.getStore()?.call ?? 'none');

  /** Somebody is called on behalf of a call. */
  check(who: string, call: unknown): void {
    this.checked++;
    const here = this.here();
    if (here !== String(call)) this.complain(`call ${String(call)}: ${who} found itself in the context of call ${here}`);
  }

  /** Options of a Hedger whose listeners look where they are. */
  watched(options: HedgerOptions): HedgerOptions {
    return {
      ...options,
      when: (request) => {
        this.check('when', request.header?.('call'));
        return true;
      },
      onHedge: ({ request }) => this.check('onHedge', request.header?.('call')),
      onComplete: ({ request }) => this.check('onComplete', request.header?.('call')),
    };
  }
}
