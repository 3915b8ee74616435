import type { AttemptScope, AttemptView, CallEnd, CallObserver, CallView, HedgeObserver } from './events.js';
import type { HedgeRequest } from '../call.js';
import type { HedgeInfo, IneligibleReason, SuppressionReason } from '../info.js';
import type { Reporter } from '../common/reporter.js';

const SUBJECT = 'an observer';

/** Who watches the calls of a Hedger. */
export class Observers {
  private list: readonly HedgeObserver[] = [];
  private readonly reporter: Reporter;

  constructor(reporter: Reporter) {
    this.reporter = reporter;
  }

  /** Returns what removes it again. */
  add(observer: HedgeObserver): () => void {
    this.list = [...this.list, observer];
    return () => {
      this.list = this.list.filter((other) => other !== observer);
    };
  }

  clear(): void {
    this.list = [];
  }

  /** `undefined` if nobody cares about this call, so that it costs nothing. */
  watch(request: HedgeRequest, key: string, origin: string): Watch | undefined {
    return this.list.length === 0 ? undefined : Watch.of(this.list, { request, key, origin }, this.reporter);
  }

  bypassed(request: HedgeRequest, reason: IneligibleReason): void {
    for (const observer of this.list) this.reporter.tell(SUBJECT, () => observer.onBypass?.(request, reason));
  }
}

/** Several observers as one; what they throw is reported and never reaches the call. */
export class Watch {
  private readonly watchers: readonly CallObserver[];
  private readonly reporter: Reporter;

  private constructor(watchers: readonly CallObserver[], reporter: Reporter) {
    this.watchers = watchers;
    this.reporter = reporter;
  }

  /** `undefined` if nobody cares about this call. */
  static of(observers: readonly HedgeObserver[], call: CallView, reporter: Reporter): Watch | undefined {
    const watchers: CallObserver[] = [];
    for (const observer of observers) {
      const watcher = reporter.ask(SUBJECT, () => observer.onCall?.(call));
      if (watcher !== undefined) watchers.push(watcher);
    }
    return watchers.length === 0 ? undefined : new Watch(watchers, reporter);
  }

  attempt(attempt: AttemptView): AttemptScope | undefined {
    let scope: AttemptScope | undefined;
    for (const watcher of this.watchers) {
      const added = this.reporter.ask(SUBJECT, () => watcher.onAttempt?.(attempt));
      if (added !== undefined) scope = scope === undefined ? added : this.nest(scope, added);
    }
    return scope;
  }

  headers(scope: AttemptScope): AttemptScope['headers'] {
    return this.reporter.ask(SUBJECT, () => scope.headers);
  }

  /**
   * Calls `start`, which does not throw, once within `scope`, and says what it returned, whatever the scope makes of it: an observer may
   * throw, forget the result, or forget to call `start` at all.
   */
  within<R>(scope: AttemptScope, start: () => R): R {
    let started: { readonly result: R } | undefined;
    const once = (): R => (started ??= { result: start() }).result;
    try {
      scope.run?.(once);
    } catch (error) {
      this.reporter.warn(`${SUBJECT} threw`, error);
    }
    return once();
  }

  attemptEnd(attempt: AttemptView): void {
    this.each((watcher) => watcher.onAttemptEnd?.(attempt));
  }

  suppressed(reason: SuppressionReason): void {
    this.each((watcher) => watcher.onSuppressed?.(reason));
  }

  end(info: HedgeInfo, end: CallEnd): void {
    this.each((watcher) => watcher.onEnd?.(info, end));
  }

  private nest(outer: AttemptScope, inner: AttemptScope): AttemptScope {
    return {
      headers: { ...this.headers(outer), ...this.headers(inner) },
      run: (start) => enter(outer, () => enter(inner, start)),
    };
  }

  private each(tell: (watcher: CallObserver) => unknown): void {
    for (const watcher of this.watchers) {
      try {
        this.reporter.disown(SUBJECT, tell(watcher));
      } catch (error) {
        this.reporter.warn(`${SUBJECT} threw`, error);
      }
    }
  }
}

function enter<R>(scope: AttemptScope, start: () => R): R {
  return scope.run === undefined ? start() : scope.run(start);
}
