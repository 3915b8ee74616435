import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { HedgeCall } from '@hedgerow/core';
import { attemptConfig } from './attempt.js';
import { destroyBody, drainBody, watchBody } from './body.js';
import type { Caller } from './caller.js';
import { requestOf, responseOf, Restorer } from './outcome.js';
import { describeRequest } from './request.js';
import { headerText } from './headers.js';
import type { Sender } from './options.js';
import { ProgressRelay } from './progress.js';
import { LightSignal } from './signal.js';
import { timeoutError } from './timeout.js';

/** Tells the scheduler how to send one axios request, several times if need be. Functions, not methods: they may be taken apart. */
export function axiosCall(config: InternalAxiosRequestConfig, sender: Sender, caller: Caller): HedgeCall<AxiosResponse> {
  const { send } = sender;
  const progress = ProgressRelay.of(config);
  let timedOut: AxiosError | undefined;

  return {
    request: describeRequest(config),
    raceUntil: config.responseType === 'stream' ? 'headers' : 'body',
    signal: caller.signal,
    bypass: () => send(config),
    start(attempt) {
      const signal = sender.takesAnySignal ? new LightSignal(attempt) : attempt.signal;
      const sent = attemptConfig(config, attempt, signal, progress);
      const restorer = new Restorer(config, sent, attempt.headers);
      return send(sent).then(
        (response) => {
          restorer.response(response);
          if (signal.aborted) destroyBody(response);
          return response;
        },
        (error: unknown) => {
          restorer.error(error);
          if (timedOut !== undefined) timedOut.request ??= requestOf(error);
          throw error;
        },
      );
    },
    statusOf: (settled) => responseOf(settled)?.status,
    headerOf: (settled, name) => headerText(responseOf(settled)?.headers, name),
    discard: (settled) => drainBody(responseOf(settled)),
    whenReleased(response, release) {
      const letGo = caller.hold();
      watchBody(response, () => {
        release();
        letGo();
      });
    },
    timeoutError: (timeoutMs) => (timedOut = timeoutError(config, timeoutMs)),
  };
}
