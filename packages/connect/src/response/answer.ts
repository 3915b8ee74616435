import { ConnectError } from '@connectrpc/connect';
import type { HedgeInfo, Settled } from '@hedgerow/core';
import { attachInfo, reserveInfo } from '@hedgerow/core/adapter';
import type { ConnectResponse, StreamResponse } from '../request/describe.js';
import { brokenStream } from './begun-stream.js';

/** What an attempt answered, as far as the race waits for it; what `accept` finds in `response`. */
export interface ConnectAnswer {
  /** The first message; `undefined` if the call ended without one. */
  readonly message: unknown;
  /** What the server sent before the first message; `undefined` of an error, whose `metadata` has it, unless a stream broke behind it. */
  readonly header: Headers | undefined;
  /** What came behind it; empty while a stream has only begun. */
  readonly trailer: Headers | undefined;
  /** An error that decides the call; `undefined` of a good answer. */
  readonly error: unknown;
}

/** A {@link ConnectAnswer}, with what the caller is given of it. */
export class Answer implements ConnectAnswer {
  readonly message: unknown;
  readonly error: unknown;
  readonly #response: ConnectResponse | undefined;
  readonly #hasFailed: boolean;

  private constructor(response: ConnectResponse | undefined, message: unknown, failure?: { readonly error: unknown }) {
    this.#response = response;
    this.message = message;
    this.error = failure?.error;
    this.#hasFailed = failure !== undefined;
  }

  static of(response: ConnectResponse, message: unknown): Answer {
    return new Answer(response, message);
  }

  /** @param begun - the response whose stream has failed before its first message; `undefined` if there was none. */
  static failed(error: unknown, begun?: StreamResponse): Answer {
    return new Answer(begun && { ...begun, message: brokenStream(error) }, undefined, { error });
  }

  get header(): Headers | undefined {
    return this.#response?.header;
  }

  get trailer(): Headers | undefined {
    return this.#response?.trailer;
  }

  get code(): number {
    return this.#hasFailed ? codeOf(this.error) : 0;
  }

  /**
   * What the caller is given, with information on what hedging did. Messages are left alone: they are the user's data. The header is what `onHeader` is told.
   *
   * @throws the error that decided the call, unless it is the stream's that it returns.
   */
  deliver(info: HedgeInfo | undefined): ConnectResponse {
    const response = this.#response;
    if (info !== undefined) for (const carrier of [response, response?.header, this.error]) attach(carrier, info);
    if (response === undefined) throw this.error;
    return response;
  }
}

function attach(carrier: unknown, info: HedgeInfo): void {
  if (typeof carrier !== 'object' || carrier === null) return;
  reserveInfo(carrier);
  attachInfo(carrier, info);
}

/** Transports may fail with what is no error of Connect: what the caller makes of it counts. */
export function codeOf(error: unknown): number {
  return ConnectError.from(error).code;
}

/** A header or a trailer of an outcome. */
export function headerOf(settled: Settled<Answer>, name: string): string | undefined {
  const error: unknown = settled.ok ? settled.value.error : settled.error;
  if (error instanceof ConnectError) return error.metadata.get(name) ?? undefined;
  return settled.ok ? (settled.value.header?.get(name) ?? settled.value.trailer?.get(name) ?? undefined) : undefined;
}

/** Whether an answer came by HTTP/1.1, which has a connection for each request: HTTP/2 knows no such headers. */
export function isPlain(header: Headers | undefined): boolean {
  return header?.has('connection') === true || header?.has('transfer-encoding') === true || header?.has('keep-alive') === true;
}
