import { Hedger, type AttemptContext, type HedgeCall } from '@hedgerow/core';
import { HEDGES_ALL, longLivedSignal, type Scenario } from './scenario.js';

/** What happens to a call, by its number: one in ten is slow, one in fifty is given up, one in fifty fails. */
export type Fate = 'fast' | 'slow' | 'abandoned' | 'failing';

export function fateOf(index: number): Fate {
  if (index % 10 === 3) return 'slow';
  if (index % 50 === 7) return 'abandoned';
  if (index % 50 === 9) return 'failing';
  return 'fast';
}

/** Calls through the Hedger alone, to the URL that `urlOf` gives each. */
export function schedulerScenario(name: string, calls: number, urlOf: (index: number) => string, maxKeys: number): Scenario {
  const hedger = new Hedger({ ...HEDGES_ALL, delay: 1, latency: { maxKeys } });
  const signal = longLivedSignal();
  return {
    name,
    calls,
    hedger,
    maxKeys,
    signal,
    async call(index) {
      const fate = fateOf(index);
      const controller = fate === 'abandoned' ? new AbortController() : undefined;
      const call: HedgeCall<object> = {
        request: { method: 'GET', url: urlOf(index) },
        signal: controller?.signal ?? signal,
        start: (attempt) => answer(fate, attempt),
        whenReleased: (_value, release) => void setImmediate(release),
      };
      const outcome = hedger.run(call).catch(() => undefined);
      if (controller) setImmediate(() => controller.abort());
      await outcome;
    },
    close() {
      hedger.dispose();
      return Promise.resolve();
    },
  };
}

function answer(fate: Fate, attempt: AttemptContext): Promise<object> {
  return new Promise((resolve, reject) => {
    if (fate === 'abandoned' || (fate === 'slow' && !attempt.isHedge)) {
      attempt.signal.addEventListener('abort', () => reject(attempt.signal.reason), { once: true });
    } else {
      setImmediate(() => (fate === 'failing' ? reject(new Error('refused')) : resolve({})));
    }
  });
}
