import { hedgeInfo, type AttemptContext, type Hedger, type HedgeInfo, type HedgeRequest, type IneligibleReason, type RaceUntil, type ResolvedHedgeOptions, type Settled } from '@hedgerow/core';
import { attachInfo, bypassInfo, untilOf, type Until } from '@hedgerow/core/adapter';
import type { ConnectionKind, Connections } from '../attempt/connections.js';
import { lose, giveUp, type Loser } from '../attempt/losers.js';
import { timeoutError } from '../timeout.js';
import { abortError, DispatchAttempt, type AttemptHost } from './attempt.js';
import { BypassHandler } from './bypass.js';
import { CallController, type ControllerHost } from './controller.js';
import { textOf } from './headers.js';
import { Template } from './template.js';
import type { Dispatch, DispatchController, DispatchHandler, DispatchOptions, HeaderValue } from './types.js';

/** One call of a hedged `dispatch`. */
export interface CallSetup {
  readonly hedger: Hedger;
  readonly hedgeOptions: ResolvedHedgeOptions | false;
  readonly connections: Connections | undefined;
  readonly request: HedgeRequest;
  /** The dispatch function below. */
  readonly dispatch: Dispatch;
  readonly options: DispatchOptions;
  readonly handler: DispatchHandler;
}

/** Stands between the Hedger, which sees a call of several attempts, and the caller's handler, which sees one request. */
export class DispatchCall implements AttemptHost, ControllerHost {
  readonly raceUntil: RaceUntil;
  readonly until: Until | undefined;
  readonly handler: DispatchHandler;
  readonly controller: CallController;
  readonly #setup: CallSetup;
  readonly #attempts: DispatchAttempt[] = [];
  #template: Template | undefined;
  #shown: DispatchAttempt | undefined;
  #winner: DispatchAttempt | undefined;
  /** On the context that the handler is given, filled in when the call has been decided. */
  readonly #info: Partial<HedgeInfo> = {};
  /** What the dispatcher said to the primary. */
  #hasRoom = true;
  /** What the dispatcher threw at a request that is not hedged. */
  #thrown: { readonly error: unknown } | undefined;

  constructor(setup: CallSetup) {
    this.#setup = setup;
    this.handler = setup.handler;
    this.raceUntil = (setup.hedgeOptions === false ? undefined : setup.hedgeOptions.raceUntil) ?? 'headers';
    this.until = untilOf(setup.hedgeOptions);
    this.controller = new CallController(this);
  }

  /** Dispatches the primary; the rest follows. */
  run(): boolean {
    const { hedger, hedgeOptions, request } = this.#setup;
    const outcome = hedger.run<DispatchAttempt | undefined>(
      {
        request,
        raceUntil: this.raceUntil,
        signal: this.controller,
        start: (attempt) => this.#start(attempt),
        bypass: (reason) => this.#bypass(reason),
        statusOf,
        headerOf,
        keep: (settled, giveUp) => (settled.ok ? settled.value?.keep(giveUp) : undefined),
        discard: (settled) => (settled.ok && settled.value ? this.#discard(settled.value) : undefined),
        timeoutError,
      },
      hedgeOptions,
    );
    if (this.#thrown !== undefined) throw this.#thrown.error;
    outcome
      .then(
        (attempt) => this.#onWon(attempt),
        (error: unknown) => this.#onFailed(error),
      )
      .catch(ignore);
    return this.#hasRoom;
  }

  // Attempts

  #start(context: AttemptContext): Promise<DispatchAttempt> {
    const { dispatch, options } = this.#setup;
    this.#template ??= new Template(options);
    const sent = this.#template.of(context);
    const attempt = new DispatchAttempt(this, context, sent);
    this.#attempts.push(attempt);
    try {
      const hasRoom = dispatch(sent, attempt);
      if (!context.isHedge) this.#hasRoom = hasRoom;
    } catch (error) {
      attempt.onResponseError(undefined, error);
    }
    return attempt.outcome;
  }

  #bypass(reason: IneligibleReason): Promise<undefined> {
    const { hedger, dispatch, options, request, handler } = this.#setup;
    const fromMs = hedger.clock.now();
    const describe = (): HedgeInfo => bypassInfo(request, this.raceUntil, reason, hedger.clock.now() - fromMs);
    try {
      this.#hasRoom = dispatch(options, new BypassHandler(handler, describe));
    } catch (error) {
      this.#thrown = { error };
    }
    return Promise.resolve(undefined);
  }

