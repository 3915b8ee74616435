import type { AxiosError, AxiosResponse } from 'axios';
import { type AttemptContext, type HedgeCall, type HedgeRequest, type RaceUntil, type ResolvedHedgeOptions, type Settled, type Steered } from '@hedgerow/core';
import { untilOf, type Until } from '@hedgerow/core/adapter';
import { hasRoom } from '../attempt/agent-pool.js';
import { hideAbort } from '../caller/hidden-abort.js';
import { headerText } from '../request/headers.js';
import { keepBody } from '../response/keep-body.js';
import type { KeptBody } from '../response/kept-body.js';
import { responseOf } from '../response/outcome.js';
import { readAhead } from '../response/read-ahead.js';
import { isBody, watchBody } from '../response/watched-body.js';
import { safeGet } from '../safe-access.js';
import { Attempts, type CallSetup } from './attempts.js';

/** Tells the scheduler how to send one axios request, several times if need be. One object: closures cost a request more. */
export class AxiosCall implements HedgeCall<AxiosResponse> {
  readonly request: HedgeRequest;
  readonly raceUntil: RaceUntil;
  readonly signal: AbortSignal | undefined;
  private readonly setup: CallSetup;
  private readonly attempts: Attempts;
  private readonly isStream: boolean;
  private readonly until: Until | undefined;
  private readonly drainsLosers: boolean;
  /** The primary's outcome, while hedges may still do better: its value or error. */
  private kept: unknown = undefined;
  private keptBody: KeptBody | undefined = undefined;
  /** Responses whose bodies are, or have been, waited for. */
  private ahead: Map<AxiosResponse, Promise<AxiosResponse>> | undefined = undefined;

  constructor(request: HedgeRequest, setup: CallSetup, hedgeOptions: ResolvedHedgeOptions | false) {
    this.request = request;
    this.isStream = setup.config.responseType === 'stream';
    this.raceUntil = this.isStream ? ((hedgeOptions === false ? undefined : hedgeOptions.raceUntil) ?? 'headers') : 'body';
    this.until = this.isStream ? untilOf(hedgeOptions) : undefined;
    this.signal = setup.caller.signal;
    this.setup = setup;
    this.attempts = new Attempts(setup, request.url);
    this.drainsLosers = hedgeOptions !== false && hedgeOptions.drainLosers;
  }

  bypass(): Promise<AxiosResponse> {
    return this.attempts.sendAlone();
  }

  start(attempt: AttemptContext): Promise<AxiosResponse> {
    const sent = this.attempts.start(attempt);
    const { until } = this;
    return until === undefined ? sent : sent.then((response) => this.readAhead(response, until));
  }

  /** Once, where two attempts are given one and the same response. */
  private readAhead(response: AxiosResponse, until: Until): Promise<AxiosResponse> {
    const all = (this.ahead ??= new Map<AxiosResponse, Promise<AxiosResponse>>());
    const known = all.get(response);
    if (known !== undefined) return known;
    const ahead = readAhead(response, until, this.setup.config);
    all.set(response, ahead);
    return ahead;
  }

  hasRoom(steered?: Steered): boolean {
    const { config, inner } = this.setup;
    return !inner.usesAgents || hasRoom(config, this.request.url, steered, this.attempts.hasPrimaryEnded);
  }

  statusOf(settled: Settled<AxiosResponse>): number | undefined {
    const status = safeGet(responseOf(settled), 'status');
    return typeof status === 'number' ? status : undefined;
  }

  headerOf(settled: Settled<AxiosResponse>, name: string): string | undefined {
    return headerText(safeGet(responseOf(settled), 'headers'), name);
  }

  keep(settled: Settled<AxiosResponse>, giveUp: () => void): void {
    this.kept = contentOf(settled);
    const response = responseOf(settled);
    if (!isBody(safeGet(response, 'data'))) return;
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
    return response === undefined ? undefined : this.attempts.discard(response, this.drainsLosers);
  }

  whenReleased(response: AxiosResponse, release: () => void): void {
    const unfollow = this.setup.caller.followBody();
    watchBody(response, () => {
      release();
      unfollow();
    });
  }

  timeoutError(timeoutMs: number): AxiosError {
    return this.attempts.timeoutError(timeoutMs);
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
    const { kept, keptBody, setup, signal } = this;
    if (keptBody !== undefined) {
      keptBody.handOver();
      setup.afterPoll(() => keptBody.reveal());
    }
    if (kept !== undefined && kept === outcome && signal?.aborted === true) setup.afterPoll(hideAbort(setup.config));
  }
}

function contentOf(settled: Settled<AxiosResponse>): unknown {
  return settled.ok ? settled.value : settled.error;
}
