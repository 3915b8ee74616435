import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { AttemptContext, HedgeCall, HedgeRequest, RaceUntil, Settled } from '@hedgerow/core';
import { attemptConfig } from './attempt.js';
import { destroyBody, drainBody, watchBody } from './body.js';
import type { Caller } from './caller.js';
import { headerText } from './headers.js';
import type { Sender } from './options.js';
import { requestOf, responseOf, Restorer } from './outcome.js';
import { ProgressRelay } from './progress.js';
import { describeRequest } from './request.js';
import { LightSignal } from './signal.js';
import { timeoutError } from './timeout.js';

/** Tells the scheduler how to send one axios request, several times if need be. */
export class AxiosCall implements HedgeCall<AxiosResponse> {
  readonly request: HedgeRequest;
  readonly raceUntil: RaceUntil;
  readonly signal: AbortSignal | undefined;
  private readonly config: InternalAxiosRequestConfig;
  private readonly sender: Sender;
  private readonly caller: Caller;
  private readonly progress: ProgressRelay | undefined;
  private timedOut: AxiosError | undefined = undefined;

  constructor(config: InternalAxiosRequestConfig, sender: Sender, caller: Caller) {
    this.request = describeRequest(config);
    this.raceUntil = config.responseType === 'stream' ? 'headers' : 'body';
    this.signal = caller.signal;
    this.config = config;
    this.sender = sender;
    this.caller = caller;
    this.progress = ProgressRelay.of(config);
  }

  start(attempt: AttemptContext): PromiseLike<AxiosResponse> {
    const { send, takesAnySignal } = this.sender;
    const signal = takesAnySignal ? new LightSignal(attempt) : attempt.signal;
    const sent = attemptConfig(this.config, attempt, signal, this.progress);
    const restorer = new Restorer(this.config, sent, attempt.headers);
    return send(sent).then(
      (response) => {
        restorer.response(response);
        if (signal.aborted) destroyBody(response);
        return response;
      },
      (error: unknown) => {
        restorer.error(error);
        if (this.timedOut !== undefined) this.timedOut.request ??= requestOf(error);
        throw error;
      },
    );
  }

  bypass(): PromiseLike<AxiosResponse> {
    return this.sender.send(this.config);
  }

  statusOf(settled: Settled<AxiosResponse>): number | undefined {
    return responseOf(settled)?.status;
  }

  headerOf(settled: Settled<AxiosResponse>, name: string): string | undefined {
    return headerText(responseOf(settled)?.headers, name);
  }

  discard(settled: Settled<AxiosResponse>): void {
    drainBody(responseOf(settled));
  }

  whenReleased(response: AxiosResponse, release: () => void): void {
    const letGo = this.caller.hold();
    watchBody(response, () => {
      release();
      letGo();
    });
  }

  timeoutError(timeoutMs: number): AxiosError {
    return (this.timedOut = timeoutError(this.config, timeoutMs));
  }
}
