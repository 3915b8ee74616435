import type { IncomingMessage } from 'node:http';
import type { Hedger, ResolvedHedgeOptions, Settled } from '@hedgerow/core';
import type { NormalizedOptions } from 'got';
import { putAside } from './arguments.js';
import { copyOf, describe, headerOf, isUnsupported, replayableBody } from './describe.js';
import { GiveUp } from './give-up.js';
import { noteInfo } from './info.js';
import { RacedCall, type RacedAnswer } from './raced-call.js';
import { isPromise, isRequest, nameArguments } from './request-function.js';
import type { RequestArguments, SendRequest } from './request-function.js';
import { CallTimeoutError } from './timeout.js';

/** One call of a request function. */
export interface CallSetup {
  readonly hedger: Hedger;
  readonly hedge: ResolvedHedgeOptions | false;
  readonly options: NormalizedOptions;
  /** The function that got would have called. */
  readonly send: SendRequest;
  readonly args: RequestArguments;
}

type PlainAnswer = ReturnType<SendRequest>;

/** Sends a request as got would have sent it, and copies of it when the Hedger says so. */
export function sendHedged({ hedger, hedge, options, send, args }: CallSetup): RacedAnswer | PlainAnswer {
  const named = nameArguments(args);
  const request = describe(options, named.headers);
  if (isUnsupported(request)) {
    hedger.recordBypass(request, 'unsupported');
    return send(...args);
  }
  const raceUntil = (hedge === false ? undefined : hedge.raceUntil) ?? 'headers';
  const signal = new GiveUp();
  const makeCall = (): RacedCall =>
    new RacedCall({
      send,
      options,
      args: putAside(named, options),
      body: copyOf(replayableBody(options)),
      raceUntil,
      drainLosers: hedge !== false && hedge.drainLosers,
      signal,
      resets: hedger.resets,
    });
  let raced: RacedCall | undefined;
  let plain: Settled<PlainAnswer> | undefined;
  const outcome = hedger.run<IncomingMessage>(
    {
      request,
      raceUntil,
      signal,
      start: (attempt) => (raced ??= makeCall()).start(attempt),
      bypass: () => responseOf((plain = settle(() => send(...args)))),
      statusOf: (settled) => (settled.ok ? (settled.value as Partial<IncomingMessage> | undefined)?.statusCode : undefined),
      headerOf: (settled, name) => (settled.ok ? headerOf((settled.value as Partial<IncomingMessage> | undefined)?.headers, name) : undefined),
      discard: (settled) => (settled.ok ? raced?.discard(settled.value) : undefined),
      keep: (settled, giveUp) => raced?.keep(settled, giveUp),
      // Another target's connections are not the primary's.
      hasRoom: (steered) => steered?.url !== undefined || raced?.hasRoom() !== false,
      timeoutError: (timeoutMs) => new CallTimeoutError(timeoutMs),
    },
    hedge,
  );
  if (raced !== undefined) return raced.answer(outcome);
  return plain === undefined ? outcome : answerPlain(plain, outcome);
}

function settle<T>(work: () => T): Settled<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, error };
  }
}

/** got's own path: got gets what it would have got, and the call's information follows. */
function answerPlain(plain: Settled<PlainAnswer>, outcome: Promise<IncomingMessage>): PlainAnswer {
  const note = (carrier: unknown): void => noteInfo(carrier, plain.ok ? plain.value : undefined);
  outcome.then(note, note);
  if (plain.ok) return plain.value;
  throw plain.error;
}

/** The head of the response to a request that is not raced. */
async function responseOf(plain: Settled<PlainAnswer>): Promise<IncomingMessage> {
  if (!plain.ok) throw plain.error;
  const made = isPromise(plain.value) ? await plain.value : plain.value;
  if (!isRequest(made)) return made;
  return new Promise((resolve, reject) => {
    made.once('response', resolve);
    made.once('error', reject);
  });
}
