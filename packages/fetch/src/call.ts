import type { HedgeCall, Hedger, HedgeRequest, ResolvedHedgeOptions } from '@hedgerow/core';
import type { Asked } from './asked.js';
import { SentAttempt, type Sending } from './attempt.js';
import { bodyOf, readAhead } from './body.js';
import { Caller } from './caller.js';
import type { Connections } from './connections.js';
import { Copies } from './copies.js';
import { readOn } from './keep.js';
import type { Signals } from './signals.js';
import { timeoutError } from './timeout.js';
import type { Watcher } from './watcher.js';
import type { SendFetch } from './wrapped.js';

/** One call of a hedged `fetch`. */
export interface FetchSetup {
  readonly hedger: Hedger;
  readonly send: SendFetch;
  readonly asked: Asked;
  readonly request: HedgeRequest;
  readonly options: ResolvedHedgeOptions | false;
  readonly watcher: Watcher;
  readonly signals: Signals;
  readonly connections: Connections | undefined;
  /** What the call comes to, once it has begun. */
  outcome?: Promise<Response>;
}

/** Tells the scheduler how to send one request, several times if need be. Functions, not methods: they may be taken apart. */
export function fetchCall(setup: FetchSetup): HedgeCall<Response> {
  const { hedger, send, asked, request, options, watcher, connections } = setup;
  const raceUntil = (options === false ? undefined : options.raceUntil) ?? 'headers';
  const signal = asked.signal as AbortSignal | undefined;
  const caller = signal && new Caller(signal, setup.signals, asked.request);
  const sending: Sending = { hedger, connections, request, options, signal, isPlain: false };
  const attempts: SentAttempt[] = [];
  const answers: Response[] = [];
  let copies: Copies | undefined;

  return {
    request,
    raceUntil,
    signal: caller,
    // Not as it answers: a promise, whatever a wrapped fetch returns.
    bypass: async () => send(asked.input, asked.untouched),
    async start(attempt) {
      copies ??= new Copies(asked);
      const sent = new SentAttempt(sending, attempt);
      try {
        const answer = await copies.send(send, attempt, sent.controller.signal);
        const place = attempts.push(sent) - 1;
        answers[place] = answer;
        sent.onAnswer(answer);
        return raceUntil === 'headers' ? answer : (answers[place] = await readAhead(answer, raceUntil, sent.controller.signal));
      } catch (error) {
        sent.hasEnded = true;
        throw error;
      }
    },
    statusOf: (settled) => (settled.ok ? statusOf(settled.value) : undefined),
    headerOf: (settled, name) => (settled.ok ? headerOf(settled.value, name) : undefined),
    keep(settled, giveUp) {
      if (!settled.ok) return;
      const sent = attempts[answers.indexOf(settled.value)];
      const stop = sent && readOn(settled.value, sent.controller.signal, giveUp, () => sent.end());
      if (stop !== undefined) setup.outcome?.then(stop, stop);
    },
    discard(settled) {
      if (!settled.ok) return undefined;
      const place = answers.indexOf(settled.value);
      // A wrapped fetch may give one response to several attempts, and another of them may be what the caller gets.
      return place === answers.lastIndexOf(settled.value) ? attempts[place]?.discard(bodyOf(settled.value)) : undefined;
    },
    whenReleased(response, release) {
      const sent = attempts[answers.indexOf(response)];
      if (sent !== undefined) caller?.followBody(response, sent.controller, watcher);
      release();
    },
    timeoutError,
  };
}

/** Wrapped fetches may answer with less than a Response, with nothing, or with what minds being looked at: mocks do. */
function statusOf(response: Partial<Response> | undefined): number | undefined {
  try {
    const status: unknown = response?.status;
    return typeof status === 'number' ? status : undefined;
  } catch {
    return undefined;
  }
}

function headerOf(response: Partial<Response> | undefined, name: string): string | undefined {
  try {
    const value: unknown = response?.headers?.get(name);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
