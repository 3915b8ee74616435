import { destroyBody, drainBody, type HedgeCall, type ResolvedHedgeOptions } from '@hedgerow/core';
import { readAhead } from './body.js';
import { Caller } from './caller.js';
import { Copies } from './copies.js';
import { describeRequest } from './request.js';
import { timeoutError } from './timeout.js';
import type { Watcher } from './watcher.js';
import { isRequest, type AnyInit, type AnyInput, type SendFetch } from './wrapped.js';

/** One call of a hedged `fetch`. */
export interface FetchSetup {
  readonly send: SendFetch;
  readonly input: AnyInput;
  readonly init: AnyInit | undefined;
  readonly options: ResolvedHedgeOptions | false;
  readonly watcher: Watcher;
}

/** Tells the scheduler how to send one request, several times if need be. Functions, not methods: they may be taken apart. */
export function fetchCall({ send, input, init, options, watcher }: FetchSetup): HedgeCall<Response> {
  const raceUntil = (options === false ? undefined : options.raceUntil) ?? 'headers';
  const isDraining = options !== false && options.drainLosers;
  const signal = signalOf(input, init);
  const caller = signal && new Caller(signal, watcher);
  let copies: Copies | undefined;

  return {
    request: describeRequest(input, init),
    raceUntil,
    signal: caller,
    bypass: () => send(input, init),
    async start(attempt) {
      copies ??= new Copies(input, init);
      const controller = new AbortController();
      attempt.onAbort((reason) => controller.abort(reason));
      const answer = await copies.send(send, attempt, controller.signal);
      const response = raceUntil === 'headers' ? answer : await readAhead(answer, raceUntil);
      if (caller !== undefined) watcher.note(response, controller);
      return response;
    },
    statusOf: (settled) => (settled.ok ? settled.value.status : undefined),
    headerOf: (settled, name) => (settled.ok ? (settled.value.headers.get(name) ?? undefined) : undefined),
    discard(settled) {
      if (!settled.ok) return undefined;
      if (isDraining) return drainBody(settled.value.body);
      destroyBody(settled.value.body);
      return undefined;
    },
    whenReleased(response, release) {
      const controller = watcher.controllerOf(response);
      if (controller !== undefined) caller?.followBody(response, controller);
      release();
    },
    timeoutError,
  };
}

/** As the specification has it: `null` in `init` detaches a Request from its own. */
function signalOf(input: AnyInput, init: AnyInit | undefined): AbortSignal | undefined {
  if (init?.signal !== undefined) return init.signal ?? undefined;
  return isRequest(input) ? input.signal : undefined;
}
