import type { HedgeCall, Hedger, HedgeInfo, IneligibleReason } from '@hedgerow/core';
import { PUSHBACK, pushbackMsOf, sendUnsupported } from '@hedgerow/core/adapter';
import { ConnectAttempt, type AttemptSetup } from '../attempt/attempt.js';
import { Caller } from '../caller/caller.js';
import type { ResolvedCallOptions } from '../options.js';
import { describeRequest, raceUntil, type ConnectRequest, type ConnectResponse, type Next } from '../request/describe.js';
import { readMessages, SentMessage } from '../request/message.js';
import { Template } from '../request/template.js';
import { Answer, codeOf, headerOf } from '../response/answer.js';
import { timeoutError } from '../timeout.js';

/** A call, before it has begun. */
export interface CallSetup {
  readonly hedger: Hedger;
  readonly request: ConnectRequest;
  readonly next: Next;
}

/** Sends a call that is not hedged: once, by its client's own path. */
export async function sendOnce({ hedger, request, next }: CallSetup, reason: IneligibleReason): Promise<ConnectResponse> {
  let info: HedgeInfo | undefined;
  const plain: HedgeCall<Answer> = {
    request: describeRequest(request, undefined),
    raceUntil: raceUntil(request),
    start: () => sendPlain(next, request),
    onInfo: (told) => void (info = told),
  };
  const answer = await sendUnsupported(hedger, plain, reason);
  return answer.deliver(info);
}

/** Sends a call that may be hedged: one call to its caller, several to the interceptors and the transport behind it. */
export async function sendHedged({ hedger, request, next }: CallSetup, options: ResolvedCallOptions): Promise<ConnectResponse> {
  const messages = request.stream ? await readMessages(request.message) : undefined;
  const only = request.stream ? messages?.only : request.message;
  const sent = only && SentMessage.of(request.method.input, only);
  const plain = messages === undefined ? request : ({ ...request, message: messages.again } as ConnectRequest);
  if (only === undefined || sent === undefined) return sendOnce({ hedger, request: plain, next }, 'body_not_replayable');
  const described = describeRequest(request, { replayable: true, bytes: sent.length });
  const caller = new Caller(request.signal);
  const attempts = new Map<Answer, ConnectAttempt>();
  let info: HedgeInfo | undefined;
  let setup: AttemptSetup | undefined;

  const call: HedgeCall<Answer> = {
    request: described,
    raceUntil: raceUntil(request),
    signal: caller,
    bypass: () => sendPlain(next, plain),
    async start(context) {
      setup ??= attemptSetup(hedger, request, next, new Template(request, only, sent), options);
      const attempt = new ConnectAttempt(setup, context);
      const answer = await attempt.send();
      attempts.set(answer, attempt);
      return answer;
    },
    statusOf: (settled) => (settled.ok ? settled.value.code : codeOf(settled.error)),
    headerOf,
    pushbackMsOf: (settled) => pushbackMsOf(headerOf(settled, PUSHBACK)),
    discard: (settled) => (settled.ok ? attempts.get(settled.value)?.discard() : undefined),
    whenReleased(answer, release) {
      const attempt = attempts.get(answer);
      if (attempt === undefined) release();
      else attempt.whenEnded(release);
    },
    onInfo: (told) => void (info = told),
    timeoutError,
  };
  try {
    const answer = await hedger.run(call, options.core);
    return answer.deliver(info);
  } catch (error) {
    const failed = setup?.failed.get(error) ?? Answer.failed(caller.errorOf(error));
    return failed.deliver(info);
  }
}

async function sendPlain(next: Next, request: ConnectRequest): Promise<Answer> {
  const response = await next(request);
  return Answer.of(response, undefined);
}

function attemptSetup({ resets }: Hedger, { signal, url }: ConnectRequest, next: Next, template: Template, { core, nonFatal }: ResolvedCallOptions): AttemptSetup {
  return { next, template, nonFatal, resets, drains: core.drainLosers, url, signal, failed: new Map(), isPlain: false };
}
