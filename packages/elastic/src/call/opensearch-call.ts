import type { ClientRequest } from 'node:http';
import type { AttemptContext, RaceUntil } from '@hedgerow/core';
import { CallerAbort } from '@hedgerow/core/adapter';
import { timeLeftMs } from '../attempt/time-left.js';
import { abortedError } from '../caller/aborted.js';
import type { Abortable, OpenSearchAnswer, OpenSearchConnection, WireParams } from '../client.js';
import { HeardBody } from '../response/held-body.js';
import { readAhead, withHead } from '../response/read-ahead.js';
import { NodeCall, type CallSetup } from './node-call.js';

/** One request of OpenSearch's transport to a node. Its connection calls back with the head; the body is read ahead here unless the caller wants the stream. */
export class OpenSearchCall extends NodeCall<OpenSearchAnswer, OpenSearchConnection> implements Abortable {
  readonly raceUntil: RaceUntil;
  readonly signal: CallerAbort = new CallerAbort();
  /** What sending the primary threw: the caller's own mistake, which is thrown at him as without hedging. */
  thrown: { readonly error: unknown } | undefined = undefined;
  private readonly isStream: boolean;
  /** What was sent alone. */
  private alone: Abortable | undefined = undefined;

  constructor(setup: CallSetup<OpenSearchConnection>) {
    super(setup);
    this.isStream = setup.exchange.meta.request.options?.asStream === true;
    this.raceUntil = this.isStream ? 'headers' : 'body';
  }

  /** The caller gives up. */
  abort(): void {
    this.signal.abort(abortedError());
    this.alone?.abort();
  }

  bypass(): Promise<OpenSearchAnswer> {
    const { connection, params } = this.setup;
    return new Promise((resolve, reject) => {
      this.alone = ask(connection, params, resolve, reject);
    });
  }

  protected override send(connection: OpenSearchConnection, params: WireParams, attempt: AttemptContext): Promise<OpenSearchAnswer> {
    const sent = attempt.isHedge ? { ...params, timeout: timeLeftMs(params.timeout, attempt.delayMs) } : params;
    return new Promise((resolve, reject) => {
      try {
        const request = ask(connection, sent, (answer) => resolve(this.isStream ? answer : readAhead(answer, attempt)), reject);
        attempt.onAbort(() => request.abort());
      } catch (error) {
        if (!attempt.isHedge) this.thrown = { error };
        reject(error);
      }
    });
  }

  protected override openBodyOf(answer: OpenSearchAnswer): OpenSearchAnswer | undefined {
    return answer instanceof HeardBody ? undefined : answer;
  }

  /** The answer as its caller is to get it. */
  kept(answer: OpenSearchAnswer): OpenSearchAnswer {
    const body = this.heldBodyOf(answer);
    return body === undefined ? answer : withHead(body, answer);
  }
}

function ask(connection: OpenSearchConnection, params: WireParams, onAnswer: (answer: OpenSearchAnswer) => void, onError: (error: unknown) => void): Abortable {
  const request = connection.request(params, (error, answer) => (answer === null ? onError(error) : onAnswer(answer)));
  // Before 3.6 the client listens for errors until the head has come: a copy that is cut off later would end the process.
  (request as Partial<ClientRequest>).on?.('error', ignore);
  return request;
}

function ignore(): void {
  // Whoever reads the answer is told of it.
}
