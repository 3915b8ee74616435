import { Hedger, type AttemptContext, type HedgerOptions } from '@hedgerow/core';
import type { Side } from './rounds.js';

/** What somebody would write by hand: a promise, a timer, an AbortController per attempt; no budget, no memory. */
export function handWritten<T>(start: (signal: AbortSignal) => Promise<T>, delayMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const controllers: AbortController[] = [];
    let open = 0;
    const launch = (): void => {
      const controller = new AbortController();
      controllers.push(controller);
      open++;
      start(controller.signal).then(
        (value) => {
          clearTimeout(timer);
          for (const other of controllers) if (other !== controller) other.abort();
          resolve(value);
        },
        (error: unknown) => {
          if (--open > 0) return;
          clearTimeout(timer);
          reject(error);
        },
      );
    };
    const timer = setTimeout(launch, delayMs);
    launch();
  });
}

/** An attempt that answers at once and, like a real client, looks at its signal. */
function answer(signal: AbortSignal): Promise<{ aborted: boolean }> {
  return Promise.resolve({ aborted: signal.aborted });
}

/** A call that is not hedged, by hand. */
export const byHand: Side = async (count) => {
  for (let call = 0; call < count; call++) await handWritten(answer, 50);
};

/** Hedger, be it this one or that of another checkout. */
export type HedgerClass = new (options?: HedgerOptions) => Pick<Hedger, 'run'>;

/** The same call through a Hedger with its default options: budget, latency memory, hedgeInfo and all; one after another, or several at a time. */
export function throughHedger(Class: HedgerClass = Hedger, options: HedgerOptions = {}, inFlight = 1): Side {
  const hedger = new Class(options);
  const request = { method: 'GET', url: 'http://127.0.0.1:8080/items/42' };
  const start = inFlight === 1 ? ({ signal }: AttemptContext) => answer(signal) : () => new Promise<object>((resolve) => setImmediate(resolve, {}));
  return async (count) => {
    let left = count;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await hedger.run<object>({ request, start });
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  };
}
