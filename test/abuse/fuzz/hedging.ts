import { Hedger, type HedgeOptions, type LatencyOptions } from '@hedgerow/core';
import { isProcedure, NEVER_MS, type Callback, type CallbackName, type Case } from './case.js';
import { MARKER, TRACE } from './protocol.js';
import { contexts, type Run } from './run.js';

/** What a client is made with, and what its call is given. */
export interface HedgingOf {
  readonly hedger: Hedger;
  readonly client: HedgeOptions;
  readonly call: HedgeOptions | undefined;
}

/** POST only by its key. */
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];

/** Makes the Hedger of a run, and the options of its call. */
export function hedgingOf(run: Run): HedgingOf {
  const { hedging } = run.plan;
  const hedger = new Hedger({ budget: false, efficacy: false, latency: keyOf(run) });
  if (hedging.isTraced) hedger.observe({ onCall: () => ({ onAttempt: () => ({ headers: { [TRACE]: '1' } }) }) });
  const options = optionsOf(run);
  if (hedging.hasCompanion) keepCompany(run, hedger, hedging.delayMs);
  return hedging.at === 'call' ? { hedger, client: {}, call: options } : { hedger, client: options, call: undefined };
}

function optionsOf(run: Run): HedgeOptions {
  const { client, hedging } = run.plan;
  const { raceUntil, losers, timeoutMs, callbacks } = hedging;
  // The others know what may be copied by its name, and what is raced is given.
  const isHttp = !isProcedure(client) && client !== 'promise' && !isSearch(client);
  return {
    delay: delayOf(run),
    maxHedges: hedging.maxHedges,
    ...(isHttp && { methods: METHODS, idempotencyKey: true }),
    ...(isHttp && raceUntil !== 'usual' && { raceUntil }),
    losers: losers === 'drain a while' ? { drainMs: DRAIN_MS } : losers,
    hedgeOnFailure: hedging.hedgeOnFailure,
    ...(timeoutMs > 0 && { timeoutMs }),
    mode: hedging.mode,
    ...(hedging.isMarked && client !== 'promise' && { markHedges: MARKER }),
    ...(callbacks.when !== 'none' && { when: () => act(run, 'when', true, false) }),
    ...(callbacks.accept !== 'none' && { accept: ({ acceptable }) => act(run, 'accept', acceptable, false) }),
    ...(callbacks.onHedge !== 'none' && { onHedge: () => act(run, 'onHedge', undefined, undefined) }),
    ...(callbacks.onComplete !== 'none' && { onComplete: () => act(run, 'onComplete', undefined, undefined) }),
  };
}

export const DRAIN_MS = 30;

function delayOf(run: Run): NonNullable<HedgeOptions['delay']> {
  const { delayMs, maxHedges, callbacks } = run.plan.hedging;
  const delays = Array.from({ length: maxHedges }, (_, index) => delayMs * (index + 1));
  if (callbacks.delay === 'none') return delays;
  return () => act<readonly number[] | undefined>(run, 'delay', delays, undefined);
}

function keyOf(run: Run): LatencyOptions {
  return run.plan.hedging.callbacks.key === 'none' ? {} : { key: ({ url }) => (url === COMPANION ? 'company' : act(run, 'key', 'a key', '')) };
}

/** A user's function at work. It may return what the types forbid: those who write JavaScript do. */
function act<V>(run: Run, name: CallbackName, well: V, denied: V): V {
  run.note(name);
  const deed: Callback = run.plan.hedging.callbacks[name];
  switch (deed) {
    case 'denies':
      return denied;
    case 'throws':
      throw new Error('a callback throws');
    case 'throws an oddity':
      throw ODDITY;
    case 'async':
      return Promise.resolve(well) as V;
    case 'async denies':
      return Promise.resolve(denied) as V;
    case 'rejects':
      return Promise.reject(new Error('a callback rejects')) as V;
    default:
      return well;
  }
}

/** It cannot be printed, and nothing can be asked of it. */
const ODDITY: unknown = new Proxy(Object.create(null) as object, {
  get() {
    throw new Error('it refuses');
  },
});

const COMPANION = 'http://companion.test/';

/** Another call of the same Hedger, in another context, that has set its timer. */
function keepCompany(run: Run, hedger: Hedger, delayMs: number): void {
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  contexts.run({ run }, () => void hedger.run({ request: { method: 'GET', url: COMPANION }, start: () => over }, { delay: delayMs }));
  run.closers.push(end);
}

/** The clients of Elasticsearch and OpenSearch: of what the fuzzer asks, only what reads may be copied. */
function isSearch(client: Case['client']): boolean {
  return client.startsWith('elastic') || client.startsWith('opensearch');
}

/** Whether a hedge will be sent, for all that can be told beforehand. */
export function expectsHedge({ client, asked, hedging }: Case): boolean {
  if (isSearch(client) && asked.method !== 'GET' && asked.method !== 'HEAD') return false;
  const { delayMs, mode, callbacks, maxHedges, hedgeOnFailure } = hedging;
  if (mode !== 'on' || maxHedges === 0 || (delayMs >= NEVER_MS && !hedgeOnFailure)) return false;
  const isEligible = (callbacks.when === 'none' || callbacks.when === 'well') && (callbacks.delay === 'none' || callbacks.delay === 'well');
  return isEligible && !['form', 'stream', 'generator'].includes(asked.body) && delayMs < NEVER_MS;
}
