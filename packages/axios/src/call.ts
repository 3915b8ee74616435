import type { AxiosError, AxiosResponse } from 'axios';
import { type AttemptContext, type HedgeCall, type HedgeRequest, type RaceUntil, type ResolvedHedgeOptions, type Settled, type Steered } from '@hedgerow/core';
import { isBody } from './bodies.js';
import { watchBody } from './body.js';
import { hideTimeout } from './delivery.js';
import { headerText } from './headers.js';
import { keepBody } from './keep.js';
import type { KeptBody } from './kept-body.js';
import { memberOf } from './members.js';
import { responseOf } from './outcome.js';
import { readAhead } from './read-ahead.js';
import type { AxiosHedgeRequest } from './request.js';
import { hasRoom } from './room.js';
import { Sending, type Means } from './sending.js';

/** Tells the scheduler how to send one axios request, several times if need be. One object: closures cost a request more. */
export class AxiosCall implements HedgeCall<AxiosResponse> {
  readonly request: HedgeRequest;
  readonly raceUntil: RaceUntil;
  readonly signal: AbortSignal | undefined;
  private readonly means: Means;
  private readonly sending: Sending;
  private readonly isStream: boolean;
  private readonly drainsLosers: boolean;
  /** The primary's outcome, while hedges may still do better: its value or error. */
  private kept: unknown = undefined;
  private keptBody: KeptBody | undefined = undefined;
  /** Responses whose bodies are, or have been, waited for. */
  private ahead: Map<AxiosResponse, Promise<AxiosResponse>> | undefined = undefined;

  constructor(request: AxiosHedgeRequest, means: Means, options: ResolvedHedgeOptions | false) {
    this.request = request;
    this.isStream = means.config.responseType === 'stream';
    this.raceUntil = this.isStream ? ((options === false ? undefined : options.raceUntil) ?? 'headers') : 'body';
    this.signal = means.caller.signal;
    this.means = means;
    this.sending = new Sending(means, request.url);
    this.drainsLosers = options !== false && options.drainLosers;
  }

  bypass(): Promise<AxiosResponse> {
    return this.sending.alone();
  }

  start(attempt: AttemptContext): Promise<AxiosResponse> {
    const sent = this.sending.attempt(attempt);
    const { isStream, raceUntil } = this;
    return isStream && raceUntil !== 'headers' ? sent.then((response) => this.readAhead(response, raceUntil)) : sent;
  }

  /** Once, where two attempts are given one and the same response. */
  private readAhead(response: AxiosResponse, until: Exclude<RaceUntil, 'headers'>): Promise<AxiosResponse> {
    const all = (this.ahead ??= new Map<AxiosResponse, Promise<AxiosResponse>>());
    const known = all.get(response);
    if (known !== undefined) return known;
    const ahead = readAhead(response, until, this.means.config);
    all.set(response, ahead);
    return ahead;
  }

  hasRoom(steered?: Steered): boolean {
    const { config, sender } = this.means;
    return !sender.usesAgents || hasRoom(config, this.request.url, steered, this.sending.hasPrimaryEnded);
  }

  statusOf(settled: Settled<AxiosResponse>): number | undefined {
    const status = memberOf(responseOf(settled), 'status');
    return typeof status === 'number' ? status : undefined;
  }

  headerOf(settled: Settled<AxiosResponse>, name: string): string | undefined {
    return headerText(memberOf(responseOf(settled), 'headers'), name);
  }

  keep(settled: Settled<AxiosResponse>, giveUp: () => void): void {
    this.kept = contentOf(settled);
    const response = responseOf(settled);
    if (!isBody(memberOf(response, 'data'))) return;
    // Whoever has not asked for a stream, and gets one all the same, is not told apart from others when it is delivered.
    if (this.isStream) this.keptBody = keepBody(response, giveUp);
    else giveUp();
  }

  discard(settled: Settled<AxiosResponse>): Promise<void> | undefined {
    if (this.kept !== undefined && this.kept === contentOf(settled)) {
      this.keptBody?.abandon();
      this.keptBody = undefined;
    }
    const response = responseOf(settled);
    return response === undefined ? undefined : this.sending.discard(response, this.drainsLosers);
  }

  whenReleased(response: AxiosResponse, release: () => void): void {
    const letGo = this.means.caller.hold();
    watchBody(response, () => {
      release();
      letGo();
    });
  }

  timeoutError(timeoutMs: number): AxiosError {
    return this.sending.timeOut(timeoutMs);
  }

  /** The call as axios is to see it end. */
  deliver(run: Promise<AxiosResponse>): Promise<AxiosResponse> {
    if (!this.isStream && this.signal === undefined) return run;
    return run.then(
      (response) => {
        this.onDelivered(response);
        return response;
      },
      (error: unknown) => {
        this.onDelivered(error);
        throw error;
      },
    );
  }

  private onDelivered(outcome: unknown): void {
    const { kept, keptBody, means, signal } = this;
    if (keptBody !== undefined) {
      keptBody.handOver();
      means.afterPoll(() => keptBody.reveal());
    }
    if (kept !== undefined && kept === outcome && signal?.aborted === true) means.afterPoll(hideTimeout(means.config));
  }
}

function contentOf(settled: Settled<AxiosResponse>): unknown {
  return settled.ok ? settled.value : settled.error;
}