  isShown(attempt: DispatchAttempt): boolean {
    return this.#shown === attempt;
  }

  /** The caller's handler is told of the first, so that it can abort; and of the winner, if it is another that has more to tell. */
  onStarted(attempt: DispatchAttempt): void {
    if (this.#shown === undefined || this.#shown === attempt) this.#show(attempt);
    if (attempt.controller?.aborted === false) this.#setup.connections?.expect(attempt);
  }

  onLost(attempt: DispatchAttempt): void {
    const { hedger, hedgeOptions } = this.#setup;
    const loser = this.#loserOf(attempt);
    if (this.controller.aborted) giveUp(hedger, loser, !attempt.isHedge);
    else if (loser.kind === 'pipelined' && hedgeOptions !== false && hedgeOptions.drainLosers) attempt.cancel(); // it has had its time
    else lose(hedger, loser);
  }

  /** Nobody wants what it was answered. */
  #discard(attempt: DispatchAttempt): Promise<void> | undefined {
    const { hedger, hedgeOptions } = this.#setup;
    attempt.drop();
    const loser = this.#loserOf(attempt);
    if (loser.kind === 'pipelined' || (hedgeOptions !== false && hedgeOptions.drainLosers)) return attempt.drain();
    if (!attempt.hasEnded) lose(hedger, loser);
    return undefined;
  }

  #loserOf(attempt: DispatchAttempt): Loser {
    const { connections, hedgeOptions, request } = this.#setup;
    // An attempt that was seen on no connection of undici is answered by an interceptor, or by a mock. Without a look at them any may be shared.
    const kind: ConnectionKind = attempt.connection?.kind ?? (connections === undefined ? 'pipelined' : 'exclusive');
    const origin = attempt.origin ?? (URL.canParse(request.url) ? new URL(request.url).origin : '');
    return { stream: attempt, kind, origin, drainMs: hedgeOptions === false ? 0 : hedgeOptions.drainMs };
  }

  #show(attempt: DispatchAttempt): void {
    this.#shown = attempt;
    const { context } = attempt;
    const shown = typeof context === 'object' && context !== null ? context : {};
    attachInfo(shown, this.#info as HedgeInfo);
    this.handler.onRequestStart?.(this.controller, shown);
  }

  // The outcome

  #onWon(attempt: DispatchAttempt | undefined): void {
    if (attempt === undefined) return;
    Object.assign(this.#info, hedgeInfo(attempt));
    if (this.controller.aborted) return this.#fail(attempt.error ?? this.controller.reason);
    this.#winner = attempt;
    try {
      if (this.#shown !== attempt && this.#shown?.context !== attempt.context) this.#show(attempt);
    } catch (error) {
      return attempt.giveUp(error); // as undici does with what a handler throws
    }
    this.#shown = attempt;
    attempt.show();
  }

  #onFailed(error: unknown): void {
    Object.assign(this.#info, hedgeInfo(error));
    this.#fail(error);
  }

  #fail(error: unknown): void {
    this.handler.onResponseError?.(this.controller, error ?? abortError());
  }

  // What the caller's handler asks for

  get shown(): DispatchController | undefined {
    return this.#shown?.controller;
  }

  abort(reason: unknown): void {
    if (this.#winner !== undefined) return this.#winner.giveUp(reason);
    for (const attempt of this.#attempts) if (attempt.controller !== undefined && !attempt.hasEnded) this.onLost(attempt);
  }

  pause(): void {
    this.#winner?.pause();
  }

  resume(): void {
    this.#winner?.resume();
  }
}

/** What interceptors make of a bad status, an error, has one too. */
interface Answer {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, HeaderValue>> | null;
}

function answerOf(settled: Settled<DispatchAttempt | undefined>): Answer | undefined {
  return settled.ok ? settled.value : ((settled.error as Answer | null | undefined) ?? undefined);
}

function statusOf(settled: Settled<DispatchAttempt | undefined>): number | undefined {
  const status = answerOf(settled)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

function headerOf(settled: Settled<DispatchAttempt | undefined>, name: string): string | undefined {
  return textOf(answerOf(settled)?.headers?.[name]);
}

function ignore(): void {
  // What a handler throws when it is told of an error concerns nobody else.
}
