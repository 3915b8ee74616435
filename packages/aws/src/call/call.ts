import type { AttemptContext, HedgeCall, Hedger, HedgeInfo, HedgeRequest, RaceUntil, ResolvedHedgeOptions, Settled } from '@hedgerow/core';
import { attachInfo, MOST_READ_BYTES, untilOf, type Until } from '@hedgerow/core/adapter';
import { HandlerAttempt, type AttemptHost } from '../attempt/attempt.js';
import { configOf, hasRoom, isConnecting, isExclusive } from '../attempt/connections.js';
import type { HandleOptions, Inner } from '../attempt/inner.js';
import { Template, withHeaders } from '../attempt/template.js';
import { Caller, isDeadline } from '../caller/caller.js';
import type { SmithyRequest } from '../request/types.js';
import { ReadAhead } from '../response/read-ahead.js';
import { headerOf, pushbackMs, responseOf, statusOf, type HandlerOutput } from '../response/response.js';
import { watchBody } from '../response/watched-body.js';
import { timeoutError } from '../timeout.js';

/** So much is read of a bad answer that is kept while a copy may do better. */
const MOST_KEPT_BYTES = 65_536;

/** One call of a hedged handler. */
export interface CallSetup {
  readonly hedger: Hedger;
  readonly hedgeOptions: ResolvedHedgeOptions | false;
  readonly inner: Inner;
  readonly sent: SmithyRequest;
  /** What the SDK said beside it, but for what is ours. */
  readonly options: HandleOptions | undefined;
  readonly request: HedgeRequest;
}

/** Tells the scheduler how to send one request of the SDK, several times if need be. */
export class HandlerCall implements HedgeCall<HandlerOutput>, AttemptHost {
  readonly request: HedgeRequest;
  readonly raceUntil: RaceUntil;
  readonly signal: Caller;
  private readonly until: Until | undefined;
  readonly hedger: Hedger;
  readonly isExclusive: boolean;
  readonly drainsLosers: boolean;
  readonly statusOf: typeof statusOf = statusOf;
  readonly headerOf: typeof headerOf = headerOf;
  readonly pushbackMsOf: typeof pushbackMs = pushbackMs;
  readonly timeoutError: typeof timeoutError = timeoutError;
  private readonly setup: CallSetup;
  private template: Template | undefined = undefined;
  private hasPrimaryEnded = false;
  private readonly attempts: HandlerAttempt[] = [];
  /** What each of them was answered with. */
  private readonly outputs: (HandlerOutput | undefined)[] = [];
  private kept: ReadAhead | undefined = undefined;
  private info: HedgeInfo | undefined = undefined;

  constructor(setup: CallSetup) {
    const { hedger, hedgeOptions, inner, options, request } = setup;
    this.setup = setup;
    this.hedger = hedger;
    this.request = request;
    this.raceUntil = (hedgeOptions === false ? undefined : hedgeOptions.raceUntil) ?? 'headers';
    this.until = untilOf(hedgeOptions);
    this.drainsLosers = hedgeOptions !== false && hedgeOptions.drainLosers;
    this.signal = new Caller(options?.abortSignal);
    this.isExclusive = isExclusive(inner);
  }

  get origin(): string {
    const { protocol = 'https:', hostname = '', port } = this.setup.sent;
    return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  }

  /** Asked of a hedge that is given up. */
  get isConnecting(): boolean {
    return isConnecting(this.setup.inner, this.request.url);
  }

  get isGivenUp(): boolean {
    return this.signal.aborted;
  }

  bypass(): Promise<HandlerOutput> {
    const { inner, sent, options } = this.setup;
    return inner.handle(sent, options);
  }

  async start(context: AttemptContext): Promise<HandlerOutput> {
    const { inner, sent, options } = this.setup;
    this.template ??= new Template(sent);
    const attempt = new HandlerAttempt(this, context);
    this.attempts[context.number] = attempt;
    try {
      const request = context.isHedge ? this.template.hedge(context) : withHeaders(sent, context);
      const output = await inner.handle(request, { ...options, ...this.timeLeft(context), abortSignal: attempt.signal });
      this.outputs[context.number] = output;
      if (this.until !== undefined) await this.readAhead(output, attempt, this.until);
      return output;
    } catch (error) {
      attempt.hasEnded = true;
      if (!context.isHedge && isDeadline(error)) this.signal.timeOut(error);
      throw error;
    } finally {
      if (!context.isHedge) this.hasPrimaryEnded = true;
    }
  }

  hasRoom(): boolean {
    return hasRoom(this.setup.inner, this.request.url, this.hasPrimaryEnded);
  }

  discard(settled: Settled<HandlerOutput>): Promise<void> | undefined {
    const response = responseOf(settled);
    if (!settled.ok || response === undefined) return undefined;
    const place = this.outputs.indexOf(settled.value);
    // A handler may give one answer to several attempts, and another of them may be what the caller gets.
    if (place !== this.outputs.lastIndexOf(settled.value)) return undefined;
    const kept = place === 0 ? this.kept : undefined;
    kept?.giveUp();
    return this.attempts[place]?.discard(response.body, kept !== undefined);
  }

  keep(settled: Settled<HandlerOutput>, giveUp: () => void): void {
    this.kept = ReadAhead.of(responseOf(settled));
    this.kept?.read('body', MOST_KEPT_BYTES).then((isWhole) => isWhole || giveUp(), giveUp);
  }

  whenReleased({ response }: HandlerOutput, release: () => void): void {
    if (this.signal.canGiveUp) watchBody(response, release);
    else release();
  }

  onInfo(info: HedgeInfo): void {
    this.info = info;
  }

  /** The call as the SDK is to see it end: it goes on with the response alone. */
  deliver(output: HandlerOutput): HandlerOutput {
    if (this.info !== undefined) attachInfo((output as Partial<HandlerOutput> | undefined)?.response, this.info);
    if (this.kept !== undefined && output === this.outputs[0]) this.kept.handOver();
    return output;
  }

  /** What is left of the user's timeout for a hedge: it bounds the call. */
  private timeLeft({ isHedge, delayMs }: AttemptContext): HandleOptions {
    if (!isHedge) return {};
    const { inner, options } = this.setup;
    const requestTimeout = options?.requestTimeout ?? configOf(inner).requestTimeout;
    return typeof requestTimeout === 'number' && requestTimeout > 0 ? { requestTimeout: Math.max(1, Math.floor(requestTimeout - delayMs)) } : {};
  }

  /** The answer keeps every byte. */
  private async readAhead(output: HandlerOutput, attempt: HandlerAttempt, until: Until): Promise<void> {
    const response = (output as Partial<HandlerOutput> | undefined)?.response;
    const ahead = ReadAhead.of(response);
    if (ahead === undefined) return;
    attempt.readAhead = response?.body;
    await Promise.race([ahead.read(until, until === 'body' ? Infinity : MOST_READ_BYTES), attempt.whenAborted()]);
    attempt.readAhead = undefined;
    ahead.handOver();
  }
}
