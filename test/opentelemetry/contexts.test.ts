import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { AxiosHeaders, type AxiosAdapter } from 'axios';
import { hedgedAdapter } from '@hedgerow/axios';
import { Hedger, type HedgerOptions } from '@hedgerow/core';
import { hedgedFetch } from '@hedgerow/fetch';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';
import { context, createContextKey, propagation, trace, type Context } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { countAlive } from '../support/witness.js';
import { startSdk, type Sdk } from './sdk.js';

const CALLS = 50;
const USER = createContextKey('user');

/** An attempt as what sends it sees it. */
interface Sent {
  /** Who asks, by the caller's own headers. */
  readonly user: string;
  /** What hedgerow gave it to send. */
  readonly given: Readonly<Record<string, string>>;
  /** What instrumentation at this place would send. */
  readonly injected: Readonly<Record<string, string>>;
  /** A value of the context that nobody propagates. */
  readonly local: unknown;
  /** Whose call it is by the span that the instrumentation would hang its own below. */
  readonly traceId: string | undefined;
}

type Log = (given: Readonly<Record<string, string>>) => void;

/** What sends a request for a user, hedged: the log is told of each attempt, at the place where it is sent. */
type Client = (settings: { readonly hedger: Hedger; readonly telemetry: TelemetryOptions | false }, log: Log) => (user: string) => Promise<unknown>;

/** Primaries never answer, hedges soon do. */
function answered(attempts: Map<string, number>, user: string, signal: AbortSignal): Promise<void> {
  const number = (attempts.get(user) ?? 0) + 1;
  attempts.set(user, number);
  return new Promise((resolve, reject) => {
    if (number > 1) setTimeout(resolve, 5);
    else signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

const bare: Client = ({ hedger, telemetry }, log) => {
  if (telemetry !== false) instrumentHedger(hedger, telemetry);
  const attempts = new Map<string, number>();
  return (user) =>
    hedger.run({
      request: { method: 'GET', url: 'http://api.test/x' },
      start: async (attempt) => {
        log({ user, ...attempt.headers });
        await answered(attempts, user, attempt.signal);
        return {};
      },
    });
};

const CLIENTS: Readonly<Record<string, Client>> = {
  'a bare Hedger': bare,
  'axios, an adapter below': (settings, log) => {
    const attempts = new Map<string, number>();
    const adapter: AxiosAdapter = async (config) => {
      const headers = AxiosHeaders.from(config.headers).toJSON() as Record<string, string>;
      log(headers);
      await answered(attempts, headers.user ?? '', config.signal as AbortSignal);
      return { data: '', status: 200, statusText: 'OK', headers: {}, config };
    };
    const client = axios.create({ adapter: hedgedAdapter({ ...settings, adapter }) });
    return (user) => client.get('http://api.test/x', { headers: { user } });
  },
  'fetch, a fetch below': (settings, log) => {
    const attempts = new Map<string, number>();
    const hedged = hedgedFetch(async (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
      const request = new Request(input, init);
      const headers = Object.fromEntries(request.headers);
      log(headers);
      await answered(attempts, headers.user ?? '', request.signal);
      return new Response('');
    }, settings);
    return (user) => hedged('http://api.test/x', { headers: { user } });
  },
};

const FORMS: Readonly<Record<string, TelemetryOptions | false>> = { client: {}, nested: { spans: 'nested' }, 'metrics alone': { spans: false }, off: false };

let sdk: Sdk;
beforeEach(() => {
  sdk = startSdk();
  propagation.disable();
  propagation.setGlobalPropagator(new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }));
});
afterEach(() => sdk.stop());

const hedgerOf = (options: HedgerOptions = {}): Hedger => new Hedger({ delay: 10, budget: false, ...options });

/** A caller's context: baggage, a value of its own, and a span. */
function contextOf(user: string, local: unknown = user): { readonly caller: Context; readonly end: () => void } {
  const span = trace.getTracer('application').startSpan('application');
  const bare = context.active().setValue(USER, local);
  return { caller: trace.setSpan(propagation.setBaggage(bare, propagation.createBaggage({ user: { value: user } })), span), end: () => span.end() };
}

describe.each(Object.entries(CLIENTS))('%s: with telemetry', (_, client) => {
  it.each(Object.entries(FORMS))('%s, what a hedge propagates is its own call’s', async (form, telemetry) => {
    const sent: Sent[] = [];
    const send = client({ hedger: hedgerOf(), telemetry }, (given) => {
      const injected: Record<string, string> = {};
      propagation.inject(context.active(), injected);
      sent.push({ user: given.user ?? '', given, injected, local: context.active().getValue(USER), traceId: trace.getSpanContext(context.active())?.traceId });
    });
    const traceIds = new Map<string, string | undefined>();
    await Promise.all(
      Array.from({ length: CALLS }, async (__, index) => {
        const user = `u${index}`;
        const { caller, end } = contextOf(user);
        traceIds.set(user, trace.getSpanContext(caller)?.traceId);
        await context.with(caller, () => send(user));
        end();
      }),
    );
    expect(sent).toHaveLength(2 * CALLS);
    for (const { user, given, injected, local, traceId } of sent) {
      expect([user, local, traceId]).toEqual([user, user, traceIds.get(user)]);
      // What hedgerow propagates itself nobody below propagates again.
      const [propagated, other] = form === 'client' ? [given, injected] : [injected, given];
      expect([user, propagated.baggage]).toEqual([user, `user=${user}`]);
      expect(propagated.traceparent).toContain(String(traceId));
      expect(other).not.toHaveProperty('baggage');
      expect(other).not.toHaveProperty('traceparent');
    }
  });

  it.each(Object.entries(FORMS))('%s, nothing of a call’s context outlives it', async (_form, telemetry) => {
    const send = client({ hedger: hedgerOf(), telemetry }, () => undefined);
    const kept: WeakRef<object>[] = [];
    const ask = async (user: string): Promise<void> => {
      const local = {};
      kept.push(new WeakRef(local));
      const { caller, end } = contextOf(user, local);
      await context.with(caller, () => send(user));
      end();
    };
    await Promise.all(Array.from({ length: CALLS }, (__, index) => ask(`u${index}`)));
    // Other calls go on all the time, so that what serves all of them is never at rest.
    let isOver = false;
    const others = context.with(contextOf('other').caller, async () => {
      for (let number = 0; !isOver; number++) await send(`other${number}`);
    });
    const alive = await countAlive(kept, 0, 20, () => sdk.forget());
    isOver = true;
    await others;
    expect(alive).toBe(0);
  });
});

describe('an attempt’s context, when the attempt has ended,', () => {
  it('is the caller’s, so that what listens on is traced and propagates as ever', async () => {
    const contexts: Context[] = [];
    const send = bare({ hedger: hedgerOf(), telemetry: {} }, () => void contexts.push(context.active()));
    const { caller, end } = contextOf('eve');
    await context.with(caller, () => send('eve'));
    end();
    expect(contexts).toHaveLength(2);
    for (const one of contexts) {
      expect(trace.getSpan(one)).toBe(trace.getSpan(caller));
      expect(propagation.getBaggage(one)).toBe(propagation.getBaggage(caller));
      expect(one.getValue(USER)).toBe('eve');
    }
  });
});
