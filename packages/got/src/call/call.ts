import type { IncomingMessage } from 'node:http';
import type { AttemptContext, HedgeCall, Hedger, HedgeRequest, RaceUntil, ResolvedHedgeOptions, Settled, Steered } from '@hedgerow/core';
import { CallerAbort, untilOf } from '@hedgerow/core/adapter';
import type { NormalizedOptions } from 'got';
import { copyOfBody, replayableBody } from '../request/body.js';
import { describeRequest, isUnsupported } from '../request/describe.js';
import { headerOf } from '../request/headers.js';
import { isPromise, isRequest, nameArguments, type NamedArguments } from '../request/request-function.js';
import type { RequestArguments, SendRequest } from '../request/request-function.js';
import { templateOf } from '../request/template.js';
import { CallTimeoutError } from '../timeout.js';
import { Attempts, type HedgedAnswer } from './attempts.js';
import { noteInfo } from './info.js';

/** One call of a request function. */
export interface CallSetup {
  readonly hedger: Hedger;
  readonly hedgeOptions: ResolvedHedgeOptions | false;
  readonly options: NormalizedOptions;
  /** The function that got would have called. */
  readonly send: SendRequest;
  readonly args: RequestArguments;
}

type PlainAnswer = ReturnType<SendRequest>;

/** Sends a request as got would have sent it, and copies of it when the Hedger says so. */
export function sendHedged(setup: CallSetup): HedgedAnswer | PlainAnswer {
  const { hedger, hedgeOptions, options, send, args } = setup;
  const named = nameArguments(args);
  const request = describeRequest(options, named.headers);
  if (isUnsupported(request)) {
    hedger.recordBypass(request, 'unsupported');
    return send(...args);
  }
  const call = new GotCall(setup, named, request);
  return call.answer(hedger.run(call, hedgeOptions));
}

/** A request of got's as a Hedger sees it. */
class GotCall implements HedgeCall<IncomingMessage> {
  readonly request: HedgeRequest;
  readonly raceUntil: RaceUntil;
  readonly signal: CallerAbort = new CallerAbort();
  readonly #setup: CallSetup;
  readonly #named: NamedArguments;
  /** If it is raced. */
  #attempts: Attempts | undefined;
  /** If it is not. */
  #plain: Settled<PlainAnswer> | undefined;

  constructor(setup: CallSetup, named: NamedArguments, request: HedgeRequest) {
    this.#setup = setup;
    this.#named = named;
    this.request = request;
    this.raceUntil = (setup.hedgeOptions === false ? undefined : setup.hedgeOptions.raceUntil) ?? 'headers';
  }

  /** What got is given. */
  answer(outcome: Promise<IncomingMessage>): HedgedAnswer | PlainAnswer {
    if (this.#attempts !== undefined) return this.#attempts.answer(outcome);
    return this.#plain === undefined ? outcome : answerPlain(this.#plain, outcome);
  }

  start(attempt: AttemptContext): Promise<IncomingMessage> {
    return (this.#attempts ??= this.#race()).start(attempt);
  }

  #race(): Attempts {
    const { hedger, hedgeOptions, options, send } = this.#setup;
    return new Attempts({
      send,
      options,
      template: templateOf(this.#named, options),
      body: copyOfBody(replayableBody(options)),
      until: untilOf(hedgeOptions),
      drainLosers: hedgeOptions !== false && hedgeOptions.drainLosers,
      signal: this.signal,
      resets: hedger.resets,
    });
  }

  bypass(): Promise<IncomingMessage> {
    const { send, args } = this.#setup;
    this.#plain = settle(() => send(...args));
    return responseOf(this.#plain);
  }

  statusOf(settled: Settled<IncomingMessage>): number | undefined {
    return settled.ok ? (settled.value as Partial<IncomingMessage> | undefined)?.statusCode : undefined;
  }

  headerOf(settled: Settled<IncomingMessage>, name: string): string | undefined {
    return settled.ok ? headerOf((settled.value as Partial<IncomingMessage> | undefined)?.headers, name) : undefined;
  }

  discard(settled: Settled<IncomingMessage>): Promise<void> | undefined {
    return settled.ok ? this.#attempts?.discard(settled.value) : undefined;
  }

  keep(settled: Settled<IncomingMessage>, giveUp: () => void): void {
    this.#attempts?.keep(settled, giveUp);
  }

  /** Another target's connections are not the primary's. */
  hasRoom(steered: Steered | undefined): boolean {
    return steered?.url !== undefined || this.#attempts?.hasRoom() !== false;
  }

  timeoutError(timeoutMs: number): CallTimeoutError {
    return new CallTimeoutError(timeoutMs);
  }
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
