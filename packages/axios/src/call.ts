import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { destroyBody, drainBody, type AttemptContext, type HedgeCall, type HedgeRequest, type RaceUntil, type ResolvedHedgeOptions, type Settled } from '@hedgerow/core';
import { attemptConfig } from './attempt.js';
import { watchBody } from './body.js';
import type { Caller } from './caller.js';
import { headerText } from './headers.js';
import { Loan } from './loan.js';
import type { Sender } from './options.js';
import { readAhead } from './read-ahead.js';
import { requestOf, responseOf, Restorer } from './outcome.js';
import { ProgressRelay } from './progress.js';
import { AxiosHedgeRequest } from './request.js';
import { isOwnHeader } from './steered.js';
import { timeoutError } from './timeout.js';

/** Tells the scheduler how to send one axios request, several times if need be. One object: closures cost a request more. */
export class AxiosCall implements HedgeCall<AxiosResponse> {
  readonly request: HedgeRequest;
  readonly raceUntil: RaceUntil;
  readonly signal: AbortSignal | undefined;
  /** Whether more is raced to than axios waits for. */
  private readonly isReadAhead: boolean;
  private readonly config: InternalAxiosRequestConfig;
  private readonly sender: Sender;
  private readonly caller: Caller;
  private readonly progress: ProgressRelay | undefined;
  /** The caller's config, while the primary uses it. */
  private loan: Loan | undefined = undefined;
  private timedOut: AxiosError | undefined = undefined;

  constructor(config: InternalAxiosRequestConfig, sender: Sender, caller: Caller, options: ResolvedHedgeOptions | false) {
    this.request = new AxiosHedgeRequest(config);
    this.raceUntil = config.responseType === 'stream' ? ((options === false ? undefined : options.raceUntil) ?? 'headers') : 'body';
    this.isReadAhead = config.responseType === 'stream' && this.raceUntil !== 'headers';
    this.signal = caller.signal;
    this.config = config;
    this.sender = sender;
    this.caller = caller;
    this.progress = ProgressRelay.of(config);
  }

  bypass(): Promise<AxiosResponse> {
    return this.sender.send(this.config);
  }

  start(attempt: AttemptContext): Promise<AxiosResponse> {
    const sent = attempt.isHedge || this.progress !== undefined ? this.sendCopy(attempt) : this.sendOwn(attempt);
    const { config, raceUntil } = this;
    return this.isReadAhead && raceUntil !== 'headers' ? sent.then((response) => readAhead(response, raceUntil, config)) : sent;
  }

  statusOf(settled: Settled<AxiosResponse>): number | undefined {
    return responseOf(settled)?.status;
  }

  headerOf(settled: Settled<AxiosResponse>, name: string): string | undefined {
    return headerText(responseOf(settled)?.headers, name);
  }

  discard(settled: Settled<AxiosResponse>): Promise<void> | undefined {
    return drainBody(responseOf(settled)?.data);
  }

  whenReleased(response: AxiosResponse, release: () => void): void {
    const letGo = this.caller.hold();
    watchBody(response, () => {
      release();
      letGo();
    });
  }

  timeoutError(timeoutMs: number): AxiosError {
    this.loan?.giveBack();
    return (this.timedOut = timeoutError(this.config, timeoutMs));
  }

  /** The primary is sent with the caller's own config: most calls have no other attempt, and a copy would be their largest cost. */
  private sendOwn(attempt: AttemptContext): Promise<AxiosResponse> {
    const { config, sender } = this;
    const loan = (this.loan = new Loan(config, this.signalOf(attempt), attempt.headers));
    return sender.send(config).then(
      (response) => {
        loan.giveBack();
        if (attempt.aborted) destroyBody(response.data);
        return response;
      },
      (error: unknown) => {
        loan.giveBack();
        this.noteRequest(error);
        throw error;
      },
    );
  }

  private sendCopy(attempt: AttemptContext): Promise<AxiosResponse> {
    const { config, loan, progress, sender } = this;
    const headers = loan?.headers ?? config.headers;
    const sent = attemptConfig(config, headers, attempt, this.signalOf(attempt), progress);
    const restorer = new Restorer(config, headers, sent, (name) => isOwnHeader(attempt, name));
    return sender.send(sent).then(
      (response) => {
        loan?.giveBack();
        restorer.response(response);
        if (attempt.aborted) destroyBody(response.data);
        return response;
      },
      (error: unknown) => {
        loan?.giveBack();
        restorer.error(error);
        this.noteRequest(error);
        throw error;
      },
    );
  }

  /** axios' own adapters take anything that looks like a signal, as an attempt does; others may insist on the platform's. */
  private signalOf(attempt: AttemptContext): AttemptContext | AbortSignal {
    return this.sender.takesAnySignal ? attempt : attempt.signal;
  }

  private noteRequest(error: unknown): void {
    if (this.timedOut !== undefined) this.timedOut.request ??= requestOf(error);
  }
}
