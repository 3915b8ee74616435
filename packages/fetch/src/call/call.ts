import type { HedgeCall, Hedger, HedgeRequest, ResolvedHedgeOptions } from '@hedgerow/core';
import { untilOf } from '@hedgerow/core/adapter';
import { FetchAttempt, type AttemptSetup } from '../attempt/attempt.js';
import type { Connections } from '../attempt/connections.js';
import { Caller } from '../caller/caller.js';
import type { Signals } from '../caller/signals.js';
import type { FetchArguments } from '../request/arguments.js';
import type { SendFetch } from '../request/inner-fetch.js';
import { Template } from '../request/template.js';
import { bodyOf } from '../response/body.js';
import { keepResponse } from '../response/kept-response.js';
import { readAhead } from '../response/read-ahead.js';
import type { ResponseWatcher } from '../response/response-watcher.js';
import { timeoutError } from '../timeout.js';

/** One call of a hedged `fetch`. */
export interface CallSetup {
  readonly hedger: Hedger;
  readonly send: SendFetch;
  readonly args: FetchArguments;
  readonly request: HedgeRequest;
  readonly hedgeOptions: ResolvedHedgeOptions | false;
  readonly watcher: ResponseWatcher;
  readonly signals: Signals;
  readonly connections: Connections | undefined;
  /** What the call comes to, once it has begun. */
  outcome?: Promise<Response>;
}

/** Tells the scheduler how to send one request, several times if need be. Functions, not methods: they may be taken apart. */
export function fetchCall(setup: CallSetup): HedgeCall<Response> {
  const { hedger, send, args, request, hedgeOptions, watcher, connections } = setup;
  const raceUntil = (hedgeOptions === false ? undefined : hedgeOptions.raceUntil) ?? 'headers';
  const until = untilOf(hedgeOptions);
  const signal = args.signal as AbortSignal | undefined;
  const caller = signal && new Caller(signal, setup.signals, args.request);
  const attemptSetup: AttemptSetup = { hedger, connections, request, hedgeOptions, signal, isPlain: false };
  const attempts: FetchAttempt[] = [];
  const answers: Response[] = [];
  let template: Template | undefined;

  return {
    request,
    raceUntil,
    signal: caller,
    // Not as it answers: a promise, whatever a wrapped fetch returns.
    bypass: async () => send(args.input, args.untouched),
    async start(attempt) {
      template ??= new Template(args);
      const sent = new FetchAttempt(attemptSetup, attempt);
      try {
        const answer = await template.send(send, attempt, sent.controller.signal);
        const place = attempts.push(sent) - 1;
        answers[place] = answer;
        sent.onAnswer(answer);
        return until === undefined ? answer : (answers[place] = await readAhead(answer, until, sent.controller.signal));
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
      const stop = sent && keepResponse(settled.value, sent.controller.signal, giveUp, () => sent.end());
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
