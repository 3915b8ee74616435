import { Hedger, type AttemptContext, type HedgeCall, type HedgeOptions, type HedgerOptions } from '@hedgerow/core';
import { FakeClock } from './fake-clock.js';

/** An answer as the calls of these tests give it. */
export interface Answer {
  readonly from: number;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an attempt does: after `ms`, answer with a status or fail. */
export type Script = { readonly ms: number; readonly status?: number; readonly headers?: Readonly<Record<string, string>> } | { readonly ms: number; readonly error: Error };

/** A Hedger on a fake clock, and calls whose attempts follow a script. */
export class Stage {
  readonly clock = new FakeClock();
  readonly hedger: Hedger;
  /** Attempts in the order of their start. */
  readonly started: AttemptContext[] = [];
  /** Numbers of the attempts that were aborted. */
  readonly aborted: number[] = [];
  /** Outcomes that the scheduler asked to discard. */
  readonly discarded: unknown[] = [];

  constructor(options: HedgerOptions = {}) {
    this.hedger = new Hedger({ budget: false, clock: this.clock, ...options });
  }

  call(scripts: readonly Script[], extra: Partial<HedgeCall<Answer>> = {}): HedgeCall<Answer> {
    return {
      request: { method: 'GET', url: 'http://service.test/items/1' },
      start: (attempt) => this.attempt(attempt, scripts[attempt.number] ?? { ms: 1e6 }),
      statusOf: (settled) => (settled.ok ? settled.value.status : undefined),
      headerOf: (settled, name) => (settled.ok ? settled.value.headers?.[name] : undefined),
      discard: (settled) => void this.discarded.push(settled.ok ? settled.value : settled.error),
      ...extra,
    };
  }

  run(scripts: readonly Script[], options?: HedgeOptions, extra?: Partial<HedgeCall<Answer>>): Promise<Answer> {
    const promise = this.hedger.run(this.call(scripts, extra), options);
    promise.catch(() => undefined);
    return promise;
  }

  /** Drops what was kept for assertions; long traffic would pile it up. */
  forget(): void {
    for (const list of [this.started, this.aborted, this.discarded]) list.length = 0;
  }

  private attempt(attempt: AttemptContext, script: Script): Promise<Answer> {
    this.started.push(attempt);
    return new Promise((resolve, reject) => {
      const timer = this.clock.setTimeout(() => {
        if ('error' in script) reject(script.error);
        else resolve({ from: attempt.number, status: script.status ?? 200, headers: script.headers ?? {} });
      }, script.ms);
      attempt.signal.addEventListener('abort', () => {
        this.aborted.push(attempt.number);
        this.clock.clearTimeout(timer);
        reject(attempt.signal.reason);
      });
      if (attempt.signal.aborted) reject(attempt.signal.reason);
    });
  }
}
