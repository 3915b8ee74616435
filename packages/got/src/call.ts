import type { IncomingMessage } from 'node:http';
import type { AttemptContext, HedgeCall, Hedger, HedgeRequest, RaceUntil, ResolvedHedgeOptions, Settled, Steered } from '@hedgerow/core';
import type { NormalizedOptions } from 'got';
import { putAside } from './arguments.js';
import { copyOf, describe, headerOf, isUnsupported, replayableBody } from './describe.js';
import { GiveUp } from './give-up.js';
import { noteInfo } from './info.js';
import { RacedCall, type RacedAnswer } from './raced-call.js';
import { isPromise, isRequest, nameArguments, type NamedArguments } from './request-function.js';
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
export function sendHedged(setup: CallSetup): RacedAnswer | PlainAnswer {
  const { hedger, hedge, options, send, args } = setup;
  const named = nameArguments(args);
  const request = describe(options, named.headers);
  if (isUnsupported(request)) {
    hedger.recordBypass(request, 'unsupported');
    return send(...args);
  }
  const call = new GotCall(setup, named, request);
  return call.answer(hedger.run(call, hedge));
}

/** A request of got's as a Hedger sees it. */
class GotCall implements HedgeCall<IncomingMessage> {
  readonly request: HedgeRequest;
  readonly raceUntil: RaceUntil;
  readonly signal: GiveUp = new GiveUp();
  readonly #setup: CallSetup;
  readonly #named: NamedArguments;
  /** If it is raced. */
  #raced: RacedCall | undefined;
  /** If it is not. */
  #plain: Settled<PlainAnswer> | undefined;

  constructor(setup: CallSetup, named: NamedArguments, request: HedgeRequest) {
    this.#setup = setup;
    this.#named = named;
    this.request = request;
    this.raceUntil = (setup.hedge === false ? undefined : setup.hedge.raceUntil) ?? 'headers';
  }

  /** What got is given. */
  answer(outcome: Promise<IncomingMessage>): RacedAnswer | PlainAnswer {
    if (this.#raced !== undefined) return this.#raced.answer(outcome);
    return this.#plain === undefined ? outcome : answerPlain(this.#plain, outcome);
  }

  start(attempt: AttemptContext): Promise<IncomingMessage> {
    return (this.#raced ??= this.#race()).start(attempt);
  }

  #race(): RacedCall {
    const { hedger, hedge, options, send } = this.#setup;
    return new RacedCall({
      send,
      options,
      args: putAside(this.#named, options),
      body: copyOf(replayableBody(options)),
      raceUntil: this.raceUntil,
      drainLosers: hedge !== false && hedge.drainLosers,
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
    return settled.ok ? this.#raced?.discard(settled.value) : undefined;
  }

  keep(settled: Settled<IncomingMessage>, giveUp: () => void): void {
    this.#raced?.keep(settled, giveUp);
  }

  /** Another target's connections are not the primary's. */
  hasRoom(steered: Steered | undefined): boolean {
    return steered?.url !== undefined || this.#raced?.hasRoom() !== false;
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
