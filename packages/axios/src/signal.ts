import type { AxiosAdapter, GenericAbortSignal } from 'axios';
import type { AttemptContext } from '@hedgerow/core';

type Listener = (this: LightSignal, event: { readonly type: 'abort' }) => void;

/** Whether this is one of axios' own adapters, which take any signal that axios documents. Others may insist on the platform's. */
export function takesAnySignal(adapter: AxiosAdapter): boolean {
  return 'adapterName' in adapter;
}

/** An attempt's signal with no more to it than axios needs: the platform's AbortSignal costs a request some 5 % of its time. */
export class LightSignal implements GenericAbortSignal {
  aborted = false;
  reason: unknown = undefined;
  private listeners: readonly Listener[] = [];

  constructor(attempt: AttemptContext) {
    attempt.onAbort((reason) => this.abort(reason));
  }

  addEventListener(_type: 'abort', listener: Listener): void {
    this.listeners = [...this.listeners, listener];
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    this.listeners = this.listeners.filter((other) => other !== listener);
  }

  private abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    const { listeners } = this;
    this.listeners = [];
    for (const listener of listeners) listener.call(this, { type: 'abort' });
  }
}
