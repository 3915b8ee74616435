import type { Message } from '@bufbuild/protobuf';
import type { AttemptContext } from '@hedgerow/core';
import { PREVIOUS_ATTEMPTS } from '@hedgerow/core/adapter';
import { isPlainGrpc, type ConnectRequest } from './describe.js';
import { iterate, type SentMessage } from './message.js';

/** What the attempts of a call are made of, put aside before its primary is sent: transports and interceptors write into the headers that they get. */
export class Template {
  readonly #request: ConnectRequest;
  readonly #only: Message;
  readonly #sent: SentMessage;
  readonly #header: Headers;

  /** @param only - the message of the call, `sent` put aside. */
  constructor(request: ConnectRequest, only: Message, sent: SentMessage) {
    this.#request = request;
    this.#only = only;
    this.#sent = sent;
    this.#header = new Headers(request.header);
  }

  /** The request of one attempt. The primary's is the caller's own, as long as nothing is added to it. */
  for(attempt: AttemptContext, signal: AbortSignal): ConnectRequest {
    const header = this.#headerFor(attempt);
    const message = attempt.isHedge ? this.#sent.copy() : this.#only;
    return { ...this.#request, signal, header, message: this.#request.stream ? iterate([message]) : message } as ConnectRequest;
  }

  #headerFor({ isHedge, number, delayMs, headers }: AttemptContext): Headers {
    if (!isHedge && headers === undefined) return this.#request.header;
    const header = new Headers(this.#header);
    for (const name in headers) header.set(name, headers[name] ?? '');
    if (!isHedge) return header;
    if (isPlainGrpc(header)) header.set(PREVIOUS_ATTEMPTS, String(number));
    shortenTimeout(header, delayMs);
    return header;
  }
}

/** What Connect's protocol and gRPC's call the time that a call has. */
const TIMEOUTS = { 'connect-timeout-ms': /^(\d+)()$/, 'grpc-timeout': /^(\d+)(m)$/ } as const;

/** A hedge has what is left of its call's time. */
function shortenTimeout(header: Headers, elapsedMs: number): void {
  for (const [name, form] of Object.entries(TIMEOUTS)) {
    const [, ms, unit = ''] = form.exec(header.get(name) ?? '') ?? [];
    if (ms !== undefined) header.set(name, `${Math.max(1, Math.ceil(Number(ms) - elapsedMs))}${unit}`);
  }
}
