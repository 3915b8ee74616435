import type { AttemptScope, AttemptView, CallEnd, CallObserver, CallView, HedgeObserver } from './events.js';
import type { HedgeInfo, SuppressionReason } from './info.js';
import type { Reporter } from './report.js';

/** Several observers as one; what they throw is reported and never reaches the call. */
export class Watch {
  private readonly watchers: readonly CallObserver[];
  private readonly reporter: Reporter;

  private constructor(watchers: readonly CallObserver[], reporter: Reporter) {
    this.watchers = watchers;
    this.reporter = reporter;
  }

  /** `undefined` if nobody cares about this call, so that it costs nothing. */
  static of(observers: readonly HedgeObserver[], call: CallView, reporter: Reporter): Watch | undefined {
    const watchers: CallObserver[] = [];
    for (const observer of observers) {
      try {
        const watcher = observer.onCall?.(call);
        if (watcher !== undefined) watchers.push(watcher);
      } catch (error) {
        reporter.warn(SUBJECT, error);
      }
    }
    return watchers.length === 0 ? undefined : new Watch(watchers, reporter);
  }

  attempt(attempt: AttemptView): AttemptScope | undefined {
    let scope: AttemptScope | undefined;
    this.each((watcher) => {
      const added = watcher.onAttempt?.(attempt);
      if (added !== undefined) scope = scope === undefined ? added : nest(scope, added);
    });
    return scope;
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

  private each(tell: (watcher: CallObserver) => void): void {
    for (const watcher of this.watchers) {
      try {
        tell(watcher);
      } catch (error) {
        this.reporter.warn(SUBJECT, error);
      }
    }
  }
}

const SUBJECT = 'an observer threw';

function nest(outer: AttemptScope, inner: AttemptScope): AttemptScope {
  return {
    headers: { ...outer.headers, ...inner.headers },
    run: (start) => enter(outer, () => enter(inner, start)),
  };
}

function enter<R>(scope: AttemptScope, start: () => R): R {
  return scope.run === undefined ? start() : scope.run(start);
}
