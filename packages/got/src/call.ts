import type { IncomingMessage } from 'node:http';
import type { CallOptions, HedgeCall, HedgeRequest, Hedger, Settled } from '@hedgerow/core';
import type { NormalizedOptions } from 'got';
import { describe, headerOf, isUnsupported, replayableBody } from './describe.js';
import { noteInfo } from './info.js';
import { RacedCall, type RacedAnswer } from './raced-call.js';
import { isPromise, isRequest, nameArguments } from './request-function.js';
import type { RequestArguments, SendRequest } from './request-function.js';
import { CallTimeoutError } from './timeout.js';

/** One call of a request function. */
export interface CallSetup {
  readonly hedger: Hedger;
  readonly hedge: CallOptions;
  readonly options: NormalizedOptions;
  /** The function that got would have called. */
  readonly send: SendRequest;
  readonly args: RequestArguments;
}

type PlainAnswer = ReturnType<SendRequest>;

/** Sends a request as got would have sent it, and copies of it when the Hedger says so. */
export function sendHedged(setup: CallSetup): RacedAnswer | PlainAnswer {
  const { hedger, hedge, options, send, args } = setup;
  const request = describe(options, nameArguments(args).options);
  if (isUnsupported(request)) {
    hedger.recordBypass(request, 'unsupported');
    return send(...args);
  }
  const raced = new RacedCall({
    send,
    args: nameArguments(args),
    body: replayableBody(options),
  });
  let plain: Settled<PlainAnswer> | undefined;
  const bypass = (): PromiseLike<IncomingMessage> => {
    try {
      const value = send(...args);
      plain = { ok: true, value };
      return responseOf(value);
    } catch (error) {
      plain = { ok: false, error };
      throw error;
    }
  };
  const outcome = hedger.run(hedgeCall(request, raced, bypass), hedge);
  if (plain === undefined) return raced.answer(outcome);
  return answerPlain(plain, outcome);
}

function hedgeCall(request: HedgeRequest, raced: RacedCall, bypass: () => PromiseLike<IncomingMessage>): HedgeCall<IncomingMessage> {
  return {
    request,
    raceUntil: 'headers',
    signal: raced.signal,
    start: (attempt) => raced.start(attempt),
    bypass,
    statusOf: (settled) => (settled.ok ? settled.value.statusCode : undefined),
    headerOf: (settled, name) => (settled.ok ? headerOf(settled.value.headers, name) : undefined),
    discard: (settled) => (settled.ok ? raced.discard(settled.value) : undefined),
    timeoutError: (timeoutMs) => new CallTimeoutError(timeoutMs),
  };
}

/** got's own path: got gets what it would have got, and the call's information follows. */
function answerPlain(plain: Settled<PlainAnswer>, outcome: Promise<IncomingMessage>): PlainAnswer {
  const note = (carrier: unknown): void => noteInfo(carrier, plain.ok ? plain.value : undefined);
  outcome.then(note, note);
  if (plain.ok) return plain.value;
  throw plain.error;
}

/** The head of the response to a request that is not raced. */
async function responseOf(answer: PlainAnswer): Promise<IncomingMessage> {
  const made = isPromise(answer) ? await answer : answer;
  if (!isRequest(made)) return made;
  return new Promise((resolve, reject) => {
    made.once('response', resolve);
    made.once('error', reject);
  });
}
